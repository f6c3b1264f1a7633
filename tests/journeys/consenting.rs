//! Day 1: each adult is asked whether a clinic may have their number. The
//! bank is not a question: the law says that it gets what it pays by.

use chrono::{DateTime, Utc};
use solidarity_consent::{
    Basis, BasisStatement, Collected, ConsentStoreExt, ControllerKind, Decision, FieldName,
    GivenBy, NewConsent, NewPolicy, NewUse, NoticeVersion, Period, Policy, Recipient, Remedy,
    Reply, Request, Standing, UseId,
};
use solidarity_core::testing::block_on;
use solidarity_core::{
    Channel, ConsentId, Language, MessageForm, Page, Purpose, Validity, Version,
};

use crate::cast::person;
use crate::world::{World, day, time};

const ASKED: [&str; 2] = ["rehema", "kito"];

fn policy() -> Policy {
    let since = Validity::since(day(0));
    let purpose = Purpose::from_static;
    let field = FieldName::from_static;
    let to = Recipient::from_static;
    let (law, act) = ("Social Assistance Act, s. 12", "Data Protection Act, s. 30");
    let pay = BasisStatement::new("pay", Basis::PublicTask, law, since).unwrap();
    let share = BasisStatement::new("outreach", Basis::Consent, act, since).unwrap();
    let ministry = NewPolicy::new(
        Version::FIRST,
        to("ministry"),
        ControllerKind::PublicAuthority,
    )
    .with(
        pay.purposes([purpose("payment")])
            .fields([field("name"), field("account")])
            .recipients([to("bank")])
            .kept_for_days(3_650),
    )
    .with(
        share
            .purposes([purpose("health-outreach")])
            .fields([field("name"), field("phone")])
            .recipients([to("clinic")])
            .kept_for_days(90),
    );
    Policy::new(ministry).unwrap()
}

fn request(who: &str, purpose: &'static str, by: &'static str, field: &'static str) -> Request {
    let fields = [
        FieldName::from_static("name"),
        FieldName::from_static(field),
    ];
    let (purpose, by) = (Purpose::from_static(purpose), Recipient::from_static(by));
    Request::new(person(who), purpose, by, fields).unwrap()
}

fn for_the_clinic(who: &str) -> Request {
    request(who, "health-outreach", "clinic", "phone")
}

fn by_themself() -> Collected {
    Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Text)
}

fn consent(who: &str) -> ConsentId {
    ConsentId::derive(&person(who), "clinic")
}

/// Rehema says no, and Kito says yes; elsewhere it may be the other way round.
pub(crate) fn asked(world: &World) {
    world.wait_until(1, 9);
    let stamp = world.by("officer", "consent-desk");
    for who in ASKED {
        let (notice, language) = (
            NoticeVersion::from_static("2026-1"),
            Language::from_static("sw"),
        );
        let period = Period::days(time(1, 9), 365).unwrap();
        let asked = NewConsent::new(consent(who), &for_the_clinic(who), period, notice, language);
        let reply = match who == world.outside.refuses {
            true => Reply::refused(by_themself()),
            false => Reply::given(by_themself()),
        };
        let answered = asked.kept_for_days(30).answered(reply);
        block_on(world.consents.record_one(&answered, &stamp)).unwrap();
    }
}

/// The clinic and the bank ask for what they may have.
pub(crate) fn used(world: &World) {
    world.wait_until(1, 12);
    for who in ASKED {
        decision(world, for_the_clinic(who), "clinic's first");
        decision(
            world,
            request(who, "payment", "bank", "account"),
            "bank's first",
        );
    }
}

fn decision(world: &World, request: Request, name: &str) -> Decision {
    let id = UseId::derive(&request.subject(), name);
    let stamp = world.by("exchange", "consent-desk");
    let new = NewUse::new(id, request);
    block_on(world.consents.check_and_use_one(&new, &policy(), &stamp)).unwrap()
}

/// Kito takes it back.
pub(crate) fn withdrawn(world: &World) {
    world.wait_until(1, 15);
    let stamp = world.by("officer", "consent-desk");
    let (id, how) = (consent("kito"), by_themself());
    let withdraw = world.consents.withdraw(id, Version::FIRST, &how, &stamp);
    block_on(withdraw).unwrap();
}

/// Everybody answers for themself. A no and a withdrawal stop what rests on
/// consent, and nothing that rests on law: the bank has what it pays by,
/// whatever anybody said to the clinic.
pub(crate) fn law_goes_on_and_consent_stops(world: &World) {
    let standing = |who, at: DateTime<Utc>| {
        block_on(world.consents.get(consent(who)))
            .unwrap()
            .standing(at)
    };
    assert_eq!(standing("rehema", time(1, 16)), Standing::Refused);
    assert_eq!(standing("kito", time(1, 16)), Standing::Withdrawn);
    for who in ASKED {
        let clinic = decision(world, for_the_clinic(who), "clinic's second");
        assert!(clinic.grants().is_empty());
        for reason in clinic.withheld().values() {
            assert_eq!(reason.what_would_change_it(), Remedy::TheirOwnMotion);
        }
        let bank = decision(
            world,
            request(who, "payment", "bank", "account"),
            "bank's second",
        );
        assert_eq!(bank.grants()[0].citation, "Social Assistance Act, s. 12");
        assert!(bank.withheld().is_empty() && bank.consents_used().is_empty());
    }
    // Kito's yes was used once, while it stood.
    let uses = |who| {
        let uses = block_on(world.consents.uses(consent(who), &Page::first()));
        uses.unwrap().items().len()
    };
    assert_eq!((uses("rehema"), uses("kito")), (0, 1));
}
