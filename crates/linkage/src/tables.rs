use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::limits::{
    FULL_NAMES_MAX, NICKNAMES_MAX, PARTICLES_MAX, TABLE_WORD_MAX_BYTES, TRANSLITERATIONS_MAX,
};
use crate::normalize::{skeleton, words};
use crate::{Error, Result};

mod transliteration;

use transliteration::Transliteration;

/// What a country knows of its names.
///
/// - **Nicknames**: which full names a short one stands for. None unless they
///   are given.
/// - **Transliteration**: how letters are written in Latin ones, before
///   `any_ascii` writes the rest. It says how a word *sounds*, by which records
///   are found and spellings are likened; the word itself stays as it is. None
///   unless it is given.
/// - **Particles**: words that stand before a name and say nothing of who has it,
///   such as titles and *son of*. A few unless others are given:
///   [`Tables::PARTICLES`].
///
/// They are data, and can be read from a file. Words are folded by
/// [`normalize::words`](words), and are one word each, of at most
/// [`TABLE_WORD_MAX_BYTES`].
///
/// ```
/// use solidarity_linkage::Tables;
///
/// let tables: Tables = serde_json::from_str(r#"{
///     "nicknames": {"bob": ["robert"], "alex": ["alexander", "alexandra"]},
///     "transliteration": {"хь": "h", "х": "kh"}
/// }"#)?;
/// assert_eq!(tables.full_names("bob"), ["robert"]);
/// assert_eq!(tables.sound_of("бахь"), tables.sound_of("bah"));
/// assert!(tables.is_particle("dr"), "it is there unless particles are given");
///
/// let tables = Tables::none().with_nickname("Bob", "Robert")?.with_particle("Mzee")?;
/// assert!(tables.is_particle("mzee"));
/// assert!(Tables::none().with_nickname("bob", "robert john").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Stated", into = "Stated")]
pub struct Tables {
    nicknames: BTreeMap<String, Vec<String>>,
    transliteration: Transliteration,
    particles: BTreeSet<String>,
}

/// Tables as they are written.
#[derive(Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Stated {
    nicknames: BTreeMap<String, Vec<String>>,
    transliteration: BTreeMap<String, String>,
    particles: BTreeSet<String>,
}

impl Tables {
    /// The particles that are known unless others are given: titles; articles
    /// and *of*; *son of* and *daughter of*.
    ///
    /// A word that is also a common name by itself is not among them: *ben*,
    /// *haji*, *van* and *md* each are the name of many. Nor are *junior* and
    /// *senior*, which tell a son from his father.
    pub const PARTICLES: &[&str] = &[
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "rev",
        "hajji",
        "alhaji",
        "alhaja",
        "hajia",
        "sheikh",
        "shaikh",
        "shaykh",
        "الحاج",
        "الشيخ",
        "al",
        "el",
        "de",
        "del",
        "der",
        "dos",
        "von",
        "bin",
        "ibn",
        "bint",
        "binti",
        "ould",
        "بن",
        "ابن",
        "بنت",
    ];

    /// Nothing at all.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            nicknames: BTreeMap::new(),
            transliteration: Transliteration::none(),
            particles: BTreeSet::new(),
        }
    }

    /// The same, where `short` may stand for `full`, beside what else it may
    /// stand for. Names are looked up once: what `full` may stand for in its
    /// turn is another matter.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] if one of them is not one word, both are the same, or
    /// one is too long or too many (see [`limits`](crate::limits)).
    pub fn with_nickname(mut self, short: &str, full: &str) -> Result<Self> {
        const TABLE: &str = "nicknames";
        let (short, full) = (one_word(TABLE, short)?, one_word(TABLE, full)?);
        if short == full {
            return Err(refused(TABLE, "must stand for another name"));
        }
        let is_new = !self.nicknames.contains_key(&short);
        if is_new && self.nicknames.len() >= NICKNAMES_MAX {
            return Err(refused(TABLE, "must be at most 10000"));
        }
        let names = self.nicknames.entry(short).or_default();
        if !names.contains(&full) {
            if names.len() >= FULL_NAMES_MAX {
                return Err(refused(TABLE, "must each stand for at most 16 names"));
            }
            names.push(full);
        }
        Ok(self)
    }

    /// The same, where the letters `from` are written `to`. `to` may be empty:
    /// then they are not heard.
    ///
    /// Of several that fit, the longest is taken; what was written is not
    /// looked at again.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] if `from` is not one word or is there already, `to`
    /// is more than one word, or one is too long or too many (see
    /// [`limits`](crate::limits)).
    pub fn with_transliteration(mut self, from: &str, to: &str) -> Result<Self> {
        const TABLE: &str = "transliteration";
        let from = one_word(TABLE, from)?;
        let to = match to.is_empty() {
            true => String::new(),
            false => one_word(TABLE, to)?,
        };
        if self.transliteration.len() >= TRANSLITERATIONS_MAX {
            return Err(refused(TABLE, "must be at most 1024"));
        }
        if !self.transliteration.add(from, to) {
            return Err(refused(TABLE, "must have each sequence of letters once"));
        }
        Ok(self)
    }

    /// The same with one more particle.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] if it is not one word, is too long, or is one too many
    /// (see [`limits`](crate::limits)).
    pub fn with_particle(mut self, word: &str) -> Result<Self> {
        const TABLE: &str = "particles";
        let word = one_word(TABLE, word)?;
        if !self.particles.contains(&word) && self.particles.len() >= PARTICLES_MAX {
            return Err(refused(TABLE, "must be at most 256"));
        }
        self.particles.insert(word);
        Ok(self)
    }

    /// The same without a particle, where that is a name.
    #[must_use]
    pub fn without_particle(mut self, word: &str) -> Self {
        self.particles.remove(words(word).concat().as_str());
        self
    }

    /// The full names that a folded word may stand for, itself not among them.
    #[must_use]
    pub fn full_names(&self, word: &str) -> &[String] {
        self.nicknames.get(word).map_or(&[], Vec::as_slice)
    }

    /// Whether one of two folded words may stand for the other, or both for one
    /// name.
    #[must_use]
    pub fn may_be_one_name(&self, one: &str, other: &str) -> bool {
        let (of_one, of_other) = (self.full_names(one), self.full_names(other));
        let stands = |names: &[String], full: &str| names.iter().any(|name| name == full);
        stands(of_one, other)
            || stands(of_other, one)
            || of_one.iter().any(|name| stands(of_other, name))
    }

    /// Whether a folded word says nothing of who has the name that it stands
    /// before. The last word of a name always says something.
    #[must_use]
    pub fn is_particle(&self, word: &str) -> bool {
        self.particles.contains(word)
    }

    /// How a folded word sounds: its letters written as the table has them, and
    /// of that the [`skeleton`](crate::normalize::skeleton).
    #[must_use]
    pub fn sound_of(&self, word: &str) -> String {
        skeleton(&self.transliteration.write(word))
    }
}

impl Default for Tables {
    /// The built-in particles, and nothing else.
    fn default() -> Self {
        Self {
            particles: Self::PARTICLES.iter().copied().map(String::from).collect(),
            ..Self::none()
        }
    }
}

impl Default for Stated {
    fn default() -> Self {
        Tables::default().into()
    }
}

impl TryFrom<Stated> for Tables {
    type Error = Error;

    fn try_from(stated: Stated) -> Result<Self> {
        let mut tables = Self::none();
        for (short, names) in &stated.nicknames {
            for full in names {
                tables = tables.with_nickname(short, full)?;
            }
        }
        for (from, to) in &stated.transliteration {
            tables = tables.with_transliteration(from, to)?;
        }
        for word in &stated.particles {
            tables = tables.with_particle(word)?;
        }
        Ok(tables)
    }
}

impl From<Tables> for Stated {
    fn from(tables: Tables) -> Self {
        Self {
            nicknames: tables.nicknames,
            transliteration: tables.transliteration.into_pairs(),
            particles: tables.particles,
        }
    }
}

/// The one word that `text` is, folded.
fn one_word(table: &'static str, text: &str) -> Result<String> {
    if text.len() > TABLE_WORD_MAX_BYTES {
        return Err(refused(table, "must be of at most 64 bytes each"));
    }
    match words(text).as_mut_slice() {
        [word] => Ok(std::mem::take(word)),
        _ => Err(refused(table, "must be of one word each")),
    }
}

const fn refused(option: &'static str, rule: &'static str) -> Error {
    Error::Option { option, rule }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule<T: std::fmt::Debug>(made: Result<T>) -> String {
        made.unwrap_err().to_string()
    }

    #[test]
    fn the_built_in_particles_are_folded_words_that_are_there_once() {
        for word in Tables::PARTICLES {
            assert_eq!(words(word), [*word]);
        }
        let tables = Tables::default();
        assert_eq!(tables.particles.len(), Tables::PARTICLES.len());
        for name in ["ben", "haji", "van", "md", "abd", "abu", "junior"] {
            assert!(!tables.is_particle(name), "{name}");
        }
        assert!(!tables.without_particle(" AL ").is_particle("al"));
    }

    #[test]
    fn a_short_name_may_stand_for_several() {
        let tables = [("Bob", "Robert"), ("rob", "robert"), ("Alex", "Alexander")]
            .into_iter()
            .chain([("alex", "Álexandra"), ("alex", "ALEXANDER")])
            .try_fold(Tables::none(), |tables, (short, full)| {
                tables.with_nickname(short, full)
            })
            .unwrap();
        assert_eq!(tables.full_names("alex"), ["alexander", "alexandra"]);
        assert!(tables.full_names("robert").is_empty());
        for (one, other, same) in [
            ("bob", "robert", true),
            ("bob", "rob", true),
            ("alex", "alexandra", true),
            ("alexander", "alexandra", false),
            ("bob", "alex", false),
            ("bobby", "robert", false),
        ] {
            assert_eq!(tables.may_be_one_name(one, other), same, "{one} {other}");
            assert_eq!(tables.may_be_one_name(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn words_that_are_none_are_refused() {
        let (none, long) = (Tables::none, "x".repeat(TABLE_WORD_MAX_BYTES + 1));
        let fits = &long[1..];
        assert!(none().with_nickname(fits, "x").is_ok());
        for (made, told) in [
            (
                none().with_nickname("", "x"),
                "`nicknames` must be of one word each",
            ),
            (
                none().with_nickname("a b", "x"),
                "`nicknames` must be of one word each",
            ),
            (
                none().with_nickname("x", "-"),
                "`nicknames` must be of one word each",
            ),
            (
                none().with_nickname("X", "x"),
                "`nicknames` must stand for another name",
            ),
            (
                none().with_nickname("x", &long),
                "`nicknames` must be of at most 64 bytes each",
            ),
            (
                none().with_particle("a b"),
                "`particles` must be of one word each",
            ),
            (
                none().with_particle(&long),
                "`particles` must be of at most 64 bytes each",
            ),
            (
                none().with_transliteration("", "x"),
                "`transliteration` must be of one word each",
            ),
            (
                none().with_transliteration("x", "a b"),
                "`transliteration` must be of one word each",
            ),
            (
                none()
                    .with_transliteration("x", "y")
                    .and_then(|t| t.with_transliteration("X", "z")),
                "`transliteration` must have each sequence of letters once",
            ),
        ] {
            assert_eq!(rule(made), told);
        }
    }

    /// A table of so many entries, made and read.
    fn sized(table: &str, entries: usize) -> [bool; 2] {
        let names: Vec<String> = (0..entries).map(|n| format!("w{n}")).collect();
        let made = names
            .iter()
            .try_fold(Tables::none(), |tables, name| match table {
                "nicknames" => tables.with_nickname(name, "full"),
                "full names" => tables.with_nickname("short", name),
                "transliteration" => tables.with_transliteration(name, "x"),
                _ => tables.with_particle(name),
            });
        let each = |to: serde_json::Value| -> serde_json::Map<_, _> {
            names
                .iter()
                .map(|name| (name.clone(), to.clone()))
                .collect()
        };
        let stated = match table {
            "nicknames" => serde_json::json!({ table: each(vec!["full"].into()) }),
            "full names" => serde_json::json!({ "nicknames": { "short": names } }),
            "transliteration" => serde_json::json!({ table: each("x".into()) }),
            _ => serde_json::json!({ table: names, "nicknames": {} }),
        };
        [
            made.is_ok(),
            serde_json::from_value::<Tables>(stated).is_ok(),
        ]
    }

    #[test]
    fn each_table_has_a_limit_however_it_comes() {
        for (table, most) in [
            ("nicknames", NICKNAMES_MAX),
            ("full names", FULL_NAMES_MAX),
            ("transliteration", TRANSLITERATIONS_MAX),
            ("particles", PARTICLES_MAX),
        ] {
            assert_eq!(sized(table, most), [true; 2], "{table}");
            assert_eq!(sized(table, most + 1), [false; 2], "{table}");
        }
    }

    #[test]
    fn what_is_read_is_checked() {
        let read = |text: &str| serde_json::from_str::<Tables>(text);
        assert_eq!(read("{}").unwrap(), Tables::default());
        assert_eq!(read(r#"{"particles": []}"#).unwrap(), Tables::none());
        for text in [
            r#"{"particle": []}"#,
            r#"{"particles": ["a b"]}"#,
            r#"{"nicknames": {"bob": ["bob"]}}"#,
            r#"{"nicknames": {"": ["robert"]}}"#,
            r#"{"transliteration": {"Ä": "e", "a": "a"}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn without_a_table_a_word_sounds_as_it_does(word in "\\PC{0,12}") {
            for word in words(&word) {
                prop_assert_eq!(Tables::default().sound_of(&word), skeleton(&word));
            }
        }

        #[test]
        fn tables_are_written_and_read_again(
            entries in prop::collection::vec(("[a-dж]{1,3}", "[a-d]{0,3}", "[a-d]{1,3}"), 0..12),
        ) {
            let mut tables = Tables::none();
            for (one, other, third) in &entries {
                let more = tables.clone().with_transliteration(one, other);
                tables = more.unwrap_or(tables);
                let more = tables.clone().with_nickname(one, third);
                tables = more.unwrap_or(tables);
                tables = tables.with_particle(third).unwrap();
            }
            let written = serde_json::to_string(&tables).unwrap();
            let read: Tables = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(&read, &tables);
            // It does not matter in which order they came.
            for (one, _, _) in &entries {
                prop_assert!(!tables.sound_of(one).is_empty());
                prop_assert_eq!(read.sound_of(one), tables.sound_of(one));
            }
        }
    }
}
