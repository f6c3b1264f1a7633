use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, Purpose, Stamp};

use crate::limits::FIELDS_MAX;
use crate::{ConsentRef, PolicyRef};

solidarity_core::code! {
    /// A field of personal data, in the country's own words: `name`,
    /// `address.village`, `disability`.
    pub struct FieldName;
    /// Who the data go to: an agency, a company, a system. The text of an
    /// [`ActorId`](solidarity_core::ActorId) is one too.
    pub struct Recipient;
}

solidarity_core::id! {
    /// One use of somebody's data. Made by the caller, so that a check whose
    /// answer was lost can be made again without being counted twice.
    pub struct UseId;
}

/// Somebody's data are wanted: which, whose, for what, by whom.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Wire")]
pub struct Request {
    subject: PersonId,
    purpose: Purpose,
    recipient: Recipient,
    fields: BTreeSet<FieldName>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    subject: PersonId,
    purpose: Purpose,
    recipient: Recipient,
    fields: BTreeSet<FieldName>,
}

impl TryFrom<Wire> for Request {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.subject, wire.purpose, wire.recipient, wire.fields)
    }
}

impl Request {
    /// `recipient` wants `fields` of `subject` for `purpose`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] for no field, or more than
    /// [`FIELDS_MAX`](crate::limits::FIELDS_MAX).
    pub fn new(
        subject: PersonId,
        purpose: Purpose,
        recipient: Recipient,
        fields: impl IntoIterator<Item = FieldName>,
    ) -> Result<Self, Invalid> {
        let fields: BTreeSet<FieldName> = fields.into_iter().collect();
        check_set("fields", &fields, FIELDS_MAX)?;
        Ok(Self {
            subject,
            purpose,
            recipient,
            fields,
        })
    }

    /// Whose data.
    #[must_use]
    pub const fn subject(&self) -> PersonId {
        self.subject
    }

    /// For what.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// By whom.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// Which data.
    #[must_use]
    pub const fn fields(&self) -> &BTreeSet<FieldName> {
        &self.fields
    }
}

/// A request that is to be decided and, where it rests on consent, counted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewUse {
    /// Names the use.
    pub id: UseId,
    /// What is wanted.
    pub request: Request,
}

impl NewUse {
    /// The use `id`, of what `request` wants.
    #[must_use]
    pub const fn new(id: UseId, request: Request) -> Self {
        Self { id, request }
    }
}

/// A use that was permitted on somebody's consent: what the person who gave
/// it may ask to see.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Use {
    id: UseId,
    request: Request,
    policy: PolicyRef,
    consents: BTreeSet<ConsentRef>,
    decided_at: DateTime<Utc>,
    stamp: Stamp,
}

impl Use {
    pub(crate) fn new(
        new: NewUse,
        policy: PolicyRef,
        consents: BTreeSet<ConsentRef>,
        decided_at: DateTime<Utc>,
        stamp: Stamp,
    ) -> Self {
        Self {
            id: new.id,
            request: new.request,
            policy,
            consents,
            decided_at,
            stamp,
        }
    }

    /// Names the use.
    #[must_use]
    pub const fn id(&self) -> UseId {
        self.id
    }

    /// What was wanted. More than was permitted, perhaps.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The policy that it was decided by.
    #[must_use]
    pub const fn policy(&self) -> &PolicyRef {
        &self.policy
    }

    /// The consents that it rests on, each counted once.
    #[must_use]
    pub const fn consents(&self) -> &BTreeSet<ConsentRef> {
        &self.consents
    }

    /// The moment for which it was decided.
    #[must_use]
    pub const fn decided_at(&self) -> DateTime<Utc> {
        self.decided_at
    }

    /// When it was recorded, by whom, why.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }
}

/// Checks that a set holds 1 to `max` members.
pub(crate) fn check_set<T>(
    field: &'static str,
    set: &BTreeSet<T>,
    max: usize,
) -> Result<(), Invalid> {
    if set.is_empty() || set.len() > max {
        return Err(Invalid::new(field, format!("must be 1 to {max}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_limited() {
        let of = |count: usize| {
            Request::new(
                PersonId::generate(),
                Purpose::from_static("health"),
                Recipient::from_static("ministry"),
                (0..count).map(|n| FieldName::new(format!("f{n}")).unwrap()),
            )
        };
        for (count, held) in [
            (0, false),
            (1, true),
            (FIELDS_MAX - 1, true),
            (FIELDS_MAX, true),
            (FIELDS_MAX + 1, false),
        ] {
            assert_eq!(of(count).is_ok(), held, "{count}");
        }
    }

    #[test]
    fn a_request_read_from_outside_keeps_the_rules() {
        let json = r#"{"subject":"018f3b9c-0000-7000-8000-000000000000","purpose":"p","recipient":"r","fields":[]}"#;
        assert!(serde_json::from_str::<Request>(json).is_err());
    }
}
