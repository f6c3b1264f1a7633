use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

solidarity_core::code! {
    /// A way to find out whether somebody is who they say they are.
    ///
    /// The known ones are constants: a verifier and a policy that mean the
    /// same method cannot differ by a letter.
    pub struct Method;
}

impl Method {
    /// Facts that the person states agree with facts that a source holds.
    pub const DEMOGRAPHIC: Self = Self::from_static("demographic");
    /// The person reads out a code sent to a telephone that is theirs alone.
    pub const ONE_TIME_CODE: Self = Self::from_static("one_time_code");
    /// An officer looks at a document and at the person.
    pub const DOCUMENT_SEEN: Self = Self::from_static("document_seen");
    /// Fingerprints agree with those enrolled.
    pub const BIOMETRIC: Self = Self::from_static("biometric");
    /// Somebody of standing, who knows the person, vouches for them.
    pub const INTRODUCER: Self = Self::from_static("introducer");
    /// A committee of the community vouches for them.
    pub const COMMUNITY_COMMITTEE: Self = Self::from_static("community_committee");
    /// An officer, face to face, decides on all that there is.
    pub const IN_PERSON: Self = Self::from_static("in_person");
    /// An entry in the [`ExceptionRegister`](crate::ExceptionRegister).
    pub const EXCEPTION: Self = Self::from_static("exception");

    /// What a known method needs, and who does it. `None` for a country's own.
    #[must_use]
    pub fn known(&self) -> Option<(MeansSet, Conduct)> {
        let (needs, conduct): (&[Means], Conduct) = match self.as_str() {
            "demographic" => (&[Means::Record], Conduct::Machine),
            "one_time_code" => (&[Means::Phone], Conduct::Machine),
            "biometric" => (&[Means::Fingerprints], Conduct::Machine),
            "document_seen" => (&[Means::Document], Conduct::People),
            "introducer" | "community_committee" | "in_person" | "exception" => {
                (&[], Conduct::People)
            }
            _ => return None,
        };
        Some((needs.iter().copied().collect(), conduct))
    }
}

/// Who carries out a method.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whether a human being is there must never fall under a wildcard"
)]
pub enum Conduct {
    /// A machine compares: it fails with its power, its network and its sensor.
    Machine,
    /// People look, listen and answer for it.
    People,
}

/// Something that a method needs of a person, and that many people lack.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Means {
    /// A telephone that is theirs alone.
    Phone,
    /// An identity document.
    Document,
    /// Fingerprints that a sensor can read.
    Fingerprints,
    /// A face, or eyes, that a camera can read.
    Face,
    /// A record of them in a register.
    Record,
}

impl Means {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Phone,
        Self::Document,
        Self::Fingerprints,
        Self::Face,
        Self::Record,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Document => "document",
            Self::Fingerprints => "fingerprints",
            Self::Face => "face",
            Self::Record => "record",
        }
    }
}

/// A set of [`Means`]: what a method needs, or what a person lacks.
///
/// ```
/// use solidarity_identity::{Means, MeansSet, Method};
///
/// let (needs, _) = Method::ONE_TIME_CODE.known().unwrap();
/// let lacks: MeansSet = [Means::Phone, Means::Document].into_iter().collect();
/// assert_eq!(needs.first_in(&lacks), Some(Means::Phone));
/// assert_eq!(lacks.to_string(), "phone, document");
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct MeansSet(BTreeSet<Means>);

impl MeansSet {
    /// Nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(BTreeSet::new())
    }

    /// Everything that there is.
    #[must_use]
    pub fn everything() -> Self {
        Means::ALL.into_iter().collect()
    }

    /// The same, and `means`.
    #[must_use]
    pub fn and(mut self, means: Means) -> Self {
        self.0.insert(means);
        self
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// The first that is also in `other`.
    #[must_use]
    pub fn first_in(&self, other: &Self) -> Option<Means> {
        self.0.intersection(&other.0).next().copied()
    }

    /// The means, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Means> + '_ {
        self.0.iter().copied()
    }

    /// Every set that can be made of [`Means::ALL`], the smaller first.
    #[must_use]
    pub fn all_sets() -> Vec<Self> {
        let mut sets = vec![Self::nothing()];
        for means in Means::ALL {
            let with: Vec<_> = sets.iter().map(|set| set.clone().and(means)).collect();
            sets.extend(with);
        }
        sets.sort_by_key(|set| set.0.len());
        sets
    }
}

impl FromIterator<Means> for MeansSet {
    fn from_iter<I: IntoIterator<Item = Means>>(means: I) -> Self {
        Self(means.into_iter().collect())
    }
}

impl fmt::Display for MeansSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, means) in self.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{}", means.word())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_are_all_and_grow() {
        let sets = MeansSet::all_sets();
        assert_eq!(sets.len(), 32);
        assert_eq!(sets.iter().collect::<BTreeSet<_>>().len(), 32);
        assert!(sets.is_sorted_by_key(|set| set.iter().count()));
        assert_eq!(sets.last(), Some(&MeansSet::everything()));
    }

    #[test]
    fn a_misspelt_method_is_not_a_known_one() {
        assert!(Method::new("biometrics").unwrap().known().is_none());
        assert!(Method::BIOMETRIC.known().is_some());
    }
}
