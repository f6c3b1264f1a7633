//! Who takes part: seven households, the people of the office, one programme.
//!
//! Every id follows from a name, so that a saga that was killed finds the same
//! ones again.

use serde_json::json;
use solidarity_core::{
    ActorId, CaseId, Channel, Language, MessageForm, Money, PersonId, ProgrammeId, SafeContact,
    Sharing, UnitId, Uuid,
};
use solidarity_grievance::{Workflows, standard_workflow};
use solidarity_payments::{FinancialAddress, RailCode};
use solidarity_programme::Programme;
use solidarity_registry::{
    AttributeKind, AttributeName, AttributeSchema, IdentifierScheme, RoleRules, Rules, UnitKind,
};

pub(crate) const BANK: RailCode = RailCode::from_static("bank");
pub(crate) const POST: RailCode = RailCode::from_static("post-office");

pub(crate) const INCOME: AttributeName = AttributeName::from_static("income");
pub(crate) const CHILD_HEADED: AttributeName = AttributeName::from_static("child_headed");

/// The cases that are opened, and of which somebody keeps a receipt.
pub(crate) const CASES: [&str; 3] = ["letter", "tajiri", "neema"];

pub(crate) struct Household {
    pub(crate) name: &'static str,
    /// In a month, if it was stated.
    pub(crate) income: Option<&'static str>,
    pub(crate) child_headed: bool,
    pub(crate) members: &'static [Member],
}

pub(crate) struct Member {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) born: Option<&'static str>,
    pub(crate) role: &'static str,
    /// A telephone that nobody else uses.
    pub(crate) phone: Option<&'static str>,
}

const fn member(key: &'static str, name: &'static str, born: &'static str) -> Member {
    Member {
        key,
        name,
        born: Some(born),
        role: "child",
        phone: None,
    }
}

impl Member {
    const fn of_unknown_age(mut self) -> Self {
        self.born = None;
        self
    }

    const fn who_is(mut self, role: &'static str) -> Self {
        self.role = role;
        self
    }

    const fn with_phone(mut self, number: &'static str) -> Self {
        self.phone = Some(number);
        self
    }

    /// How they are safely reached, if a message can reach them alone.
    pub(crate) fn safe_contact(&self) -> Option<SafeContact> {
        let language = Language::from_static("sw");
        let sms = SafeContact::new(Channel::Sms, language, MessageForm::Text, Sharing::Private);
        Some(sms.with_address(self.phone?).unwrap())
    }
}

pub(crate) const HOUSEHOLDS: [Household; 7] = [
    // The head is fifteen. Of her brother one name is known and no age. An
    // aunt collects what they are given, and is not the head for that.
    Household {
        name: "juma",
        income: Some("400"),
        child_headed: true,
        members: &[
            member("asha", "Asha Juma", "2010-11").who_is("head"),
            member("tuti", "Tuti", "").of_unknown_age(),
            member("rehema", "Rehema Juma", "1984-05-12").who_is("collector"),
        ],
    },
    // She has one name, no document and no telephone.
    Household {
        name: "chausiku",
        income: Some("100"),
        child_headed: false,
        members: &[member("chausiku", "Chausiku", "1950").who_is("head")],
    },
    // His account is about to be closed.
    Household {
        name: "kito",
        income: Some("700"),
        child_headed: false,
        members: &[
            member("kito", "Kito Mwangi", "1955-02")
                .who_is("head")
                .with_phone("+254 700 000 001"),
            member("imani", "Imani", "2015"),
        ],
    },
    // Somebody will say that the house is empty.
    Household {
        name: "neema",
        income: Some("800"),
        child_headed: false,
        members: &[
            member("neema", "Neema Otieno", "1990-09-01")
                .who_is("head")
                .with_phone("+254 700 000 002"),
            member("bibi", "Bibi Otieno", "1948"),
        ],
    },
    // Eligible, and there is not money for all.
    Household {
        name: "zawadi",
        income: Some("900"),
        child_headed: false,
        members: &[
            member("zawadi", "Zawadi Were", "1988").who_is("head"),
            member("pendo", "Pendo", "2018"),
        ],
    },
    // Nobody asked what they live on.
    Household {
        name: "baraka",
        income: None,
        child_headed: false,
        members: &[
            member("baraka", "Baraka Odhiambo", "1992").who_is("head"),
            member("amani", "Amani", "2020"),
        ],
    },
    // Lives on more than the rule allows, and thinks that it is wrong.
    Household {
        name: "tajiri",
        income: Some("5000"),
        child_headed: false,
        members: &[
            member("tajiri", "Tajiri Kamau", "1980")
                .who_is("head")
                .with_phone("+254 700 000 003"),
            member("neno", "Neno", "2012"),
        ],
    },
];

/// Everybody who is registered.
pub(crate) fn people() -> impl Iterator<Item = &'static Member> {
    HOUSEHOLDS.iter().flat_map(|household| household.members)
}

pub(crate) fn programme_id() -> ProgrammeId {
    ProgrammeId::from_uuid(Uuid::from_u128(0x0190_f5c2_0000_7000_8000_0000_0000_0001))
}

pub(crate) fn person(key: &str) -> PersonId {
    PersonId::derive(&programme_id(), key)
}

pub(crate) fn unit(name: &str) -> UnitId {
    UnitId::derive(&programme_id(), name)
}

pub(crate) fn actor(who: &str) -> ActorId {
    ActorId::derive(&programme_id(), who)
}

pub(crate) fn case(of: &str) -> CaseId {
    CaseId::derive(&programme_id(), of)
}

pub(crate) fn kes(amount: &str) -> Money {
    Money::parse(amount, "KES".parse().unwrap()).unwrap()
}

/// Where people say that they are paid: Chausiku has no account.
pub(crate) fn addresses() -> Vec<(PersonId, FinancialAddress)> {
    let address = |key| match key {
        "chausiku" => cash_point(),
        key => FinancialAddress::account(BANK, format!("account of {key}")).unwrap(),
    };
    people()
        .map(|member| (person(member.key), address(member.key)))
        .collect()
}

pub(crate) fn cash_point() -> FinancialAddress {
    FinancialAddress::cash_point(POST, "Kwale 3").unwrap()
}

/// A household has at most one head, of any age, and at most one collector.
pub(crate) fn rules() -> Rules {
    let household = RoleRules::any().with_heads(0, 1).with_collectors_max(1);
    let attributes = AttributeSchema::new()
        .with(INCOME, AttributeKind::Decimal)
        .with(CHILD_HEADED, AttributeKind::Bool);
    Rules::default()
        .with_roles(UnitKind::HOUSEHOLD, household)
        .with_unit_attributes(attributes)
        .with_unique_scheme(IdentifierScheme::from_static("national-id"))
}

pub(crate) fn workflows() -> Workflows {
    Workflows::new([standard_workflow().check().unwrap()]).unwrap()
}

/// For households with a low income in which there is a child or somebody old.
pub(crate) fn programme() -> Programme {
    let at_least_one = |is, years| {
        let age = json!({"compare": {"fact": "age", "is": is, "value": {"years": years}}});
        json!({"members": {"at_least": 1, "where": age}})
    };
    let kes = |amount| json!({"amount": amount, "currency": "KES"});
    let low =
        json!({"compare": {"fact": "income", "is": "at_most", "value": {"money": kes("1000.00")}}});
    let vulnerable = json!({"any": [at_least_one("less_than", 18), at_least_one("at_least", 65)]});
    let statement = json!({
        "id": programme_id(),
        "version": 1,
        "name": "Family grant",
        "basis": "Social Protection Act, section 12",
        "facts": {
            "income": {"of": "unit", "kind": "money"},
            "child_headed": {"of": "unit", "kind": "flag"},
            "age": {"of": "member", "kind": "age"},
        },
        "eligibility": {"all": [
            {"because": {"reason": "low_income", "rule": low}},
            {"because": {"reason": "child_or_older_person", "rule": vulnerable}},
        ]},
        "benefit": {
            "base": kes("1000.00"),
            "per_member": {"amount": kes("200.00")},
            "cap": kes("1600.00"),
        },
        "priorities": [
            {"reason": "child_headed", "points": 5, "rule": {"is": "child_headed"}},
            {"reason": "older_person", "points": 3, "rule": at_least_one("at_least", 65)},
        ],
        "due_process": {"notice_days": 14, "appeal_days": 30},
    });
    serde_json::from_value(statement).unwrap()
}
