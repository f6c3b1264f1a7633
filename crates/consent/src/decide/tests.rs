use chrono::NaiveDate;
use solidarity_core::{
    ActorId, Channel, Language, MessageForm, PersonId, Purpose, Stamp, Validity, Version,
};
use uuid::Uuid;

use super::*;
use crate::{
    Answer, Basis, Budget, Collected, Condition, ControllerKind, GivenBy, NewConsent, NewPolicy,
    NoticeVersion, Period, Prohibition, Receipt, Recipient, Remedy, Reply, SpecialCategory,
    SpecialCondition, withdrawal_effect,
};

pub(super) static FIELDS: [FieldName; 3] = [
    FieldName::from_static("disability"),
    FieldName::from_static("name"),
    FieldName::from_static("phone"),
];
pub(super) static PURPOSES: [Purpose; 2] = [
    Purpose::from_static("outreach"),
    Purpose::from_static("payment"),
];
pub(super) static RECIPIENTS: [Recipient; 2] = [
    Recipient::from_static("bank"),
    Recipient::from_static("clinic"),
];

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

pub(super) fn stamp(seconds: i64) -> Stamp {
    let actor = ActorId::from_uuid(Uuid::nil());
    Stamp::new(at(seconds), actor, Purpose::from_static("desk"))
}

pub(super) fn always() -> Validity {
    Validity::since(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap())
}

fn subject() -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(1))
}

pub(super) fn collected(by: GivenBy) -> Collected {
    Collected::new(by, Channel::InPerson, MessageForm::Text)
}

pub(super) fn request(purpose: &Purpose, recipient: &Recipient, fields: &[FieldName]) -> Request {
    let fields = fields.iter().cloned();
    Request::new(subject(), purpose.clone(), recipient.clone(), fields).unwrap()
}

pub(super) fn terms(n: u128, wanted: &Request, from: i64, until: i64) -> NewConsent {
    NewConsent::new(
        ConsentId::from_uuid(Uuid::from_u128(n)),
        wanted,
        Period::new(at(from), at(until)).unwrap(),
        NoticeVersion::from_static("1"),
        Language::from_static("sw"),
    )
    .kept_for_days(30)
}

fn policy(statements: Vec<BasisStatement>, special: bool) -> Policy {
    let ministry = Recipient::from_static("ministry");
    let mut new = NewPolicy::new(Version::FIRST, ministry, ControllerKind::Other);
    new.statements = statements;
    if special {
        new = new.with_special(FIELDS[0].clone(), SpecialCategory::HEALTH);
    }
    Policy::new(new).unwrap()
}

pub(super) fn bases() -> [Basis; 6] {
    let balancing_test = "test 7".to_owned();
    [
        Basis::PublicTask,
        Basis::LegalObligation,
        Basis::VitalInterest,
        Basis::Contract,
        Basis::LegitimateInterest { balancing_test },
        Basis::Consent,
    ]
}

/// What a person said, for the table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Nothing,
    Asked,
    No,
    Yes,
    YesExplicitly,
    YesToLater,
    YesLongAgo,
    YesByFormerGuardian,
    YesTakenBack,
    YesReplaced,
    YesSpent,
}

const SAID: [Said; 11] = [
    Said::Nothing,
    Said::Asked,
    Said::No,
    Said::Yes,
    Said::YesExplicitly,
    Said::YesToLater,
    Said::YesLongAgo,
    Said::YesByFormerGuardian,
    Said::YesTakenBack,
    Said::YesReplaced,
    Said::YesSpent,
];

impl Said {
    /// The consents that say it, at 100 seconds.
    fn consents(self, wanted: &Request) -> Vec<Consent> {
        let guardian = GivenBy::Guardian {
            person: PersonId::from_uuid(Uuid::from_u128(2)),
            until: at(50),
        };
        let own = || collected(GivenBy::Subject);
        let (from, until) = match self {
            Self::YesToLater => (101, 1_000),
            Self::YesLongAgo => (0, 100),
            _ => (0, 1_000),
        };
        let asked = terms(1, wanted, from, until).at_most(Budget::new(2, 60).unwrap());
        let new = match self {
            Self::Nothing => return Vec::new(),
            Self::Asked => asked,
            Self::No => asked.answered(Reply::refused(own())),
            Self::YesExplicitly => asked.answered(Reply::given_explicitly(own())),
            Self::YesByFormerGuardian => asked.answered(Reply::given(collected(guardian))),
            _ => asked.answered(Reply::given(own())),
        };
        let consent = Consent::record(&new, &stamp(1)).unwrap();
        vec![match self {
            Self::YesTakenBack => consent.with_withdrawal(&own(), &stamp(2)).unwrap(),
            Self::YesReplaced => {
                consent.with_successor(ConsentId::from_uuid(Uuid::from_u128(9)), &stamp(2))
            }
            _ => consent,
        }]
    }

    fn uses(self) -> Uses {
        let consent = ConsentId::from_uuid(Uuid::from_u128(1));
        Uses::none().with(consent, if self == Self::YesSpent { 2 } else { 1 })
    }

    /// What it is worth where consent is needed: the model that the table is
    /// checked against.
    fn expected(self, explicit: bool) -> Option<Remedy> {
        match self {
            Self::YesExplicitly => None,
            Self::Yes if !explicit => None,
            Self::YesSpent if !explicit => Some(Remedy::Time),
            Self::Yes | Self::YesSpent => Some(Remedy::AskAnew),
            Self::Nothing | Self::YesReplaced => Some(Remedy::Ask),
            Self::Asked => Some(Remedy::TheirAnswer),
            Self::No | Self::YesTakenBack => Some(Remedy::TheirOwnMotion),
            Self::YesToLater => Some(Remedy::Time),
            Self::YesLongAgo | Self::YesByFormerGuardian => Some(Remedy::AskAnew),
        }
    }
}

#[test]
fn every_basis_by_what_was_said_by_category_by_recipient() {
    let field = &FIELDS[0];
    let mut seen = 0;
    for basis in bases() {
        for condition in [
            None,
            Some(SpecialCondition::SocialProtectionLaw),
            Some(SpecialCondition::ExplicitConsent),
        ] {
            let mut statement = BasisStatement::new("s", basis.clone(), "Act 1", always())
                .unwrap()
                .purposes([PURPOSES[0].clone()])
                .fields([field.clone()])
                .recipients([RECIPIENTS[1].clone()])
                .kept_for_days(365);
            if let Some(kind) = condition {
                let condition = Condition::new(kind, "Act 1, s. 9");
                statement = statement.on_condition(SpecialCategory::HEALTH, condition);
            }
            let policy = policy(vec![statement], condition.is_some());
            let explicit = condition == Some(SpecialCondition::ExplicitConsent);
            let needs_consent = basis.is_consent() || explicit;
            for recipient in &RECIPIENTS {
                for said in SAID {
                    let request = request(&PURPOSES[0], recipient, std::slice::from_ref(field));
                    let consents = said.consents(&request);
                    let decision = decide(&policy, &consents, &said.uses(), &request, at(100));
                    let expected = if *recipient != RECIPIENTS[1] {
                        Some(Remedy::LawfulBasis)
                    } else if needs_consent {
                        said.expected(explicit)
                    } else {
                        None
                    };
                    let found = decision.withheld().get(field);
                    let case = format!("{basis:?} {condition:?} {recipient} {said:?}");
                    assert_eq!(found.map(Reason::what_would_change_it), expected, "{case}");
                    assert_eq!(
                        decision.grants().len(),
                        usize::from(expected.is_none()),
                        "{case}"
                    );
                    for grant in decision.grants() {
                        assert_eq!(grant.consent.is_some(), needs_consent, "{case}");
                        let kept = if needs_consent { 30 } else { 365 };
                        assert_eq!(grant.retention_days, kept, "{case}");
                        assert_eq!(grant.basis, basis, "{case}");
                        assert_eq!(grant.special.is_empty(), condition.is_none(), "{case}");
                    }
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 6 * 3 * 2 * 11);
}

#[test]
fn law_comes_before_consent_wherever_it_stands_in_the_policy() {
    let covering = |id, basis| {
        BasisStatement::new(id, basis, "Act 1", always())
            .unwrap()
            .purposes([PURPOSES[0].clone()])
            .fields([FIELDS[1].clone()])
            .recipients([RECIPIENTS[1].clone()])
    };
    let policy = policy(
        vec![
            covering("asked", Basis::Consent),
            covering("law", Basis::LegalObligation),
        ],
        false,
    );
    let request = request(&PURPOSES[0], &RECIPIENTS[1], &FIELDS[1..2]);
    for said in SAID {
        let consents = said.consents(&request);
        let decision = decide(&policy, &consents, &said.uses(), &request, at(100));
        assert_eq!(decision.grants()[0].statement.as_str(), "law");
        assert!(decision.consents_used().is_empty());
    }
    assert!(
        policy
            .asks_consent_for(&request, at(100).date_naive())
            .is_empty()
    );
}

#[test]
fn a_prohibition_wins_over_law_and_consent_on_its_days() {
    let statement = BasisStatement::new("s", Basis::LegalObligation, "Act 1", always())
        .unwrap()
        .purposes([PURPOSES[0].clone()])
        .fields(FIELDS.clone())
        .recipients([RECIPIENTS[1].clone()]);
    let today = at(100).date_naive();
    let forbid = |validity| Prohibition::new("no", "Act 2", validity).unwrap();
    let yesterday = Validity::new(today.pred_opt().unwrap(), today.pred_opt()).unwrap();
    let of = |prohibition: Prohibition| {
        let ministry = Recipient::from_static("ministry");
        let new = NewPolicy::new(Version::FIRST, ministry, ControllerKind::PublicAuthority);
        Policy::new(new.with(statement.clone()).forbidding(prohibition)).unwrap()
    };
    let request = request(&PURPOSES[0], &RECIPIENTS[1], &FIELDS);
    for (prohibition, left) in [
        (forbid(always()), 0),
        (forbid(always()).fields([FIELDS[1].clone()]), 2),
        (forbid(always()).recipients([RECIPIENTS[1].clone()]), 0),
        (forbid(always()).recipients([RECIPIENTS[0].clone()]), 3),
        (forbid(always()).purposes([PURPOSES[1].clone()]), 3),
        (forbid(yesterday), 3),
    ] {
        let decision = decide(&of(prohibition), &[], &Uses::none(), &request, at(100));
        assert_eq!(decision.allowed_fields().len(), left);
        let remedies = decision
            .withheld()
            .values()
            .map(Reason::what_would_change_it);
        assert!(remedies.eq(std::iter::repeat_n(Remedy::ChangeOfLaw, 3 - left)));
        assert_eq!(decision.narrowed(), left == 2);
    }
}

#[test]
fn a_statement_holds_on_its_days() {
    let day = at(100).date_naive();
    let (before, after) = (day.pred_opt().unwrap(), day.succ_opt().unwrap());
    for (validity, held) in [
        (Validity::new(day, Some(day)).unwrap(), true),
        (Validity::new(before, Some(before)).unwrap(), false),
        (Validity::since(after), false),
    ] {
        let statement = BasisStatement::new("s", Basis::PublicTask, "Act 1", validity)
            .unwrap()
            .purposes([PURPOSES[0].clone()])
            .fields([FIELDS[1].clone()])
            .recipients([RECIPIENTS[0].clone()]);
        let request = request(&PURPOSES[0], &RECIPIENTS[0], &FIELDS[1..2]);
        let decision = decide(
            &policy(vec![statement], false),
            &[],
            &Uses::none(),
            &request,
            at(100),
        );
        assert_eq!(decision.withheld().is_empty(), held);
    }
}

#[test]
fn the_last_word_counts() {
    let statement = BasisStatement::new("s", Basis::Consent, "Act 1", always())
        .unwrap()
        .purposes([PURPOSES[0].clone()])
        .fields(FIELDS.clone())
        .recipients([RECIPIENTS[1].clone()]);
    let policy = policy(vec![statement], false);
    let (name, both) = (&FIELDS[1..2], &FIELDS[1..3]);
    let said = |n, fields: &[FieldName], answer, second| {
        let wanted = request(&PURPOSES[0], &RECIPIENTS[1], fields);
        let mut reply = Reply::given(collected(GivenBy::Subject));
        reply.answer = answer;
        let new = terms(n, &wanted, 0, 1_000).answered(reply);
        Consent::record(&new, &stamp(second)).unwrap()
    };
    use Answer::{Given, Refused};
    for (consents, allowed) in [
        // A no after a yes takes only what it is about.
        (
            vec![said(1, both, Given, 1), said(2, name, Refused, 2)],
            "phone",
        ),
        (
            vec![said(1, both, Refused, 1), said(2, name, Given, 2)],
            "name",
        ),
        (vec![said(1, both, Given, 2), said(2, both, Refused, 2)], ""),
        (
            vec![said(1, name, Given, 1), said(2, both, Given, 2)],
            "name phone",
        ),
    ] {
        let wanted = request(&PURPOSES[0], &RECIPIENTS[1], both);
        let decision = decide(&policy, &consents, &Uses::none(), &wanted, at(100));
        let found: Vec<_> = decision
            .allowed_fields()
            .iter()
            .map(|f| f.as_str())
            .collect();
        assert_eq!(found.join(" "), allowed);
    }
}

#[test]
fn a_withdrawal_says_what_goes_on_and_a_receipt_repeats_it() {
    let law = BasisStatement::new("pay", Basis::PublicTask, "Assistance Act, s. 12", always())
        .unwrap()
        .purposes([PURPOSES[1].clone()])
        .fields([FIELDS[1].clone()])
        .recipients([RECIPIENTS[0].clone()]);
    let asked = BasisStatement::new("outreach", Basis::Consent, "Data Act, s. 30", always())
        .unwrap()
        .purposes([PURPOSES[0].clone()])
        .fields(FIELDS.clone())
        .recipients([RECIPIENTS[1].clone()])
        .kept_for_days(90);
    let policy = policy(vec![law, asked], false);
    let wanted = request(&PURPOSES[0], &RECIPIENTS[1], &FIELDS[1..3]);
    let consents = Said::Yes.consents(&wanted);
    let id = consents[0].id();

    let effect = withdrawal_effect(&policy, &consents, id, at(100)).unwrap();
    assert_eq!(effect.stops, *wanted.fields());
    assert_eq!(effect.kept_days, 30);
    let goes_on: Vec<_> = effect
        .continues
        .iter()
        .map(|c| {
            (
                c.statement.as_str(),
                c.basis.code(),
                c.citation.as_str(),
                c.fields.len(),
            )
        })
        .collect();
    assert_eq!(
        goes_on,
        [("pay", "public_task", "Assistance Act, s. 12", 1)]
    );

    let receipt = Receipt::new(&policy, &consents, id, at(100)).unwrap();
    let said = |receipt: &Receipt, key: &str| {
        let lines = receipt.lines.iter().filter(|line| line.key.as_str() == key);
        lines.map(|line| line.values.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(receipt.standing, Standing::InForce);
    assert_eq!(said(&receipt, "receipt.given"), [""]);
    assert_eq!(said(&receipt, "receipt.fields"), ["name phone"]);
    assert_eq!(said(&receipt, "receipt.budget"), ["2 60"]);
    assert_eq!(said(&receipt, "receipt.benefit-unchanged"), [""]);
    let goes_on = ["bank payment public_task Assistance Act, s. 12"];
    assert_eq!(said(&receipt, "receipt.goes-on"), goes_on);

    let gone = consents[0]
        .with_withdrawal(&collected(GivenBy::Subject), &stamp(100))
        .unwrap();
    let again = withdrawal_effect(&policy, std::slice::from_ref(&gone), id, at(100)).unwrap();
    assert_eq!(again, effect, "told the same before and after");
    let receipt = Receipt::new(&policy, &[gone], id, at(101)).unwrap();
    assert_eq!(said(&receipt, "receipt.withdrawn"), [""]);
    assert_eq!(receipt.continues, effect.continues);
    assert!(withdrawal_effect(&policy, &[], id, at(100)).is_err());
}
