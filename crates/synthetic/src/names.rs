use chrono::{Datelike, NaiveDate};

use crate::Sex;
use crate::random::{Random, nth};

mod arabic;
mod central_asia;
mod east_africa;
mod ethiopia;
mod ghana;
mod java;
mod latin_america;
mod myanmar;
mod nepal;

/// A word of a name: in Latin letters, in its own script (empty where that is
/// Latin), and in Latin letters as another clerk spells it.
pub(crate) type Word = (&'static str, &'static str, &'static str);

/// Where a naming custom comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Region {
    /// A given name and a family name.
    EastAfrica,
    /// A given name, the father's and the grandfather's; also in Amharic
    /// script.
    Ethiopia,
    /// A given name, the father's and the grandfather's; also in Arabic
    /// script.
    Arabic,
    /// The Akan name of the weekday of birth, often another given name, and a
    /// family name.
    Ghana,
    /// A given name, the father's surname and the mother's.
    LatinAmerica,
    /// A given name and a family name, or a given name alone; also in
    /// Devanagari.
    Nepal,
    /// One name, or two that are one.
    Java,
    /// Two or three syllables that cannot be taken apart; also in Burmese
    /// script.
    Myanmar,
    /// A given name, a patronymic and a family name that tells the sex; also
    /// in Cyrillic.
    CentralAsia,
}

impl Region {
    /// All regions.
    pub const ALL: [Self; 9] = [
        Self::EastAfrica,
        Self::Ethiopia,
        Self::Arabic,
        Self::Ghana,
        Self::LatinAmerica,
        Self::Nepal,
        Self::Java,
        Self::Myanmar,
        Self::CentralAsia,
    ];

    pub(crate) const fn number(self) -> u64 {
        self as u64
    }

    /// The language in which its people are spoken to (BCP 47).
    #[must_use]
    pub const fn language(self) -> &'static str {
        match self {
            Self::EastAfrica => "sw",
            Self::Ethiopia => "am",
            Self::Arabic => "ar",
            Self::Ghana => "ak",
            Self::LatinAmerica => "es",
            Self::Nepal => "ne",
            Self::Java => "jv",
            Self::Myanmar => "my",
            Self::CentralAsia => "ky",
        }
    }

    const fn given(self, sex: Sex) -> &'static [Word] {
        let (female, male) = match self {
            Self::EastAfrica => (east_africa::FEMALE, east_africa::MALE),
            Self::Ethiopia => (ethiopia::FEMALE, ethiopia::MALE),
            Self::Arabic => (arabic::FEMALE, arabic::MALE),
            Self::Ghana => (ghana::FEMALE, ghana::MALE),
            Self::LatinAmerica => (latin_america::FEMALE, latin_america::MALE),
            Self::Nepal => (nepal::FEMALE, nepal::MALE),
            Self::Java => (java::FEMALE, java::MALE),
            Self::Myanmar => (myanmar::FEMALE, myanmar::MALE),
            Self::CentralAsia => (central_asia::FEMALE, central_asia::MALE),
        };
        match sex {
            Sex::Female | Sex::Other => female,
            Sex::Male => male,
        }
    }

    const fn family(self) -> &'static [Word] {
        match self {
            Self::EastAfrica => east_africa::FAMILY,
            Self::Ghana => ghana::FAMILY,
            Self::LatinAmerica => latin_america::FAMILY,
            Self::Nepal => nepal::FAMILY,
            Self::CentralAsia => central_asia::FAMILY,
            Self::Ethiopia | Self::Arabic | Self::Java | Self::Myanmar => &[],
        }
    }

    /// Of a hundred wives, how many take the husband's family name.
    pub(crate) const fn wives_take_name(self) -> u32 {
        match self {
            Self::EastAfrica => 50,
            Self::Ghana => 40,
            Self::Nepal => 90,
            Self::CentralAsia => 70,
            Self::Ethiopia | Self::Arabic | Self::LatinAmerica | Self::Java | Self::Myanmar => 0,
        }
    }
}

/// What a part of a name is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NamePart {
    /// A name of the person's own; a name that has no parts is one.
    Given,
    /// The father's given name.
    Father,
    /// The father's father's given name.
    Grandfather,
    /// A form of the father's given name.
    Patronymic,
    /// A family name; the father's surname where there are two.
    Family,
    /// The mother's surname.
    SecondFamily,
}

/// A person's name.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Name {
    /// Its parts in Latin letters, in the order in which they are said.
    pub parts: Vec<(NamePart, String)>,
    /// The whole name in the script of its language, if that is not Latin.
    pub native: Option<String>,
}

impl Name {
    /// The whole name in Latin letters.
    #[must_use]
    pub fn full(&self) -> String {
        join(self.parts.iter().map(|(_, word)| word.as_str()))
    }

    /// The words that are `part`, empty if there are none.
    #[must_use]
    pub fn part(&self, part: NamePart) -> String {
        join(
            self.parts
                .iter()
                .filter(|(of, _)| *of == part)
                .map(|(_, word)| word.as_str()),
        )
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

/// The words that a person's name is made of, whichever of them the custom
/// takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Lineage {
    given: Word,
    second_given: Word,
    father: Word,
    grandfather: Word,
    family: Word,
    second_family: Word,
    /// A number below a hundred that decides what the custom leaves open.
    style: u32,
}

impl Lineage {
    /// Somebody whose parents are not in the unit.
    pub(crate) fn alone(region: Region, sex: Sex, random: &mut Random) -> Self {
        Self {
            given: random.pick(region.given(sex)),
            second_given: random.pick(region.given(sex)),
            father: random.pick(region.given(Sex::Male)),
            grandfather: random.pick(region.given(Sex::Male)),
            family: random.pick(region.family()),
            second_family: random.pick(region.family()),
            style: random.below(100),
        }
    }

    /// The child of `father` and `mother`, as far as they are known.
    pub(crate) fn child(
        region: Region,
        sex: Sex,
        father: Option<&Self>,
        mother: Option<&Self>,
        random: &mut Random,
    ) -> Self {
        let mut child = Self::alone(region, sex, random);
        if let Some(father) = father {
            (child.father, child.grandfather) = (father.given, father.father);
            child.family = father.family;
        } else if let Some(mother) = mother {
            (child.family, child.second_family) = (mother.family, mother.second_family);
        }
        if let (Some(_), Some(mother)) = (father, mother) {
            child.second_family = mother.family;
        }
        child
    }

    /// The brother or sister of `self`.
    pub(crate) fn sibling(&self, region: Region, sex: Sex, random: &mut Random) -> Self {
        let own = Self::alone(region, sex, random);
        Self {
            given: own.given,
            second_given: own.second_given,
            style: own.style,
            ..*self
        }
    }

    /// Whether both have one given name.
    pub(crate) fn is_namesake(&self, other: &Self) -> bool {
        self.given == other.given
    }

    /// The same, after taking the family name of `husband`.
    pub(crate) const fn married_to(mut self, husband: &Self) -> Self {
        self.family = husband.family;
        self
    }

    /// The father, as his child's name tells of him.
    pub(crate) fn parent(&self, region: Region, random: &mut Random) -> Self {
        Self {
            given: self.father,
            father: self.grandfather,
            family: self.family,
            ..Self::alone(region, Sex::Male, random)
        }
    }

    /// The name, in the usual spelling or in the other.
    pub(crate) fn name(
        &self,
        region: Region,
        sex: Sex,
        born: NaiveDate,
        spelling: Spelling,
    ) -> Name {
        let words = self.words(region, sex, born);
        let native = words.iter().all(|(_, (_, native, _))| !native.is_empty());
        Name {
            native: (native && spelling == Spelling::Usual).then(|| {
                join_owned(words.iter().map(|(part, word)| {
                    let (_, native, _) = *word;
                    inflect(region, *part, sex, native, true)
                }))
            }),
            parts: words
                .into_iter()
                .map(|(part, (usual, _, other))| {
                    let word = match spelling {
                        Spelling::Usual => usual,
                        Spelling::Other => other,
                    };
                    (part, inflect(region, part, sex, word, false))
                })
                .collect(),
        }
    }

    fn words(&self, region: Region, sex: Sex, born: NaiveDate) -> Vec<(NamePart, Word)> {
        use NamePart::{Family, Father, Given, Grandfather, Patronymic, SecondFamily};
        match region {
            Region::EastAfrica => vec![(Given, self.given), (Family, self.family)],
            Region::Ethiopia | Region::Arabic => vec![
                (Given, self.given),
                (Father, self.father),
                (Grandfather, self.grandfather),
            ],
            Region::Ghana => {
                let days = match sex {
                    Sex::Female | Sex::Other => ghana::FEMALE_DAYS,
                    Sex::Male => ghana::MALE_DAYS,
                };
                let day = nth(days, born.weekday().num_days_from_sunday()).unwrap_or_default();
                let mut words = vec![(Given, day), (Family, self.family)];
                if self.style < 70 {
                    words.insert(1, (Given, self.given));
                }
                words
            }
            Region::LatinAmerica => {
                let mut words = vec![
                    (Given, self.given),
                    (Family, self.family),
                    (SecondFamily, self.second_family),
                ];
                if self.style < 40 && self.second_given != self.given {
                    words.insert(1, (Given, self.second_given));
                }
                words
            }
            Region::Nepal if self.style < 12 => vec![(Given, self.given)],
            Region::Nepal => vec![(Given, self.given), (Family, self.family)],
            Region::Java if self.style < 75 || self.second_given == self.given => {
                vec![(Given, self.given)]
            }
            Region::Java => vec![(Given, self.given), (Given, self.second_given)],
            Region::Myanmar if self.style < 60 || self.father == self.second_given => {
                vec![(Given, self.given), (Given, self.second_given)]
            }
            Region::Myanmar => vec![
                (Given, self.given),
                (Given, self.father),
                (Given, self.second_given),
            ],
            Region::CentralAsia => vec![
                (Given, self.given),
                (Patronymic, self.father),
                (Family, self.family),
            ],
        }
    }
}

/// How a clerk writes a name in Latin letters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spelling {
    Usual,
    Other,
}

/// The form that `word` has in the name of a person of `sex`.
fn inflect(region: Region, part: NamePart, sex: Sex, word: &str, native: bool) -> String {
    let ending = match (region, part, sex, native) {
        (Region::CentralAsia, NamePart::Patronymic, Sex::Female, false) => "ovna",
        (Region::CentralAsia, NamePart::Patronymic, Sex::Female, true) => "овна",
        (Region::CentralAsia, NamePart::Patronymic, Sex::Male, false) => "ovich",
        (Region::CentralAsia, NamePart::Patronymic, Sex::Male, true) => "ович",
        (Region::CentralAsia, NamePart::Family, Sex::Female, false) => "a",
        (Region::CentralAsia, NamePart::Family, Sex::Female, true) => "а",
        _ => "",
    };
    format!("{word}{ending}")
}

fn join_owned(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_child_bears_the_names_that_the_custom_gives() {
        let born = day(2015, 6, 1);
        for seed in 0..50 {
            let mut random = Random::of(seed, 0, 0);
            for region in Region::ALL {
                let father = Lineage::alone(region, Sex::Male, &mut random);
                let mother = Lineage::alone(region, Sex::Female, &mut random);
                let child = Lineage::child(
                    region,
                    Sex::Female,
                    Some(&father),
                    Some(&mother),
                    &mut random,
                );
                let of = |lineage: &Lineage, sex| lineage.name(region, sex, born, Spelling::Usual);
                let (father, mother) = (of(&father, Sex::Male), of(&mother, Sex::Female));
                let child = of(&child, Sex::Female);
                match region {
                    Region::Ethiopia | Region::Arabic => {
                        assert_eq!(child.part(NamePart::Father), father.part(NamePart::Given));
                        assert_eq!(
                            child.part(NamePart::Grandfather),
                            father.part(NamePart::Father)
                        );
                        assert!(child.native.is_some());
                    }
                    Region::LatinAmerica => {
                        assert_eq!(child.part(NamePart::Family), father.part(NamePart::Family));
                        assert_eq!(
                            child.part(NamePart::SecondFamily),
                            mother.part(NamePart::Family)
                        );
                    }
                    Region::CentralAsia => {
                        let given = father.part(NamePart::Given);
                        assert_eq!(child.part(NamePart::Patronymic), format!("{given}ovna"));
                        let family = father.part(NamePart::Family);
                        assert_eq!(child.part(NamePart::Family), format!("{family}a"));
                    }
                    Region::Java | Region::Myanmar => {
                        assert_eq!(child.part(NamePart::Family), "");
                    }
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn an_akan_child_is_named_after_its_weekday() {
        let mut random = Random::of(3, 0, 0);
        // 5 January 2020 was a Sunday, so the 10th a Friday.
        for (born, sex, name) in [
            (day(2020, 1, 5), Sex::Female, "Akosua"),
            (day(2020, 1, 10), Sex::Male, "Kofi"),
            (day(2020, 1, 11), Sex::Male, "Kwame"),
        ] {
            let lineage = Lineage::alone(Region::Ghana, sex, &mut random);
            let written = lineage
                .name(Region::Ghana, sex, born, Spelling::Usual)
                .full();
            assert_eq!(written.split(' ').next(), Some(name));
        }
    }

    #[test]
    fn every_word_has_another_spelling_and_one_script() {
        for region in Region::ALL {
            for list in [
                region.given(Sex::Female),
                region.given(Sex::Male),
                region.family(),
            ] {
                let script = |word: &Word| word.1.chars().next().map(|c| u32::from(c) >> 8);
                for word in list {
                    assert_ne!(word.0, word.2);
                    assert!(!word.0.is_empty() && !word.2.is_empty());
                    assert_eq!(script(word).is_some(), script(&list[0]).is_some());
                }
            }
        }
    }
}
