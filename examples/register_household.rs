//! Registers a household whose head is a child, corrects a fact that was
//! learned late, and asks what was known when.
//!
//! `cargo run -p solidarity-examples --example register_household`

use std::error::Error;
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{
    ActorId, PersonId, PlaceId, Purpose, Residence, Stamp, UnitId, Validity, Version,
};
use solidarity_registry::{
    Act, AsOf, Command, CommandId, MembershipId, MemoryRecordStore, NewMembership, NewPerson,
    NewUnit, Phone, RecordStore, RecordStoreExt, Refusal, Role, RoleRules, Rules, UnitKind,
    possible_duplicates,
};

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", block_on(tell(&MemoryRecordStore::new(rules())))?);
    Ok(())
}

// ANCHOR: rules
/// A household has at most one head, of any age, and at most one collector.
fn rules() -> Rules {
    let household = RoleRules::any().with_heads(0, 1).with_collectors_max(1);
    Rules::default().with_roles(UnitKind::HOUSEHOLD, household)
}
// ANCHOR_END: rules

/// The household, and who is who in it.
struct Household {
    unit: UnitId,
    asha: PersonId,
    tuti: PersonId,
    rehema: PersonId,
    collects: MembershipId,
}

async fn tell(store: &dyn RecordStore) -> Result<String, Box<dyn Error>> {
    let mut said = String::new();
    let household = Household {
        unit: UnitId::generate(),
        asha: PersonId::generate(),
        tuti: PersonId::generate(),
        rehema: PersonId::generate(),
        collects: MembershipId::generate(),
    };
    register(store, &household, &mut said).await?;
    correct(store, &household, &mut said).await?;
    review(store, &household, &mut said).await?;
    Ok(said)
}

// ANCHOR: register
/// Asha is fifteen and the head. Of Tuti one name is known and no birth date.
/// Rehema collects what they are given, and is not the head for that. They
/// have one telephone.
async fn register(
    store: &dyn RecordStore,
    household: &Household,
    said: &mut String,
) -> Result<(), Box<dyn Error>> {
    let march = day(2026, 3, 1)?;
    let person = |name: &str| NewPerson::new(name).with_phone(Phone::new("0712 345 678"));
    let belongs = |person| NewMembership::new(household.unit, person, Validity::since(march));
    let acts = [
        Act::register_unit(household.unit, march, NewUnit::new(UnitKind::HOUSEHOLD)),
        Act::register_person(
            household.asha,
            march,
            person("Asha Juma").born("2010-11".parse()?),
        ),
        Act::register_person(household.tuti, march, person("Tuti")),
        Act::register_person(household.rehema, march, person("Rehema Juma")),
        Act::add_member(
            household.collects,
            belongs(household.rehema).with_role(Role::COLLECTOR),
        ),
        Act::add_member(
            MembershipId::generate(),
            belongs(household.asha).with_role(Role::HEAD),
        ),
        Act::add_member(
            MembershipId::generate(),
            belongs(household.tuti).with_role(Role::CHILD),
        ),
    ];
    let command = Command::of(CommandId::generate(), acts);
    let applied = store
        .apply_one(command.clone(), &stamp("2026-03-01T09:00:00Z")?)
        .await??;
    writeln!(said, "one command wrote {} records", applied.written.len())?;

    // The answer was lost on the way, so the tablet sends the command again.
    let again = store
        .apply_one(command, &stamp("2026-03-01T18:00:00Z")?)
        .await??;
    writeln!(
        said,
        "sent again, it has the same answer: {}",
        again == applied
    )?;

    for member in store
        .members(household.unit, Some(AsOf::day(march)))
        .await?
    {
        let person = store.person(member.said().person).await?;
        let born = person.said().born.as_ref().map(|born| *born.expose());
        let age = match born.and_then(|born| born.age_on(march)) {
            Some(age) if age.min() == age.max() => format!("{} years old", age.min()),
            Some(age) => format!("{} to {} years old", age.min(), age.max()),
            None => "of unknown age".to_owned(),
        };
        let roles: Vec<&str> = member.said().roles.iter().map(Role::as_str).collect();
        writeln!(said, "{}: {age}", roles.join(", "))?;
    }

    let both = [Role::COLLECTOR, Role::HEAD].into();
    let days = Validity::since(march);
    let act = Act::change_membership(household.collects, Version::FIRST, both, days);
    let command = Command::new(CommandId::generate(), act);
    let outcome = store
        .apply_one(command, &stamp("2026-03-02T09:00:00Z")?)
        .await?;
    if let Err(Refusal::BrokenRule { rule, .. }) = outcome.map_err(|refused| refused.refusal) {
        writeln!(said, "a second head is refused: the household {rule}")?;
    }
    Ok(())
}
// ANCHOR_END: register

// ANCHOR: correct
/// In June the office learns that Asha has lived in town since April.
async fn correct(
    store: &dyn RecordStore,
    household: &Household,
    said: &mut String,
) -> Result<(), Box<dyn Error>> {
    let town = Residence::At(PlaceId::generate());
    let read = store.person(household.asha).await?;
    let moved = read.said().clone().residing(town);
    let act = Act::revise_person(household.asha, read.version(), day(2026, 4, 15)?, moved);
    let command = Command::new(CommandId::generate(), act);
    store
        .apply_one(command, &stamp("2026-06-10T09:00:00Z")?)
        .await??;

    let may = AsOf::day(day(2026, 5, 1)?);
    for (when, as_of) in [
        (
            "by what was known on that day",
            may.known_at(time("2026-05-01T12:00:00Z")?),
        ),
        ("by what is known now", may),
    ] {
        let shown = store.person_as_of(household.asha, as_of).await?;
        let lives = if shown.said().residence == town {
            "lives in town"
        } else {
            "has not moved"
        };
        writeln!(said, "on 1 May Asha {lives}, {when}")?;
    }
    Ok(())
}
// ANCHOR_END: correct

// ANCHOR: review
/// One telephone makes nobody anybody's duplicate.
async fn review(
    store: &dyn RecordStore,
    household: &Household,
    said: &mut String,
) -> Result<(), Box<dyn Error>> {
    let ids = [household.asha, household.tuti, household.rehema];
    let people: Vec<_> = store
        .people(&ids, AsOf::LATEST)
        .await?
        .into_iter()
        .flatten()
        .collect();
    let found = possible_duplicates(&people, &rules());
    writeln!(
        said,
        "possible duplicates among {}: {}",
        people.len(),
        found.pairs.len()
    )?;
    Ok(())
}
// ANCHOR_END: review

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, &'static str> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or("there is no such day")
}

fn time(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    text.parse()
}

fn stamp(at: &str) -> Result<Stamp, Box<dyn Error>> {
    let purpose = Purpose::new("registration")?;
    Ok(Stamp::new(time(at)?, ActorId::generate(), purpose))
}

#[test]
fn says_what_it_did() {
    let said = block_on(tell(&MemoryRecordStore::new(rules()))).unwrap();
    assert_eq!(
        said,
        "one command wrote 7 records\n\
         sent again, it has the same answer: true\n\
         collector: of unknown age\n\
         head: 15 years old\n\
         child: of unknown age\n\
         a second head is refused: the household would have too many heads\n\
         on 1 May Asha has not moved, by what was known on that day\n\
         on 1 May Asha lives in town, by what is known now\n\
         possible duplicates among 3: 0\n"
    );
}
