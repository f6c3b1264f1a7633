use std::collections::HashMap;

use chrono::NaiveDate;
use solidarity_core::{Currency, Money, PersonId, StatedDate};
use solidarity_registry::{
    AttributeName, AttributeValue, Attributes, Membership, Person, Unit, UnitKind,
};

use crate::{FactCode, FactKind, FactName, FactScope, FactValue, Facts, Programme, Roster, Source};

/// The facts that `programme` asks for, as a register has them of `unit` on the
/// day `on`.
///
/// A fact is read from the attribute of its name. Where there is none, a fact
/// that is an age is the member's age, `sex` is the member's sex and `unit_kind`
/// is the sort of unit. A decimal number is an amount in the programme's
/// currency. An answer of another sort than the programme declares is no answer.
///
/// Members are those whose membership holds on that day; who is not among
/// `people` is a member of whom nothing is known. The roster is partial where
/// it was not stated who belongs together. Names, telephones, documents and
/// claims of a death are never read.
#[must_use]
pub fn facts_of(
    programme: &Programme,
    unit: &Unit,
    memberships: &[Membership],
    people: &[Person],
    on: NaiveDate,
) -> Facts {
    let mut facts = Facts::new(unit.id(), on);
    let source = Source::new(&unit.id(), unit.version());
    let reading = Reading {
        currency: programme.currency(),
        on,
    };
    let asked = |of| {
        let declared = programme.stated().facts.iter();
        declared.filter(move |(_, declared)| declared.of == of)
    };
    for (name, declared) in asked(FactScope::Unit) {
        let said = reading.attribute(&unit.said().attributes, name, declared.kind);
        let said = said.or_else(|| match (name.as_str(), declared.kind) {
            ("unit_kind", FactKind::Code) => code(unit.said().kind.as_str()),
            _ => None,
        });
        if let Some(value) = said {
            facts = facts.with(name.clone(), value, source);
        }
    }
    let people: HashMap<PersonId, &Person> = people.iter().map(|p| (p.id(), p)).collect();
    let mut members = 0_usize;
    for membership in memberships.iter().map(Membership::said) {
        if membership.unit != unit.id() || !membership.validity.holds_on(on) {
            continue;
        }
        members += 1;
        facts = facts.with_member(membership.person);
        let Some(person) = people.get(&membership.person) else {
            continue;
        };
        let source = Source::new(&person.id(), person.version());
        for (name, declared) in asked(FactScope::Member) {
            if let Some(value) = reading.of_member(person, name, declared.kind) {
                facts = facts.with_member_fact(person.id(), name.clone(), value, source);
            }
        }
    }
    if unit.said().kind == UnitKind::UNKNOWN || members == 0 {
        facts = facts.with_roster(Roster::Partial);
    }
    facts
}

struct Reading {
    currency: Currency,
    on: NaiveDate,
}

impl Reading {
    fn of_member(&self, person: &Person, name: &FactName, kind: FactKind) -> Option<FactValue> {
        let said = person.said();
        self.attribute(&said.attributes, name, kind)
            .or_else(|| match (name.as_str(), kind) {
                (_, FactKind::Age) => self.age(said.born.as_ref()?.expose()),
                ("sex", FactKind::Code) => code(said.sex.as_ref()?.as_str()),
                _ => None,
            })
    }

    fn attribute(
        &self,
        attributes: &Attributes,
        name: &FactName,
        kind: FactKind,
    ) -> Option<FactValue> {
        let name = AttributeName::new(name.as_str()).ok()?;
        match (kind, attributes.get(&name)?.expose()) {
            (FactKind::Flag, AttributeValue::Bool(flag)) => Some(FactValue::Flag(*flag)),
            (FactKind::Integer, AttributeValue::Integer(number)) => {
                Some(FactValue::Integer(*number))
            }
            (FactKind::Money, AttributeValue::Integer(number)) => self.money(&number.to_string()),
            (FactKind::Money, AttributeValue::Decimal(number)) => self.money(&number.to_string()),
            (FactKind::Code, AttributeValue::Choice(choice)) => code(choice.as_str()),
            (FactKind::Code, AttributeValue::Text(text)) => code(text),
            (FactKind::Age, AttributeValue::Date(born)) => self.age(born),
            _ => None,
        }
    }

    fn money(&self, amount: &str) -> Option<FactValue> {
        let amount = Money::parse(amount, self.currency).ok()?;
        Some(FactValue::Money(amount))
    }

    fn age(&self, born: &StatedDate) -> Option<FactValue> {
        born.age_on(self.on).map(FactValue::Age)
    }
}

fn code(text: &str) -> Option<FactValue> {
    FactCode::new(text).ok().map(FactValue::Code)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use solidarity_core::{ActorId, ProgrammeId, Purpose, Stamp, UnitId, Validity, Version};
    use solidarity_registry::{
        Choice, Decimal, MembershipId, NewMembership, NewPerson, NewUnit, Sex,
    };

    use super::*;
    use crate::{Benefit, DueProcess, FactDeclaration, FactSchema, NewProgramme, ReasonCode, Rule};

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn stamp() -> Stamp {
        let purpose = Purpose::from_static("registration");
        Stamp::new(DateTime::UNIX_EPOCH, ActorId::generate(), purpose)
    }

    fn programme() -> Programme {
        let facts: FactSchema = [
            ("income", FactDeclaration::of_unit(FactKind::Money)),
            ("roof", FactDeclaration::of_unit(FactKind::Code)),
            ("unit_kind", FactDeclaration::of_unit(FactKind::Code)),
            ("rooms", FactDeclaration::of_unit(FactKind::Integer)),
            ("age", FactDeclaration::of_member(FactKind::Age)),
            ("sex", FactDeclaration::of_member(FactKind::Code)),
            ("disabled", FactDeclaration::of_member(FactKind::Flag)),
        ]
        .map(|(name, declared)| (FactName::from_static(name), declared))
        .into();
        let all = Rule::because(ReasonCode::from_static("everybody"), Rule::All(Vec::new()));
        let stated = NewProgramme::new(
            ProgrammeId::generate(),
            "Grant",
            "Act 1, section 2",
            facts,
            all,
            Benefit::flat("10 KES".parse().unwrap()),
            DueProcess::new(14, 30),
        );
        Programme::new(stated).unwrap()
    }

    fn unit(kind: UnitKind) -> Unit {
        let said = NewUnit::new(kind)
            .with_label("Secretlabel")
            .with_attribute(
                AttributeName::from_static("income"),
                "1200.5".parse::<Decimal>().unwrap(),
            )
            .with_attribute(
                AttributeName::from_static("roof"),
                Choice::from_static("tin"),
            )
            .with_attribute(AttributeName::from_static("rooms"), "two");
        Unit::from_parts(
            UnitId::generate(),
            Version::FIRST.next(),
            day(2026, 1, 1),
            stamp(),
            said,
        )
    }

    fn person(said: NewPerson) -> Person {
        Person::from_parts(
            PersonId::generate(),
            Version::FIRST,
            day(2026, 1, 1),
            stamp(),
            said,
        )
    }

    fn member(unit: &Unit, person: PersonId, validity: Validity) -> Membership {
        let said = NewMembership::new(unit.id(), person, validity);
        Membership::from_parts(
            MembershipId::generate(),
            Version::FIRST,
            validity.from(),
            stamp(),
            said,
        )
    }

    #[test]
    fn only_what_is_asked_is_read_and_only_of_who_belongs() {
        let unit = unit(UnitKind::HOUSEHOLD);
        let here = person(
            NewPerson::new("Secretname")
                .with_sex(Sex::FEMALE)
                .born("1961".parse().unwrap())
                .with_attribute(AttributeName::from_static("disabled"), true)
                .with_attribute(AttributeName::from_static("diary"), "Secretnote"),
        );
        let gone = person(NewPerson::new("Secretname"));
        let stranger = PersonId::generate();
        let since = Validity::since(day(2020, 1, 1));
        let past = Validity::new(day(2020, 1, 1), Some(day(2026, 6, 30))).unwrap();
        let memberships = [
            member(&unit, here.id(), since),
            member(&unit, gone.id(), past),
            member(&unit, stranger, since),
        ];
        let on = day(2026, 7, 1);
        let people = [here.clone(), gone];
        let facts = facts_of(&programme(), &unit, &memberships, &people, on);

        let value = |name| facts.values().get(&FactName::from_static(name));
        let income = value("income").unwrap();
        assert_eq!(
            income.value().expose(),
            &FactValue::Money("1200.50 KES".parse().unwrap())
        );
        assert_eq!(income.source(), Source::new(&unit.id(), unit.version()));
        assert_eq!(
            value("unit_kind").unwrap().value().expose(),
            &code("household").unwrap()
        );
        assert!(value("rooms").is_none(), "a text is no number");
        assert_eq!(facts.roster(), Roster::Complete);

        assert_eq!(facts.members().len(), 2);
        assert!(facts.members()[&stranger].is_empty());
        let member = &facts.members()[&here.id()];
        assert_eq!(member.len(), 3);
        assert!(matches!(
            member[&FactName::from_static("age")].value().expose(),
            FactValue::Age(age) if (age.min(), age.max()) == (64, 65)
        ));
        let written = serde_json::to_string(&facts).unwrap();
        assert!(!written.contains("Secret") && !written.contains("1961"));
    }

    #[test]
    fn who_belongs_together_is_open_where_it_was_not_stated() {
        let on = day(2026, 7, 1);
        let unknown = unit(UnitKind::UNKNOWN);
        let someone = person(NewPerson::new("x"));
        let membership = member(&unknown, someone.id(), Validity::since(on));
        let facts = facts_of(&programme(), &unknown, &[membership], &[someone], on);
        assert_eq!(facts.roster(), Roster::Partial);
        let empty = facts_of(&programme(), &unit(UnitKind::FAMILY), &[], &[], on);
        assert_eq!(empty.roster(), Roster::Partial);
    }
}
