use chrono::NaiveDate;

use crate::facts::{Surroundings, income};
use crate::places::Spot;
use crate::random::Random;
use crate::variation::vary;
use crate::{
    Options, Region, Role, Sex, Shape, SyntheticPerson, SyntheticUnit, UnitKind, Variation,
};

/// The people of a seed: made up, and the same on every machine.
///
/// Units are made one by one as they are asked for, and each depends on the
/// seed and its own number alone, so that a population of millions takes no
/// more memory than its largest unit, and its first thousand units are the
/// same however many follow.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_synthetic::{Options, Population};
///
/// let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
/// let few = Population::new(42, Options::new(10, day));
/// let many = Population::new(42, Options::new(1_000_000, day));
/// for (one, other) in few.units().zip(many.units()) {
///     assert_eq!(one.members[0].name, other.members[0].name);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Population {
    seed: u64,
    options: Options,
}

/// What a unit is to the register.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Registration {
    /// The first of its people.
    First,
    /// All of another unit's people, who register again elsewhere.
    WholeUnitAgain,
    /// The first of its people, with one person of another unit.
    OnePersonAgain,
}

/// Streams of numbers: a new one leaves the others as they are.
const OWN: u64 = 1;
const AGAIN: u64 = 2;
const REGISTRATION: u64 = 6;
const PARTNER: u64 = 3;
const VARY: u64 = 4;
const SHAPE: u64 = 5;

impl Population {
    /// The population that `seed` and `options` make.
    #[must_use]
    pub const fn new(seed: u64, options: Options) -> Self {
        Self { seed, options }
    }

    /// What was asked for.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// The units, one after another.
    pub fn units(&self) -> impl Iterator<Item = SyntheticUnit> + '_ {
        (0..self.options.units).map(|index| self.unit(index))
    }

    fn on(&self) -> NaiveDate {
        self.options.reference_date
    }

    fn random(&self, stream: u64, index: u32) -> Random {
        Random::of(self.seed, stream, index.into())
    }

    /// The unit at `index`, as it stands in the register.
    fn unit(&self, index: u32) -> SyntheticUnit {
        let mut random = self.random(AGAIN, index);
        let registration = self.registration(index);
        match (registration, self.earlier(index, &mut random)) {
            (Registration::WholeUnitAgain, Some(first)) => self.again(index, &self.own(first)),
            (Registration::OnePersonAgain, Some(first)) => {
                let mut unit = self.own(index);
                self.add_again(index, &mut unit, &self.own(first));
                unit
            }
            _ => self.own(index),
        }
    }

    fn registration(&self, index: u32) -> Registration {
        let mut random = self.random(REGISTRATION, index);
        let duplicate = random.percent(self.options.duplicate_percent.into());
        match (index, duplicate, random.percent(50)) {
            (0, _, _) | (_, false, _) => Registration::First,
            (_, true, true) => Registration::WholeUnitAgain,
            (_, true, false) => Registration::OnePersonAgain,
        }
    }

    /// An earlier unit whose own people are registered in it.
    fn earlier(&self, index: u32, random: &mut Random) -> Option<u32> {
        (0..16).map(|_| random.below(index)).find(|&first| {
            first < index && self.registration(first) != Registration::WholeUnitAgain
        })
    }

    fn shape(&self, index: u32) -> Shape {
        self.random(SHAPE, index)
            .share(&Shape::SHARES, Shape::NoFixedPlace)
    }

    /// A man of an earlier unit who has a second household in this one.
    fn partner(&self, index: u32) -> Option<(Region, SyntheticPerson)> {
        let mut random = self.random(PARTNER, index);
        (0..8).find_map(|_| {
            let first = self.earlier(index, &mut random)?;
            // One step only: the earlier unit must not itself lean on another.
            if self.shape(first) == Shape::TwoHouseholds {
                return None;
            }
            let unit = self.own(first);
            unit.members
                .into_iter()
                .find(|p| {
                    p.named_as == Sex::Male && self.on().years_since(p.born).unwrap_or(0) >= 22
                })
                .map(|p| (unit.region, p))
        })
    }

    /// The unit at `index` with its own people.
    fn own(&self, index: u32) -> SyntheticUnit {
        let mut random = self.random(OWN, index);
        let partner = match self.shape(index) {
            Shape::TwoHouseholds => self.partner(index),
            _ => None,
        };
        let shape = match (self.shape(index), &partner) {
            (Shape::TwoHouseholds, None) => Shape::SingleParent,
            (shape, _) => shape,
        };
        let asked = self.options.regions.as_slice();
        let regions: &[Region] = if asked.is_empty() {
            &Region::ALL
        } else {
            asked
        };
        let picked = random.below(u32::try_from(regions.len()).unwrap_or(1));
        let picked = crate::random::nth(regions, picked).unwrap_or(Region::EastAfrica);
        let region = partner.as_ref().map_or(picked, |(region, _)| *region);
        let spot = Spot::within(region, &mut random);
        let around = self.surroundings(index, (region, spot), shape, &mut random);
        let lineage = partner.as_ref().map(|(_, partner)| &partner.lineage);
        let people = shape.people(region, self.on(), lineage, &mut random);
        let mut unit = SyntheticUnit {
            unit_id: around.unit_id(),
            kind: shape.kind(),
            shape,
            region,
            district: spot.district(),
            village: (shape != Shape::NoFixedPlace).then(|| spot.village()),
            monthly_income: income(people.len(), &mut random),
            members: (0_u32..)
                .zip(&people)
                .map(|(member, draft)| around.person(draft, member, &mut random))
                .collect(),
            spot,
        };
        self.choose_collector(&mut unit, &mut random);
        if let Some((_, mut partner)) = partner {
            partner.role = Role::Spouse;
            partner.collects = false;
            partner.listed_before = true;
            unit.members.push(partner);
        }
        unit
    }

    fn surroundings(
        &self,
        index: u32,
        (region, spot): (Region, Spot),
        shape: Shape,
        random: &mut Random,
    ) -> Surroundings {
        let place = (spot.number(), shape != Shape::NoFixedPlace);
        Surroundings::new((self.seed, index), region, self.on(), place, random)
    }

    /// In seven units of ten somebody is named who collects: any adult, by
    /// no means always the head.
    fn choose_collector(&self, unit: &mut SyntheticUnit, random: &mut Random) {
        let on = self.on();
        let adult = |p: &SyntheticPerson| on.years_since(p.born).unwrap_or(0) >= 18;
        let adults = unit.members.iter().filter(|p| adult(p)).count();
        let chosen = random.below(u32::try_from(adults).unwrap_or(0));
        if random.percent(70)
            && let Some((_, person)) = (0_u32..)
                .zip(unit.members.iter_mut().filter(|p| adult(p)))
                .find(|(at, _)| *at == chosen)
        {
            person.collects = true;
        }
    }

    /// The people of `first`, registered again as the unit at `index`.
    fn again(&self, index: u32, first: &SyntheticUnit) -> SyntheticUnit {
        let mut random = self.random(VARY, index);
        let spot = first.spot.moved(&mut random);
        let around = self.surroundings(index, (first.region, spot), first.shape, &mut random);
        let mut unit = SyntheticUnit {
            unit_id: around.unit_id(),
            district: spot.district(),
            village: first.village.is_some().then(|| spot.village()),
            monthly_income: income(first.members.len(), &mut random),
            members: Vec::new(),
            spot,
            ..first.clone()
        };
        let own = first.members.iter().filter(|p| !p.listed_before);
        for (member, person) in (0_u32..).zip(own) {
            let moved = unit.village.is_some();
            let role = person.role;
            unit.members
                .push(self.vary(person, role, (&around, member, moved), &mut random));
        }
        self.choose_collector(&mut unit, &mut random);
        unit
    }

    /// Adds one person of `first` to `unit`, as another record.
    fn add_again(&self, index: u32, unit: &mut SyntheticUnit, first: &SyntheticUnit) {
        let mut random = self.random(VARY, index);
        let around = self.surroundings(index, (unit.region, unit.spot), unit.shape, &mut random);
        let own: Vec<_> = first.members.iter().filter(|p| !p.listed_before).collect();
        let chosen = random.below(u32::try_from(own.len()).unwrap_or(0));
        let Some(person) = crate::random::nth(&own, chosen) else {
            return;
        };
        let member = u32::try_from(unit.members.len()).unwrap_or(u32::MAX);
        let moved = (&unit.district, &unit.village) != (&first.district, &first.village);
        let role = match unit.shape {
            Shape::NoFixedPlace => Role::Member,
            _ => Role::OtherRelative,
        };
        if unit.kind == UnitKind::Single {
            unit.kind = UnitKind::Household;
        }
        unit.members
            .push(self.vary(person, role, (&around, member, moved), &mut random));
    }

    /// Another record of `person`.
    fn vary(
        &self,
        person: &SyntheticPerson,
        role: Role,
        (around, member, moved): (&Surroundings, u32, bool),
        random: &mut Random,
    ) -> SyntheticPerson {
        let adult = self.on().years_since(person.born).unwrap_or(0) >= 18;
        let phone = around.phone(adult, member, random);
        let mut record = SyntheticPerson {
            person_id: around.person_id(member),
            role,
            collects: false,
            contact: None,
            ..person.clone()
        };
        if moved {
            record.variations.push(Variation::Moved);
        }
        if phone != record.phone {
            record.variations.push(Variation::OtherPhone);
            record.phone = phone;
        }
        vary(&mut record, random);
        record
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;
    use solidarity_core::Stated;

    use super::*;

    fn population(seed: u64, units: u32) -> Population {
        let on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        Population::new(seed, Options::new(units, on))
    }

    /// Whether `count` of `all` is within two of `percent`.
    fn about(count: usize, all: usize, percent: usize) -> bool {
        (count * 100).abs_diff(all * percent) <= all * 2
    }

    #[test]
    fn every_shape_has_its_share() {
        let all: Vec<_> = population(1, 4_000).units().collect();
        for (share, shape) in Shape::SHARES {
            let count = all.iter().filter(|u| u.shape == shape).count();
            assert!(
                about(count, all.len(), share as usize),
                "{shape:?}: {count}"
            );
            assert!(count > 0);
        }
        for region in Region::ALL {
            let count = all.iter().filter(|u| u.region == region).count();
            assert!(about(count, all.len(), 11), "{region:?}: {count}");
        }
        let rows: usize = all.iter().map(|u| u.members.len()).sum();
        assert!((16_000..20_000).contains(&rows), "{rows}");
    }

    #[test]
    fn every_gap_has_its_share() {
        let people: Vec<_> = population(2, 2_000)
            .units()
            .flat_map(|unit| unit.members)
            .filter(|person| person.variations.is_empty())
            .collect();
        let share = |of: &dyn Fn(&SyntheticPerson) -> bool, percent| {
            let count = people.iter().filter(|p| of(p)).count();
            assert!(about(count, people.len(), percent), "{percent}: {count}");
        };
        share(&|p| p.birth.is_none(), 9);
        share(&|p| matches!(p.birth, Some(Stated::Year(_))), 16);
        share(&|p| matches!(p.birth, Some(Stated::Age { .. })), 12);
        share(&|p| matches!(p.birth, Some(Stated::Month { .. })), 3);
        share(&|p| matches!(p.birth, Some(Stated::Other { .. })), 5);
        share(
            &|p| matches!(p.birth, Some(Stated::Day(d)) if d.to_string().ends_with("-01-01")),
            14,
        );
        share(&|p| p.sex.is_none(), 1);
        share(&|p| p.disability.is_none(), 9);
        let adults: Vec<_> = people
            .iter()
            .filter(|p| population(2, 0).on().years_since(p.born).unwrap_or(0) >= 18)
            .collect();
        let share = |of: &dyn Fn(&SyntheticPerson) -> bool, percent| {
            let count = adults.iter().filter(|p| of(p)).count();
            assert!(about(count, adults.len(), percent), "{percent}: {count}");
        };
        share(&|p| p.document.is_none(), 40);
        share(&|p| p.phone.is_none(), 28);
        share(&|p| p.phone.as_ref().is_some_and(|phone| phone.shared), 53);
    }

    #[test]
    fn the_truth_of_duplicates_is_known() {
        let mut first: HashMap<String, SyntheticPerson> = HashMap::new();
        let (mut units, mut seen) = (0, HashSet::new());
        for unit in population(3, 3_000).units() {
            let again = unit.members.iter().filter(|p| p.entity_id != p.person_id);
            units += usize::from(again.clone().count() > 0);
            for person in again {
                let original = &first[&person.entity_id];
                assert_eq!(original.born, person.born);
                assert_eq!(original.region, person.region);
                assert!(original.variations.is_empty());
                seen.extend(person.variations.iter().copied());
                let respelled = person.variations.contains(&Variation::Spelling)
                    || person.variations.contains(&Variation::Typo);
                assert_eq!(respelled, original.name.full() != person.name.full());
            }
            for person in unit.members {
                if !person.listed_before {
                    assert!(first.insert(person.person_id.clone(), person).is_none());
                }
            }
        }
        assert!(about(units, 3_000, 8), "{units}");
        assert_eq!(seen.len(), 7, "{seen:?}");
    }

    #[test]
    fn who_belongs_to_two_units_is_one_person() {
        let mut first: HashMap<String, SyntheticPerson> = HashMap::new();
        let mut twice = 0;
        for unit in population(4, 1_000).units() {
            for person in unit.members {
                if person.listed_before {
                    twice += 1;
                    let before = &first[&person.person_id];
                    assert_eq!((&before.name, before.birth), (&person.name, person.birth));
                    assert_eq!(before.document, person.document);
                    assert_eq!(person.role, Role::Spouse);
                } else {
                    first.insert(person.person_id.clone(), person);
                }
            }
        }
        assert!(twice > 20, "{twice}");
    }

    #[test]
    fn documents_and_telephones_of_one_s_own_are_nobody_else_s() {
        let mut numbers: HashMap<String, String> = HashMap::new();
        for person in population(5, 3_000).units().flat_map(|unit| unit.members) {
            let own = person.phone.iter().filter(|p| !p.shared).map(|p| &p.number);
            for number in own.chain(person.document.iter().map(|d| &d.number)) {
                let holder = numbers
                    .entry(number.clone())
                    .or_insert_with(|| person.entity_id.clone());
                assert_eq!(*holder, person.entity_id);
            }
        }
        assert!(numbers.len() > 4_000);
    }

    proptest! {
        #[test]
        fn any_seed_gives_whole_units(seed in any::<u64>(), percent in any::<u8>(), region in 0_usize..9) {
            let on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
            let options = Options::new(30, on)
                .with_duplicate_percent(percent)
                .with_regions([Region::ALL[region]]);
            let population = Population::new(seed, options);
            for unit in population.units() {
                prop_assert!((1..=14).contains(&unit.members.len()));
                prop_assert_eq!(unit.region, Region::ALL[region]);
                let collectors = unit.members.iter().filter(|p| p.collects).count();
                prop_assert!(collectors <= 1);
                let ids: HashSet<_> = unit.members.iter().map(|p| &p.person_id).collect();
                prop_assert_eq!(ids.len(), unit.members.len());
                prop_assert!(unit.members.iter().all(|p| !p.name.full().trim().is_empty()));
            }
        }
    }
}
