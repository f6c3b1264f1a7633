//! The data objects of the standard: what the records of a register are made
//! of.
//!
//! Each is named after its class in the standard's JSON-LD. Every field may
//! be left out, so an object is made by [`Default`] and filled. The `@context`,
//! `@type` and `@id` of JSON-LD, and what a country or a newer version adds,
//! are kept under `other`.
//!
//! What names or locates a person, and what is free text about one, is
//! [`Pii`](solidarity_core::Pii): `Debug` does not show it.
//!
//! The classes by which a register only renames a class of the core (`SRPerson`,
//! `DRPerson`, `FRPerson`, `IBRPerson`, `ESSPerson`, and each register's `Group`
//! and `Member`, save those of ESS) have no fields of their own: they are
//! [`Person`], [`Group`] and [`Member`].
//!
//! A partner who differs in the shape of records has a [`RecordProfile`].

mod address;
mod crvs;
mod dr;
mod ess;
mod fr;
mod group;
mod ibr;
mod identifier;
mod identity;
mod member;
mod name;
mod person;
mod place;
mod profile;

pub use address::{Address, GeoBounds, GeoLocation, PlusCode, PlusCodeGeometry};
pub use crvs::CrvsPerson;
pub use dr::{
    AnimalAssistance, AssistiveTechnology, DisabilityDetails, DisabilitySupport, HousingSupport,
    HumanAssistance, MedicalCare, PwdPerson,
};
pub use ess::{EmploymentInfo, EssGroup, EssMember};
pub use fr::{CropDetails, FarmInfo, Farmer, FarmingActivities, LivestockDetails, Machineries};
pub use group::Group;
pub use ibr::{Beneficiary, Benefit, BenefitFrequency, Programme};
pub use identifier::Identifier;
pub use identity::{BiometricData, IdPerson};
pub use member::{DisabilityInfo, Member};
pub use name::Name;
pub use person::{Person, RelatedPerson};
pub use place::{GeoCoordinates, GeoShape, Place, PlaceOrText};
pub use profile::{RecordHabit, RecordProfile};

/// Structs of which every field may be left out. A field's type is one of
/// `T`, `[T]` for a list, `pii T` and `pii [T]`.
macro_rules! object {
    ($( $(#[$meta:meta])* $name:ident { $($fields:tt)* } )+) => {$(
        $crate::data::object!(@fields [$(#[$meta])* $name] [] $($fields)*);
    )+};
    (@fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $field:ident: pii [$type:ty], $($rest:tt)*) => {
        $crate::data::object!(@fields $head [$($done)*
            $(#[$meta])*
            #[serde(
                default,
                skip_serializing_if = "Vec::is_empty",
                with = "solidarity_core::exposed"
            )]
            pub $field: Vec<solidarity_core::Pii<$type>>,
        ] $($rest)*);
    };
    (@fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $field:ident: pii $type:ty, $($rest:tt)*) => {
        $crate::data::object!(@fields $head [$($done)*
            $(#[$meta])*
            #[serde(
                default,
                skip_serializing_if = "Option::is_none",
                with = "solidarity_core::exposed"
            )]
            pub $field: Option<solidarity_core::Pii<$type>>,
        ] $($rest)*);
    };
    (@fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $field:ident: [$type:ty], $($rest:tt)*) => {
        $crate::data::object!(@fields $head [$($done)*
            $(#[$meta])*
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            pub $field: Vec<$type>,
        ] $($rest)*);
    };
    (@fields $head:tt [$($done:tt)*]
        $(#[$meta:meta])* $field:ident: $type:ty, $($rest:tt)*) => {
        $crate::data::object!(@fields $head [$($done)*
            $(#[$meta])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$type>,
        ] $($rest)*);
    };
    (@fields [$(#[$meta:meta])* $name:ident] [$($done:tt)*]) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($done)*
            /// The `@context`, `@type` and `@id` of JSON-LD, and what a country
            /// or a newer version adds.
            #[serde(flatten)]
            pub other: crate::json::Object,
        }
    };
}
use object;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
