use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, Version};

use crate::limits::{EVIDENCE_MAX, PROBABILITY_MAX_PPM};

solidarity_core::id! {
    /// The case of two people who may be one.
    pub struct DuplicateCaseId;
}

impl DuplicateCaseId {
    /// The id of the case of these two, whichever is named first.
    ///
    /// ```
    /// use solidarity_core::PersonId;
    /// use solidarity_registry::duplicate_cases::DuplicateCaseId;
    ///
    /// let (one, other) = (PersonId::generate(), PersonId::generate());
    /// assert_eq!(DuplicateCaseId::of(one, other), DuplicateCaseId::of(other, one));
    /// ```
    #[must_use]
    pub fn of(one: PersonId, other: PersonId) -> Self {
        Self::derive(&one.min(other), &one.max(other).to_string())
    }
}

solidarity_core::code! {
    /// What is compared: `family-name`, `birth`.
    pub struct EvidenceField;
    /// How the two compare in a field: `same`, `one-slip`, `different`. Never
    /// what either record says.
    pub struct EvidenceLevel;
    /// What found a pair, with its version: `linkage/0.1.0`, `clerk`.
    pub struct Finder;
}

/// What one field says about a pair.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// Which field.
    pub field: EvidenceField,
    /// How the two compare. `None` if a record says nothing there, or if the
    /// entry is the weight before anything is compared.
    pub level: Option<EvidenceLevel>,
    /// What that adds, in thousandths of a bit: over zero for one person,
    /// under zero for two. A thousand more doubles the odds.
    pub weight_millibits: i32,
}

impl Evidence {
    /// The two compare in `field` as `level` says, which weighs so much.
    #[must_use]
    pub const fn new(
        field: EvidenceField,
        level: Option<EvidenceLevel>,
        weight_millibits: i32,
    ) -> Self {
        Self {
            field,
            level,
            weight_millibits,
        }
    }
}

/// A pair that is proposed: which two records, as they were when they were
/// compared, and why they may be of one person.
///
/// ```
/// use solidarity_core::{PersonId, Version};
/// use solidarity_registry::duplicate_cases::{
///     Evidence, EvidenceField, EvidenceLevel, Finder, NewDuplicateCase,
/// };
///
/// let (one, other) = (PersonId::generate(), PersonId::generate());
/// let compared = [(other, Version::FIRST), (one, Version::FIRST.next())];
/// let pair = NewDuplicateCase::new(compared, 970_000, Finder::new("linkage/0.1.0")?)
///     .with_evidence(Evidence::new(
///         EvidenceField::new("family-name")?,
///         Some(EvidenceLevel::new("same-rare")?),
///         9_250,
///     ));
/// assert_eq!(pair.people, (one.min(other), one.max(other)));
/// assert_eq!(pair.check(), Ok(()));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewDuplicateCase {
    /// The two, the lower id first.
    pub people: (PersonId, PersonId),
    /// The versions of their records that were compared, in the same order.
    pub versions: (Version, Version),
    /// How likely they are one person, in parts per million.
    pub probability_ppm: u32,
    /// Why, field by field: 1 to [`EVIDENCE_MAX`] entries.
    pub evidence: Vec<Evidence>,
    /// What found them.
    pub found_by: Finder,
}

impl NewDuplicateCase {
    /// The pair of records `compared`, in either order; no evidence yet.
    #[must_use]
    pub fn new(compared: [(PersonId, Version); 2], probability_ppm: u32, found_by: Finder) -> Self {
        let [one, other] = compared;
        let (lower, higher) = (one.min(other), one.max(other));
        Self {
            people: (lower.0, higher.0),
            versions: (lower.1, higher.1),
            probability_ppm,
            evidence: Vec::new(),
            found_by,
        }
    }

    /// The same with one entry more.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// The id of its case.
    #[must_use]
    pub fn id(&self) -> DuplicateCaseId {
        DuplicateCaseId::of(self.people.0, self.people.1)
    }

    /// Checks that every field is as it says.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.people.0 >= self.people.1 {
            let rule = "must be two people, the lower id first";
            return Err(Invalid::new("people", rule));
        }
        if self.probability_ppm > PROBABILITY_MAX_PPM {
            let rule = format!("must be at most {PROBABILITY_MAX_PPM}");
            return Err(Invalid::new("probability_ppm", rule));
        }
        if !(1..=EVIDENCE_MAX).contains(&self.evidence.len()) {
            let rule = format!("must be 1 to {EVIDENCE_MAX} entries");
            return Err(Invalid::new("evidence", rule));
        }
        Ok(())
    }

    /// Whether it compares a later record of either person than `other` does,
    /// and an earlier one of neither.
    ///
    /// Whoever compared an earlier record has not seen what is known by now:
    /// that is why a proposal that is sent again, however late, changes
    /// nothing.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.versions != other.versions
            && self.versions.0 >= other.versions.0
            && self.versions.1 >= other.versions.1
    }
}
