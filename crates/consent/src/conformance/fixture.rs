//! The policy, the people and the words of the kit.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use solidarity_core::{
    ActorId, Channel, ConsentId, Language, MessageForm, Page, PersonId, Purpose, Stamp, Validity,
    Version,
};

use crate::{
    Basis, BasisStatement, Budget, Collected, Condition, ConsentStore, ConsentStoreExt,
    ControllerKind, Decision, FieldName, GivenBy, NewConsent, NewPolicy, NewUse, NoticeVersion,
    Outcome, Period, Policy, Reason, Recipient, Reply, Request, SpecialCategory, SpecialCondition,
    UseId,
};

const NAME: FieldName = FieldName::from_static("name");
const PHONE: FieldName = FieldName::from_static("phone");
const HEALTH: FieldName = FieldName::from_static("disability");
const OUTREACH: Purpose = Purpose::from_static("health-outreach");
const PAYMENT: Purpose = Purpose::from_static("payment");
const CLINIC: Recipient = Recipient::from_static("clinic");
const BANK: Recipient = Recipient::from_static("bank");

/// Payment rests on law, outreach on consent.
pub(super) fn policy() -> Policy {
    let since = Validity::since(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap());
    let statement = |id, basis| BasisStatement::new(id, basis, "Act 1", since).unwrap();
    let ministry = Recipient::from_static("ministry");
    let condition = Condition::new(SpecialCondition::ExplicitConsent, "Act 1, s. 9");
    Policy::new(
        NewPolicy::new(Version::FIRST, ministry, ControllerKind::PublicAuthority)
            .with_special(HEALTH, SpecialCategory::HEALTH)
            .with(
                statement("pay", Basis::PublicTask)
                    .purposes([PAYMENT])
                    .fields([NAME])
                    .recipients([BANK]),
            )
            .with(
                statement("outreach", Basis::Consent)
                    .purposes([OUTREACH])
                    .fields([NAME, PHONE, HEALTH])
                    .recipients([CLINIC])
                    .kept_for_days(90)
                    .on_condition(SpecialCategory::HEALTH, condition),
            ),
    )
    .unwrap()
}

/// The moment `seconds` after the kit's first.
pub(super) fn later(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap() + TimeDelta::seconds(seconds)
}

/// A stamp of that moment.
pub(super) fn stamp(seconds: i64) -> Stamp {
    let actor = ActorId::derive(&ActorId::from_uuid(uuid::Uuid::nil()), "officer");
    Stamp::new(later(seconds), actor, Purpose::from_static("consent-desk"))
}

pub(super) fn by_hand() -> Collected {
    Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Text)
}

pub(super) fn by_voice() -> Collected {
    Collected::new(GivenBy::Subject, Channel::Call, MessageForm::Voice)
}

/// The clinic wants a person's name and telephone.
pub(super) fn wanted(subject: PersonId) -> Request {
    Request::new(subject, OUTREACH, CLINIC, [NAME, PHONE]).unwrap()
}

/// The clinic also wants to know of a disability.
pub(super) fn wanted_special(subject: PersonId) -> Request {
    Request::new(subject, OUTREACH, CLINIC, [NAME, HEALTH]).unwrap()
}

pub(super) fn asked_for(id: ConsentId, wanted: &Request) -> NewConsent {
    let (notice, language) = (
        NoticeVersion::from_static("2026-1"),
        Language::from_static("sw"),
    );
    let period = Period::days(later(0), 365).unwrap();
    NewConsent::new(id, wanted, period, notice, language).kept_for_days(30)
}

pub(super) fn asked(subject: PersonId) -> NewConsent {
    asked_for(ConsentId::generate(), &wanted(subject))
}

pub(super) fn given(subject: PersonId) -> NewConsent {
    asked(subject).answered(Reply::given(by_hand().with_evidence("form 12")))
}

pub(super) fn refused(subject: PersonId) -> NewConsent {
    asked(subject).answered(Reply::refused(by_voice()))
}

/// A yes to so many uses within so many seconds.
pub(super) fn limited(subject: PersonId, uses: u32, window_seconds: u32) -> NewConsent {
    given(subject).at_most(Budget::new(uses, window_seconds).unwrap())
}

pub(super) fn use_of(subject: PersonId) -> NewUse {
    NewUse::new(UseId::generate(), wanted(subject))
}

pub(super) fn use_by_law(subject: PersonId) -> NewUse {
    let request = Request::new(subject, PAYMENT, BANK, [NAME]).unwrap();
    NewUse::new(UseId::generate(), request)
}

/// A fresh use of what the clinic wants, decided at that second.
pub(super) async fn decision(store: &dyn ConsentStore, subject: PersonId, second: i64) -> Decision {
    store
        .check_and_use_one(&use_of(subject), &policy(), &stamp(second))
        .await
        .unwrap()
}

pub(super) fn permitted(decision: &Decision) -> bool {
    matches!(decision.outcome(), Outcome::Permit { .. })
}

/// Why a denial withholds the first field.
pub(super) fn denied(decision: &Decision) -> &Reason {
    assert!(decision.grants().is_empty(), "permitted: {decision:?}");
    decision.withheld().values().next().unwrap()
}

pub(super) async fn uses_of(store: &dyn ConsentStore, id: ConsentId) -> usize {
    let uses = store.uses(id, &Page::largest()).await.unwrap();
    assert_eq!(uses.next(), None);
    uses.items().len()
}
