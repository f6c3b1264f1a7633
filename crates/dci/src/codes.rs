//! The code lists of the standard.
//!
//! A value is read from its code (`M`) or from its words (`married`), which
//! deployed systems write as often, in whatever letters, and is written as
//! its code. It does not remember which of the two it was read from. What no
//! list has, because it is newer or a country's own, is `Other`, as it came,
//! and is not an error.
//!
//! ```
//! use solidarity_dci::codes::MaritalStatus;
//!
//! let read: MaritalStatus = serde_json::from_str(r#""married""#)?;
//! assert_eq!(read, MaritalStatus::Married);
//! assert_eq!((read.code(), read.label()), ("M", "Married"));
//! assert_eq!(serde_json::to_string(&read)?, r#""M""#);
//!
//! let national = MaritalStatus::new("customary")?;
//! assert!(matches!(national, MaritalStatus::Other(_)));
//! assert_eq!(serde_json::to_string(&national)?, r#""customary""#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Many codes are digits: a partner who writes them as JSON numbers is
//! understood under [`Tolerance::TextAsNumbers`](crate::Tolerance).

mod common;
mod crvs;
mod dr;
mod ess;
mod fr;
mod ibr;
mod identity;
mod registry;
mod relationship;

pub use common::{
    AssistanceUnit, DisabilityType, EducationLevel, EmploymentStatus, FunctionalLimitation,
    FunctionalSeverity, IdentifierType, IncomeLevel, LanguageCode, MaritalStatus, Occupation, Sex,
};
pub use crvs::VitalEventType;
pub use dr::{
    AnimalAssistanceType, AssistiveTechnologyType, DisabilityLevel, DisabilityOnset,
    DisabilityStatus, HousingSupportType, HousingType, HumanAssistanceType, ImpairmentCause,
    ImpairmentLevel, ImpairmentType, MedicalCareType, SupportFrequency, SupportStatus,
    TransportRequirement,
};
pub use ess::{EmploymentType, EnrolmentStatus, UnemploymentReason};
pub use fr::{
    AgriSupportActivity, AnimalType, AquaSupportActivity, Aquaculture, CropActivity, CropEndUse,
    CropType, EquipmentSource, FarmType, FertilizerType, ForestActivity, IrrigationWater,
    LandTenure, LivestockSystem, MachineryType, MeasurementUnit,
};
pub use ibr::{
    BenefitType, ContributionType, EnrollmentStatus, InstitutionType, LegalStatus, ProgrammeType,
    SocialProtectionFunction,
};
pub use identity::BiometricType;
pub use registry::{RegistryEventType, RegistryRecordType, RegistryType};
pub use relationship::RelationshipType;

/// What a list has.
#[derive(Debug)]
pub(crate) struct List {
    /// The file that defines it.
    #[cfg(test)]
    source: &'static str,
    entries: &'static [Entry],
}

#[derive(Debug)]
struct Entry {
    code: &'static str,
    label: &'static str,
    /// Other words for it that occur in the field.
    words: &'static [&'static str],
}

impl List {
    /// The one entry that `text` is a code or words of. A code is looked for
    /// as it is written, then words, then a code in other letters.
    fn position(&self, text: &str) -> Option<usize> {
        if self.count(text) > 0 {
            return self.only(|entry| entry.code == text);
        }
        let worded = |entry: &Entry| {
            alike(entry.label, text) || entry.words.iter().any(|words| alike(words, text))
        };
        self.only(worded)
            .or_else(|| self.only(|entry| alike(entry.code, text)))
    }

    fn only(&self, is: impl Fn(&Entry) -> bool) -> Option<usize> {
        let mut found = (0..).zip(self.entries).filter(|(_, entry)| is(entry));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }

    /// How many entries have `code`.
    fn count(&self, code: &str) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.code == code).count()
    }

    /// The standard's words for `text`, a code or other words.
    pub(crate) fn label(&self, text: &str) -> Option<&'static str> {
        let entry = self.entries.get(self.position(text)?)?;
        Some(entry.label)
    }
}

/// Whether two texts are the same words, whatever the letters, the spaces,
/// the dashes and the apostrophes are like.
fn alike(one: &str, other: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
        let gap = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '_');
        let words = text.split(gap).filter(|word| !word.is_empty());
        words.flat_map(|word| {
            let letters = word.chars().map(|c| match c {
                '’' => '\'',
                c => c.to_ascii_lowercase(),
            });
            std::iter::once(' ').chain(letters)
        })
    }
    letters(one).eq(letters(other))
}

macro_rules! code_list {
    ($(
        $(#[$doc:meta])*
        $name:ident from $source:literal {
            $( $variant:ident = $code:literal, $label:literal $(| $word:literal)*; )+
        }
    )+) => {$(
        $(#[$doc])*
        ///
        #[doc = concat!("Source: `", $source, "`.")]
        #[derive(Clone, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $code, "`: ", $label, ".")]
                $variant,
            )+
            /// What the list does not have, as it came.
            Other(crate::Term),
        }

        impl $name {
            /// All that the list has.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) const LIST: &'static super::List = &super::List {
                #[cfg(test)]
                source: $source,
                entries: &[$(super::Entry {
                    code: $code,
                    label: $label,
                    words: &[$($word),*],
                }),+],
            };

            /// What `text` stands for, a code or words.
            ///
            /// # Errors
            ///
            /// The [`Rule`](crate::Rule) that it breaks, if it is not even a
            /// [`Term`](crate::Term).
            pub fn new(text: impl Into<String>) -> Result<Self, crate::Rule> {
                let text = text.into();
                let known = Self::LIST.position(text.trim());
                match known.and_then(|at| Self::ALL.get(at)) {
                    Some(known) => Ok(known.clone()),
                    None => crate::Term::new(text).map(Self::Other),
                }
            }

            /// The standard's code.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(term) => term.as_str(),
                }
            }

            /// The standard's words.
            #[must_use]
            pub fn label(&self) -> &str {
                match self {
                    $(Self::$variant => $label,)+
                    Self::Other(term) => term.as_str(),
                }
            }
        }

        /// What the list has by its name. What else a partner wrote may be
        /// about a person, and is not shown.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => stringify!($variant),)+
                    Self::Other(_) => "Other(…)",
                })
            }
        }

        /// As its code; as its words, where the code is another's too.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let shared = Self::LIST.count(self.code()) > 1;
                serializer.serialize_str(match self {
                    Self::Other(term) => term.as_str(),
                    known if shared => known.label(),
                    known => known.code(),
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::text::read(deserializer, crate::spelling::NAME, Self::new)
            }
        }
    )+};
}
use code_list;

#[cfg(test)]
mod tests;
