use std::fmt;

use uuid::Uuid;

/// Declares an identifier: a UUID that cannot be mistaken for any other.
///
/// An id is either *fresh* (`generate`: UUIDv7, RFC 9562 §5.7) or *derived*
/// from its cause and a step (`derive`: UUIDv5, RFC 9562 §5.5). A derived id
/// is the same however often it is made, so a command that carries one can be
/// sent again after a crash without happening twice.
///
/// ```
/// solidarity_core::id! {
///     /// A person in a register.
///     pub struct RegistrantId;
/// }
///
/// let id = RegistrantId::generate();
/// assert_eq!(id.to_string().parse(), Ok(id));
///
/// let heir = RegistrantId::derive(&id, "heir");
/// assert_eq!(heir, RegistrantId::derive(&id, "heir"));
/// assert_ne!(heir, RegistrantId::derive(&id, "second heir"));
/// ```
#[macro_export]
macro_rules! id {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        $vis struct $name($crate::__private::uuid::Uuid);

        impl $name {
            /// A new identifier, unique across machines and sortable by time.
            #[must_use]
            $vis fn generate() -> Self {
                Self($crate::__private::uuid::Uuid::now_v7())
            }

            /// The identifier that `step` of `cause` always has.
            ///
            /// The kind of identifier takes part, so that two kinds derived
            /// from one cause and step are different UUIDs.
            #[must_use]
            $vis fn derive(cause: &impl ::std::convert::AsRef<$crate::__private::uuid::Uuid>, step: &str) -> Self {
                Self($crate::__private::derive(cause.as_ref(), ::std::stringify!($name), step))
            }

            /// The identifier that `uuid` already is elsewhere.
            #[must_use]
            $vis const fn from_uuid(uuid: $crate::__private::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID beneath.
            #[must_use]
            $vis const fn as_uuid(&self) -> &$crate::__private::uuid::Uuid {
                &self.0
            }
        }

        impl ::std::convert::AsRef<$crate::__private::uuid::Uuid> for $name {
            fn as_ref(&self) -> &$crate::__private::uuid::Uuid {
                &self.0
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::ParseIdError;

            fn from_str(s: &str) -> ::std::result::Result<Self, Self::Err> {
                match $crate::__private::uuid::Uuid::parse_str(s) {
                    Ok(uuid) => Ok(Self(uuid)),
                    Err(_) => Err($crate::ParseIdError::new(::std::stringify!($name))),
                }
            }
        }
    )+};
}

#[doc(hidden)]
#[must_use]
pub fn derive(cause: &Uuid, kind: &str, step: &str) -> Uuid {
    Uuid::new_v5(cause, format!("{kind}:{step}").as_bytes())
}

id! {
    /// A person, in every block that speaks of one.
    pub struct PersonId;
    /// An assistance unit: a household, a family, a single member, or the
    /// country's own.
    pub struct UnitId;
    /// A programme of assistance.
    pub struct ProgrammeId;
    /// One round of a programme's payments.
    pub struct CycleId;
    /// A unit's or a person's enrolment in a programme.
    pub struct EnrolmentId;
    /// What an enrolment gives in one cycle.
    pub struct EntitlementId;
    /// A decision about somebody's benefit.
    pub struct DecisionId;
    /// A notice given to somebody about a decision.
    pub struct NoticeId;
    /// One payment to one payee, however often it is tried.
    pub struct PaymentId;
    /// A grievance case.
    pub struct CaseId;
    /// A consent, given or refused.
    pub struct ConsentId;
    /// A place in the country's hierarchy of places.
    pub struct PlaceId;
    /// A person or a system that acts: an officer, a service, a partner.
    pub struct ActorId;
    /// What ties together all that one request caused.
    pub struct CorrelationId;
}

/// A string was not an identifier.
///
/// The message names the kind of identifier expected and never repeats the
/// input, which may be personal data typed into the wrong field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParseIdError {
    expected: &'static str,
}

impl ParseIdError {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected a UUID for {}", self.expected)
    }
}

impl std::error::Error for ParseIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_derived_from_one_cause_and_step_differ() {
        let cause = PersonId::generate();
        let payment = PaymentId::derive(&cause, "x");
        let case = CaseId::derive(&cause, "x");
        assert_ne!(payment.as_uuid(), case.as_uuid());
        assert_eq!(payment.as_uuid().get_version_num(), 5);
    }

    #[test]
    fn a_parse_error_never_repeats_its_input() {
        let error = "Amina 0712".parse::<PersonId>().unwrap_err();
        assert_eq!(error.to_string(), "expected a UUID for PersonId");
    }
}
