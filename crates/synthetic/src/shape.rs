use chrono::{Days, NaiveDate};

use crate::names::Lineage;
use crate::random::Random;
use crate::{Region, Role, Sex, UnitKind};

/// Who lives in an assistance unit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Shape {
    /// A couple and their children.
    Nuclear,
    /// A couple, children, a grandparent and other relatives.
    Extended,
    /// One parent and children.
    SingleParent,
    /// A couple who head the unit together, with or without children.
    JointHeaded,
    /// One adult.
    Single,
    /// One or two people over 65.
    ElderlyAlone,
    /// A man, his wives and their children.
    Polygamous,
    /// The second household of somebody who is a member of another unit too:
    /// a spouse there and their children.
    TwoHouseholds,
    /// Brothers and sisters, all under 18; the eldest is the head.
    ChildHeaded,
    /// A couple with children of others in their care.
    Foster,
    /// People without a fixed place, often without a head.
    NoFixedPlace,
}

impl Shape {
    /// Every shape, with its share of a hundred units.
    pub const SHARES: [(u32, Self); 11] = [
        (30, Self::Nuclear),
        (18, Self::Extended),
        (10, Self::SingleParent),
        (8, Self::JointHeaded),
        (6, Self::Single),
        (6, Self::ElderlyAlone),
        (5, Self::Polygamous),
        (5, Self::TwoHouseholds),
        (4, Self::ChildHeaded),
        (4, Self::Foster),
        (4, Self::NoFixedPlace),
    ];

    pub(crate) const fn kind(self) -> UnitKind {
        match self {
            Self::Single => UnitKind::Single,
            Self::Polygamous => UnitKind::Family,
            _ => UnitKind::Household,
        }
    }

    /// The people of a unit of this shape in `region` on `on`, some of whom
    /// are the children of `partner`.
    pub(crate) fn people(
        self,
        region: Region,
        on: NaiveDate,
        partner: Option<&Lineage>,
        random: &mut Random,
    ) -> Vec<Draft> {
        let mut cast = Cast {
            region,
            on,
            random,
            people: Vec::new(),
        };
        match self {
            Self::Nuclear => {
                cast.couple_with_children(1, 5);
            }
            Self::Extended => cast.extended(),
            Self::SingleParent => cast.single_parent(),
            Self::JointHeaded => cast.joint(),
            Self::Single => {
                let sex = cast.either(50);
                cast.add(Role::Head, sex, (18, 64), None);
            }
            Self::ElderlyAlone => cast.elderly(),
            Self::Polygamous => cast.polygamous(),
            Self::TwoHouseholds => cast.second_household(partner),
            Self::ChildHeaded => cast.children_alone(),
            Self::Foster => cast.foster(),
            Self::NoFixedPlace => cast.on_the_move(),
        }
        cast.people
    }
}

/// A person before any fact is stated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    pub(crate) role: Role,
    pub(crate) sex: Sex,
    pub(crate) born: NaiveDate,
    pub(crate) lineage: Lineage,
}

impl Draft {
    pub(crate) fn age(&self, on: NaiveDate) -> u32 {
        on.years_since(self.born).unwrap_or(0)
    }
}

struct Cast<'a> {
    region: Region,
    on: NaiveDate,
    random: &'a mut Random,
    people: Vec<Draft>,
}

impl Cast<'_> {
    /// Female in `percent` of a hundred.
    fn either(&mut self, percent: u32) -> Sex {
        if self.random.percent(percent) {
            Sex::Female
        } else {
            Sex::Male
        }
    }

    /// Adds a person who is at least the first and at most the second of
    /// `ages`, in years.
    fn add(
        &mut self,
        role: Role,
        sex: Sex,
        (least, most): (u32, u32),
        lineage: Option<Lineage>,
    ) -> Draft {
        let span = most.saturating_sub(least).saturating_mul(365);
        let days = least.saturating_mul(366) + self.random.below(span.max(300));
        let draft = Draft {
            role,
            sex,
            born: self
                .on
                .checked_sub_days(Days::new(days.into()))
                .unwrap_or(self.on),
            lineage: lineage.unwrap_or_else(|| Lineage::alone(self.region, sex, self.random)),
        };
        self.people.push(draft);
        draft
    }

    /// A name that nobody in the unit has yet, if one is soon found: parents
    /// seldom give one twice.
    fn unlike_siblings(&mut self, name: impl Fn(Region, &mut Random) -> Lineage) -> Lineage {
        let mut lineage = name(self.region, self.random);
        for _ in 0..8 {
            if !self.people.iter().any(|p| p.lineage.is_namesake(&lineage)) {
                break;
            }
            lineage = name(self.region, self.random);
        }
        lineage
    }

    fn spouse(&mut self, role: Role, of: &Draft) -> Draft {
        let age = of.age(self.on);
        let (sex, ages) = match of.sex {
            Sex::Female => (Sex::Male, (age.max(20), age.max(20) + 9)),
            _ => (Sex::Female, (age.saturating_sub(9).max(18), age.max(19))),
        };
        let mut lineage = Lineage::alone(self.region, sex, self.random);
        if sex == Sex::Female && self.random.percent(self.region.wives_take_name()) {
            lineage = lineage.married_to(&of.lineage);
        }
        self.add(role, sex, ages, Some(lineage))
    }

    fn children(
        &mut self,
        role: Role,
        father: Option<&Lineage>,
        mother: Option<&Draft>,
        count: u32,
    ) {
        let most = mother.map_or(17, |mother| mother.age(self.on).saturating_sub(15).min(17));
        for _ in 0..count {
            let sex = self.either(49);
            let mother = mother.map(|mother| &mother.lineage);
            let lineage = self.unlike_siblings(|region, random| {
                Lineage::child(region, sex, father, mother, random)
            });
            self.add(role, sex, (0, most), Some(lineage));
        }
    }

    fn couple_with_children(&mut self, least: u32, most: u32) -> (Draft, Draft) {
        let sex = self.either(22);
        let head = self.add(Role::Head, sex, (22, 55), None);
        let spouse = self.spouse(Role::Spouse, &head);
        let count = self.random.between(least, most);
        self.children_of(&head, &spouse, count);
        (head, spouse)
    }

    fn children_of(&mut self, one: &Draft, other: &Draft, count: u32) {
        let (father, mother) = match one.sex {
            Sex::Female => (other, one),
            _ => (one, other),
        };
        self.children(Role::Child, Some(&father.lineage), Some(mother), count);
    }

    fn extended(&mut self) {
        let (head, _) = self.couple_with_children(1, 4);
        let lineage = head.lineage.parent(self.region, self.random);
        let age = head.age(self.on) + 17;
        if self.random.percent(35) {
            self.add(Role::Parent, Sex::Male, (age, age + 20), Some(lineage));
        } else {
            let mother = Lineage::alone(self.region, Sex::Female, self.random).married_to(&lineage);
            self.add(Role::Parent, Sex::Female, (age, age + 20), Some(mother));
        }
        if self.random.percent(60) {
            let sex = self.either(50);
            let lineage = head.lineage.sibling(self.region, sex, self.random);
            self.add(Role::Sibling, sex, (16, 40), Some(lineage));
        }
        let others = self.random.below(3);
        self.children(Role::OtherRelative, None, None, others);
    }

    fn single_parent(&mut self) {
        let sex = self.either(85);
        let head = self.add(Role::Head, sex, (20, 52), None);
        let count = self.random.between(1, 5);
        match sex {
            Sex::Female => self.children(Role::Child, None, Some(&head), count),
            _ => self.children(Role::Child, Some(&head.lineage), None, count),
        }
    }

    fn joint(&mut self) {
        let one = self.add(Role::JointHead, Sex::Female, (21, 55), None);
        let other = self.spouse(Role::JointHead, &one);
        let count = self.random.below(5);
        self.children_of(&one, &other, count);
    }

    fn elderly(&mut self) {
        let sex = self.either(65);
        let head = self.add(Role::Head, sex, (66, 92), None);
        if self.random.percent(25) {
            let (sex, ages) = match head.sex {
                Sex::Female => (Sex::Male, (66, 92)),
                _ => (Sex::Female, (66, 88)),
            };
            self.add(Role::Spouse, sex, ages, None);
        }
    }

    fn polygamous(&mut self) {
        let head = self.add(Role::Head, Sex::Male, (32, 65), None);
        for _ in 0..self.random.between(2, 3) {
            let wife = self.spouse(Role::Spouse, &head);
            let count = self.random.between(1, 3);
            self.children(Role::Child, Some(&head.lineage), Some(&wife), count);
        }
    }

    fn second_household(&mut self, partner: Option<&Lineage>) {
        let head = self.add(Role::Head, Sex::Female, (22, 48), None);
        let count = self.random.between(1, 4);
        self.children(Role::Child, partner, Some(&head), count);
    }

    fn children_alone(&mut self) {
        let sex = self.either(50);
        let head = self.add(Role::Head, sex, (13, 17), None);
        for _ in 0..self.random.between(1, 3) {
            let sex = self.either(50);
            let lineage =
                self.unlike_siblings(|region, random| head.lineage.sibling(region, sex, random));
            let most = head.age(self.on).saturating_sub(1);
            self.add(Role::Sibling, sex, (1, most), Some(lineage));
        }
    }

    fn foster(&mut self) {
        self.couple_with_children(0, 2);
        let count = self.random.between(1, 3);
        self.children(Role::FosterChild, None, None, count);
    }

    fn on_the_move(&mut self) {
        let headed = self.random.percent(50);
        for member in 0..self.random.between(1, 5) {
            let sex = self.either(45);
            let ages = match member {
                0 => (18, 60),
                _ => (2, 45),
            };
            let role = if headed && member == 0 {
                Role::Head
            } else {
                Role::Member
            };
            self.add(role, sex, ages, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        assert_eq!(
            Shape::SHARES.iter().map(|(share, _)| share).sum::<u32>(),
            100
        );
    }

    #[test]
    fn every_shape_is_what_it_says() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        for seed in 0..300 {
            let mut random = Random::of(seed, 0, 0);
            for (_, shape) in Shape::SHARES {
                let people = shape.people(Region::Ethiopia, on, None, &mut random);
                let count = |role| people.iter().filter(|p| p.role == role).count();
                let ages = || people.iter().map(|p| p.age(on));
                assert!((1..=13).contains(&people.len()), "{shape:?}");
                assert!(people.iter().all(|p| p.born <= on));
                match shape {
                    Shape::JointHeaded => {
                        assert_eq!((count(Role::Head), count(Role::JointHead)), (0, 2));
                    }
                    Shape::NoFixedPlace => assert!(count(Role::Head) <= 1),
                    _ => assert_eq!(count(Role::Head), 1, "{shape:?}"),
                }
                match shape {
                    Shape::ChildHeaded => assert!(ages().all(|age| age < 18) && people.len() > 1),
                    Shape::ElderlyAlone => assert!(ages().all(|age| age > 65)),
                    Shape::Polygamous => assert!(count(Role::Spouse) >= 2),
                    Shape::Single => assert_eq!(people.len(), 1),
                    Shape::Foster => assert!(count(Role::FosterChild) >= 1),
                    Shape::Extended => assert_eq!(count(Role::Parent), 1),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn mothers_are_older_than_their_children() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let mut random = Random::of(9, 0, 0);
        for _ in 0..500 {
            let people = Shape::SingleParent.people(Region::Java, on, None, &mut random);
            let parent = people.first().unwrap();
            for child in people.iter().filter(|p| p.role == Role::Child) {
                assert!(child.age(on) < 18);
                if parent.sex == Sex::Female {
                    assert!(parent.age(on) >= child.age(on) + 14);
                }
            }
        }
    }
}
