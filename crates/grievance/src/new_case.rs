use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, TEXT_MAX_BYTES};
use solidarity_core::{
    DecisionId, EnrolmentId, EntitlementId, Invalid, PaymentId, PersonId, Pii, PlaceId,
    SafeContact, check_lines, check_text,
};

use crate::limits::CONCERNS_MAX;
use crate::{CategoryCode, Concern, Sensitivity, WorkflowCode};

/// How a complaint came in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntakeChannel {
    /// Said at an office or to an officer on a visit.
    InPerson,
    /// Said on the telephone.
    Phone,
    /// Written into a web page or an app.
    Web,
    /// Sent as a text message.
    Message,
    /// Sent on paper, or put into a box.
    Letter,
    /// Brought by someone else: a neighbor, a committee, an advocate.
    ThroughAnother,
}

/// Who complains. Anybody may.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "an anonymous complainant must never fall under a wildcard"
)]
pub enum Complainant {
    /// Somebody in a register.
    Registrant(PersonId),
    /// Somebody else, by the name that they gave.
    Other(#[serde(with = "solidarity_core::exposed")] Pii<String>),
    /// Somebody who did not say. The receipt code is all that ties them to
    /// the case.
    Anonymous,
}

/// What in particular a complaint disputes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Matter {
    /// A decision about a benefit.
    Decision(DecisionId),
    /// An enrolment, or the lack of one.
    Enrolment(EnrolmentId),
    /// An amount owed.
    Entitlement(EntitlementId),
    /// A payment: not received, short, or wrong.
    Payment(PaymentId),
}

/// What a complaint says when it comes in.
///
/// ```
/// use solidarity_grievance::{
///     CategoryCode, Complainant, IntakeChannel, NewCase, standard_workflow,
/// };
///
/// let new = NewCase::new(
///     standard_workflow().code,
///     IntakeChannel::InPerson,
///     CategoryCode::new("payment/not-received")?,
///     "The agent says that the money has not come.",
///     "2026-11-23T09:00:00Z".parse().unwrap(),
/// );
/// assert_eq!(new.complainant, Complainant::Anonymous);
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewCase {
    /// The workflow that the case follows.
    pub workflow: WorkflowCode,
    /// How it came in.
    pub channel: IntakeChannel,
    /// What it is about.
    pub category: CategoryCode,
    /// How sensitive it was held to be. The workflow may hold the category to
    /// be more so.
    pub sensitivity: Sensitivity,
    /// Who complains.
    pub complainant: Complainant,
    /// How they are safely reached, if they are.
    pub safe_contact: Option<SafeContact>,
    /// What they say, in their words.
    #[serde(with = "solidarity_core::exposed")]
    pub words: Pii<String>,
    /// Whom it is about, and who therefore never handles it.
    pub concerns: BTreeSet<Concern>,
    /// What it disputes.
    pub matter: Option<Matter>,
    /// Where it happened.
    pub place: Option<PlaceId>,
    /// When it came in, which is when the clock starts: for a letter, the day
    /// on which it arrived and not the day on which it was typed.
    pub received_at: DateTime<Utc>,
}

impl NewCase {
    /// A standard complaint by somebody who did not say who they are.
    pub fn new(
        workflow: WorkflowCode,
        channel: IntakeChannel,
        category: CategoryCode,
        words: impl Into<String>,
        received_at: DateTime<Utc>,
    ) -> Self {
        Self {
            workflow,
            channel,
            category,
            sensitivity: Sensitivity::Standard,
            complainant: Complainant::Anonymous,
            safe_contact: None,
            words: Pii::new(words.into()),
            concerns: BTreeSet::new(),
            matter: None,
            place: None,
            received_at,
        }
    }

    /// The same, more sensitive.
    #[must_use]
    pub const fn with_sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// The same, by `complainant`.
    #[must_use]
    pub fn by(mut self, complainant: Complainant) -> Self {
        self.complainant = complainant;
        self
    }

    /// The same, with a way to reach them safely.
    #[must_use]
    pub fn reached_by(mut self, contact: SafeContact) -> Self {
        self.safe_contact = Some(contact);
        self
    }

    /// The same, about `concern` too.
    #[must_use]
    pub fn concerning(mut self, concern: Concern) -> Self {
        self.concerns.insert(concern);
        self
    }

    /// The same, disputing `matter`.
    #[must_use]
    pub const fn disputing(mut self, matter: Matter) -> Self {
        self.matter = Some(matter);
        self
    }

    /// The same, at `place`.
    #[must_use]
    pub const fn at(mut self, place: PlaceId) -> Self {
        self.place = Some(place);
        self
    }

    /// Checks the limits.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field and the rule.
    pub fn check(&self) -> Result<(), Invalid> {
        check_words("words", &self.words)?;
        if let Complainant::Other(name) = &self.complainant {
            check_text("complainant", name.expose(), LINE_MAX_BYTES)?;
        }
        if self.concerns.len() > CONCERNS_MAX {
            return Err(Invalid::new(
                "concerns",
                format!("must be at most {CONCERNS_MAX}"),
            ));
        }
        Ok(())
    }
}

/// Checks what somebody says in their own words.
pub(crate) fn check_words(field: &'static str, words: &Pii<String>) -> Result<(), Invalid> {
    check_lines(field, words.expose(), TEXT_MAX_BYTES)
}
