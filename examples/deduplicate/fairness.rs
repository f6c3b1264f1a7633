//! Whether the errors fall on some people more than on others.

use std::collections::HashMap;

use serde::{Serialize, Serializer, ser::SerializeMap};
use solidarity_linkage::normalize::PartialDate;
use solidarity_linkage::{Class, Field, FieldKind, ScoredPair};

/// What records are told apart by, with the groups from the one of which least
/// is known to the one of which most is.
const SIDES: [(&str, &[&str]); 4] = [
    ("names", &["single name", "several names"]),
    ("birth", &["missing", "weak", "full"]),
    ("father", &["no father's name", "father's name"]),
    (
        "script",
        &["another script", "letters with marks", "plain letters"],
    ),
];

/// The most groups of a side.
const GROUPS: usize = 3;

/// A group with fewer pairs is shown, but is too small for the gap: one pair
/// more or less would move it by a point.
const FEWEST: u64 = 100;

/// The group of a record on each side, by its place in [`SIDES`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Groups([u8; SIDES.len()]);

impl Groups {
    /// Of a record with these values of `fields`.
    pub(crate) fn of<'a>(fields: impl Iterator<Item = (&'a Field, &'a str)>) -> Self {
        let (mut names, mut birth, mut father, mut script) = (0, 0, 0, 2);
        for (field, value) in fields {
            if field.kind == FieldKind::BirthDate
                && let Some(date) = PartialDate::parse(value)
            {
                let whole = date.month > 0 && date.day > 0 && !date.is_weak();
                birth = birth.max(1 + u8::from(whole));
            }
            if field.kind.is_name() {
                let words = value.split(|c: char| !c.is_alphanumeric() && c != '\'');
                let words = words.filter(|word| !word.is_empty()).take(2).count();
                names += words;
                if field.kind == FieldKind::ParentName && words > 0 {
                    father = 1;
                }
                script = script.min(script_of(value));
            }
        }
        Self([u8::from(names > 1), birth, father, script])
    }
}

fn script_of(name: &str) -> u8 {
    // Basic Latin to Latin Extended-B, and Latin Extended Additional.
    let is_latin = |c: char| c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c);
    if name.is_ascii() {
        2
    } else {
        let mut letters = name.chars().filter(|c| c.is_alphabetic());
        u8::from(letters.all(is_latin))
    }
}

/// What went wrong with the pairs of one group. A pair is of the group of
/// which less is known, if its records are of two.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Errors {
    /// Pairs that are one person.
    true_pairs: u64,
    /// Of these, those that are not called a match.
    missed: u64,
    /// Of these, those that nobody is asked about either.
    overlooked: u64,
    /// Pairs that are called a match.
    matches: u64,
    /// Of these, those that are two people.
    #[serde(rename = "false")]
    wrong: u64,
}

/// A share of a group's errors; nothing where the group is too small.
type Rate = fn(&Errors) -> Option<f64>;

const RATES: [(&str, Rate); 3] = [
    ("missed", |errors| rate(errors.missed, errors.true_pairs)),
    ("overlooked", |errors| {
        rate(errors.overlooked, errors.true_pairs)
    }),
    ("false", |errors| rate(errors.wrong, errors.matches)),
];

fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole >= FEWEST).then(|| part as f64 / whole as f64)
}

/// The errors by group, and the gaps between groups.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fairness([[Errors; GROUPS]; SIDES.len()]);

impl Fairness {
    pub(crate) fn measure<T: Eq + std::hash::Hash>(
        pairs: &[ScoredPair],
        truth: &[T],
        groups: &[Groups],
    ) -> Self {
        let mut fairness = Self::default();
        fairness.count_true_pairs(truth, groups);
        for pair in pairs {
            let (left, right) = (pair.left as usize, pair.right as usize);
            let (Some(one), Some(other)) = (groups.get(left), groups.get(right)) else {
                continue;
            };
            let is_one = truth.get(left) == truth.get(right);
            for ((side, a), b) in fairness.0.iter_mut().zip(one.0).zip(other.0) {
                let Some(errors) = side.get_mut(usize::from(a.min(b))) else {
                    continue;
                };
                errors.matches += u64::from(pair.class == Class::Match);
                match (is_one, pair.class) {
                    (true, Class::Match) => {
                        errors.missed -= 1;
                        errors.overlooked -= 1;
                    }
                    (true, Class::Possible) => errors.overlooked -= 1,
                    (false, Class::Match) => errors.wrong += 1,
                    (_, Class::Different | Class::Possible) => {}
                }
            }
        }
        fairness
    }

    /// Counts the pairs that are one person, all of them as overlooked. A pair
    /// of a group is one of which the record of which less is known is of it.
    fn count_true_pairs<T: Eq + std::hash::Hash>(&mut self, truth: &[T], groups: &[Groups]) {
        let mut people: HashMap<&T, [[u64; GROUPS]; SIDES.len()]> = HashMap::new();
        for (person, of) in truth.iter().zip(groups) {
            let counts = people.entry(person).or_default();
            for (counts, group) in counts.iter_mut().zip(of.0) {
                if let Some(count) = counts.get_mut(usize::from(group)) {
                    *count += 1;
                }
            }
        }
        for counts in people.values() {
            for (side, counts) in self.0.iter_mut().zip(counts) {
                let mut better: u64 = counts.iter().sum();
                for (errors, count) in side.iter_mut().zip(counts) {
                    better -= count;
                    let pairs = count * better + count * count.saturating_sub(1) / 2;
                    errors.true_pairs += pairs;
                    errors.missed += pairs;
                    errors.overlooked += pairs;
                }
            }
        }
    }

    /// Each side with its groups of which there is a pair.
    fn sides(&self) -> impl Iterator<Item = (&'static str, Vec<(&'static str, Errors)>)> {
        SIDES.iter().zip(&self.0).map(|((side, names), errors)| {
            let groups = names.iter().copied().zip(errors.iter().copied());
            let there = groups.filter(|(_, errors)| errors.true_pairs + errors.matches > 0);
            (*side, there.collect())
        })
    }

    /// Prints it as a table.
    pub(crate) fn tell(&self) {
        println!("errors by group          pairs  missed  overlooked   matches   false");
        for (side, groups) in self.sides() {
            println!("{side}");
            for (group, errors) in &groups {
                let Errors {
                    true_pairs,
                    matches,
                    ..
                } = errors;
                let [missed, overlooked, wrong] = RATES.map(|(_, rate)| percent(rate(errors)));
                println!(
                    "  {group:<20}{true_pairs:>8}{missed:>8}{overlooked:>12}{matches:>10}{wrong:>8}"
                );
            }
            let [missed, overlooked, wrong] = RATES.map(|(_, rate)| percent(gap(&groups, rate)));
            println!(
                "  {:<28}{missed:>8}{overlooked:>12}{wrong:>18}",
                "gap, in points"
            );
        }
    }
}

/// By how much the worst group is worse than the best; nothing where fewer than
/// two are large enough.
fn gap(groups: &[(&str, Errors)], rate: Rate) -> Option<f64> {
    let rates: Vec<f64> = groups
        .iter()
        .filter_map(|(_, errors)| rate(errors))
        .collect();
    let worst = rates.iter().copied().reduce(f64::max)?;
    let best = rates.iter().copied().reduce(f64::min)?;
    (rates.len() > 1).then_some(worst - best)
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1}", share * 100.0))
}

impl Default for Fairness {
    fn default() -> Self {
        Self([[Errors::default(); GROUPS]; SIDES.len()])
    }
}

impl Serialize for Fairness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Side<'a> {
            missed_gap: Option<f64>,
            overlooked_gap: Option<f64>,
            false_gap: Option<f64>,
            groups: HashMap<&'a str, Errors>,
        }
        let mut sides = serializer.serialize_map(Some(SIDES.len()))?;
        for (side, groups) in self.sides() {
            let [missed_gap, overlooked_gap, false_gap] = RATES.map(|(_, rate)| gap(&groups, rate));
            let groups = groups.into_iter().collect();
            let said = Side {
                missed_gap,
                overlooked_gap,
                false_gap,
                groups,
            };
            sides.serialize_entry(side, &said)?;
        }
        sides.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(values: [&str; 3]) -> Groups {
        let kinds = [
            FieldKind::GivenName,
            FieldKind::ParentName,
            FieldKind::BirthDate,
        ];
        let fields = kinds.map(|kind| Field::new("x", kind));
        Groups::of(fields.iter().zip(values))
    }

    #[test]
    fn a_record_is_told_apart_by_what_it_says() {
        for (values, expected) in [
            (["Tuti", "", ""], [0, 0, 0, 2]),
            (["Sri Tuti", "", "1984"], [1, 1, 0, 2]),
            (["Tuti", "Eko", "1984-01-01"], [1, 1, 1, 2]),
            (["O'Neil", "", "1984-05"], [0, 1, 0, 2]),
            (["José", "", "1984-05-12"], [0, 2, 0, 1]),
            (["Nguyễn", "", "unknown"], [0, 0, 0, 1]),
            (["Tuti", "राम", "2.3.1984"], [1, 2, 1, 0]),
            (["", "", ""], [0, 0, 0, 2]),
        ] {
            assert_eq!(groups(values), Groups(expected), "{values:?}");
        }
    }

    #[test]
    fn every_pair_is_of_one_group() {
        // Three records of one person: without a birth date, a weak, a full one;
        // two of another with full ones.
        let dates = ["", "1984", "1984-05-12", "1990-02-03", "1990-02-03"];
        let of: Vec<Groups> = dates
            .iter()
            .map(|date| groups(["Tuti", "", date]))
            .collect();
        let fairness = Fairness::measure(&[], &[1, 1, 1, 2, 2], &of);
        let pairs = |side: usize| fairness.0[side].map(|errors| errors.true_pairs);
        assert_eq!(pairs(1), [2, 1, 1]);
        assert_eq!(pairs(0), [4, 0, 0]);
        assert_eq!(
            fairness.0[1][0],
            Errors {
                true_pairs: 2,
                missed: 2,
                overlooked: 2,
                ..Errors::default()
            }
        );
    }

    #[test]
    fn the_gap_is_between_groups_that_are_large_enough() {
        let errors = |true_pairs, missed| Errors {
            true_pairs,
            missed,
            ..Errors::default()
        };
        let [(_, missed), ..] = RATES;
        let groups = [
            ("a", errors(100, 20)),
            ("b", errors(1_000, 50)),
            ("c", errors(99, 99)),
        ];
        assert!(gap(&groups, missed).is_some_and(|gap| (gap - 0.15).abs() < 1e-12));
        assert_eq!(gap(&groups[1..], missed), None);
        assert_eq!(gap(&[], missed), None);
    }
}
