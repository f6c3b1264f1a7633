use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ConsentId, Invalid, Language, PersonId, Purpose};

use crate::limits::{FIELDS_MAX, RETENTION_DAYS_MAX};
use crate::request::check_set;
use crate::{Budget, FieldName, NoticeVersion, Period, Recipient, Reply, Request};

/// What a person is asked, and what they said if they said it at once.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewConsent {
    /// Names the consent.
    pub id: ConsentId,
    /// Whose data.
    pub subject: PersonId,
    /// For what.
    pub purpose: Purpose,
    /// Which fields.
    pub fields: BTreeSet<FieldName>,
    /// To whom.
    pub recipient: Recipient,
    /// When it holds.
    pub period: Period,
    /// How many days the recipient may keep what it gets. 0: it looks and
    /// keeps nothing.
    pub retention_days: u32,
    /// How often the data may be used. `None`: as often as the purpose needs.
    pub budget: Option<Budget>,
    /// The version of the words that they were told.
    pub notice: NoticeVersion,
    /// The language in which they were told.
    pub language: Language,
    /// The consent, of the same person, that a yes to this one replaces.
    pub supersedes: Option<ConsentId>,
    /// What they said, if they said it at once.
    pub reply: Option<Reply>,
}

impl NewConsent {
    /// The question `id`: what `wanted` says, during `period`, as told by
    /// `notice` in `language`. Nothing may be kept and nothing is answered
    /// yet.
    #[must_use]
    pub fn new(
        id: ConsentId,
        wanted: &Request,
        period: Period,
        notice: NoticeVersion,
        language: Language,
    ) -> Self {
        Self {
            id,
            subject: wanted.subject(),
            purpose: wanted.purpose().clone(),
            fields: wanted.fields().clone(),
            recipient: wanted.recipient().clone(),
            period,
            retention_days: 0,
            budget: None,
            notice,
            language,
            supersedes: None,
            reply: None,
        }
    }

    /// The same, kept for so many days.
    #[must_use]
    pub const fn kept_for_days(mut self, days: u32) -> Self {
        self.retention_days = days;
        self
    }

    /// The same, no more often than this.
    #[must_use]
    pub const fn at_most(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// The same, answered at once.
    #[must_use]
    pub fn answered(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// The same, which a yes puts in the place of `other`.
    #[must_use]
    pub const fn superseding(mut self, other: ConsentId) -> Self {
        self.supersedes = Some(other);
        self
    }

    pub(super) fn check(&self, at: DateTime<Utc>) -> Result<(), Invalid> {
        check_set("fields", &self.fields, FIELDS_MAX)?;
        if self.retention_days > RETENTION_DAYS_MAX {
            return Err(Invalid::new(
                "retention",
                format!("must be at most {RETENTION_DAYS_MAX} days"),
            ));
        }
        if self.supersedes == Some(self.id) {
            return Err(Invalid::new("supersedes", "must be another consent"));
        }
        self.reply
            .as_ref()
            .map_or(Ok(()), |reply| reply.check(self.subject, at))
    }
}
