use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::limits::{LINE_MAX_BYTES, NAME_MAX_BYTES};
use solidarity_core::{Channel, Invalid, MessageForm, PersonId, Pii, check_text};

use crate::limits::{CONSENT_DAYS_MAX, WINDOW_SECONDS_MAX};

solidarity_core::code! {
    /// The version of the words in which a person was told what they are
    /// asked for.
    pub struct NoticeVersion;
}

/// What a person said when they were asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a no must never fall under a wildcard"
)]
pub enum Answer {
    /// Yes.
    Given,
    /// No. Remembered, so that nobody asks again as if they had not answered.
    Refused,
}

/// Who spoke.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "another's word for somebody must never fall under a wildcard"
)]
pub enum GivenBy {
    /// The person whom the data are about. Every adult speaks for themself:
    /// there is no answer by the head of a household.
    Subject,
    /// Somebody with authority over a child, or over an adult by a court's
    /// order. When the authority ends, what was given freezes: it permits
    /// nothing until the person is asked.
    Guardian {
        /// The guardian.
        person: PersonId,
        /// When the authority ends: the first moment of the day on which the
        /// child comes of age, or of the order's end. Of a birth date that is
        /// not certain, take the earliest.
        until: DateTime<Utc>,
    },
}

/// How something was said.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Collected {
    /// Who spoke.
    pub by: GivenBy,
    /// By which way it came.
    pub channel: Channel,
    /// Whether they read and wrote, or heard and spoke.
    pub form: MessageForm,
    /// Who stood by, by name.
    #[serde(with = "solidarity_core::exposed", default)]
    pub witness: Option<Pii<String>>,
    /// Where it is kept: the number of a form, the address of a recording.
    #[serde(with = "solidarity_core::exposed", default)]
    pub evidence: Option<Pii<String>>,
}

impl Collected {
    /// `by` said it by `channel`, in writing or by voice as `form` says.
    #[must_use]
    pub const fn new(by: GivenBy, channel: Channel, form: MessageForm) -> Self {
        Self {
            by,
            channel,
            form,
            witness: None,
            evidence: None,
        }
    }

    /// The same, before a witness.
    #[must_use]
    pub fn with_witness(mut self, name: impl Into<String>) -> Self {
        self.witness = Some(Pii::new(name.into()));
        self
    }

    /// The same, kept where `reference` says.
    #[must_use]
    pub fn with_evidence(mut self, reference: impl Into<String>) -> Self {
        self.evidence = Some(Pii::new(reference.into()));
        self
    }

    pub(crate) fn check(&self, subject: PersonId) -> Result<(), Invalid> {
        if let GivenBy::Guardian { person, .. } = self.by
            && person == subject
        {
            return Err(Invalid::new("guardian", "must be another person"));
        }
        if let Some(witness) = &self.witness {
            check_text("witness", witness.expose(), NAME_MAX_BYTES)?;
        }
        if let Some(evidence) = &self.evidence {
            check_text("evidence", evidence.expose(), LINE_MAX_BYTES)?;
        }
        Ok(())
    }
}

/// What a person answered, and how.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Reply {
    /// Yes or no.
    pub answer: Answer,
    /// How it was said.
    pub collected: Collected,
    /// Whether they said yes to exactly this, in so many words, as special
    /// categories need.
    pub explicit: bool,
}

impl Reply {
    /// A yes.
    #[must_use]
    pub const fn given(collected: Collected) -> Self {
        Self {
            answer: Answer::Given,
            collected,
            explicit: false,
        }
    }

    /// A yes to exactly this, in so many words.
    #[must_use]
    pub const fn given_explicitly(collected: Collected) -> Self {
        Self {
            answer: Answer::Given,
            collected,
            explicit: true,
        }
    }

    /// A no.
    #[must_use]
    pub const fn refused(collected: Collected) -> Self {
        Self {
            answer: Answer::Refused,
            collected,
            explicit: false,
        }
    }

    /// Checks the reply, made at `at` about the data of `subject`.
    ///
    /// A yes by voice needs a witness or a recording, and a guardian needs
    /// authority. A no needs nothing.
    pub(crate) fn check(&self, subject: PersonId, at: DateTime<Utc>) -> Result<(), Invalid> {
        self.collected.check(subject)?;
        if self.answer == Answer::Refused {
            return Ok(());
        }
        if let GivenBy::Guardian { until, .. } = self.collected.by
            && until <= at
        {
            return Err(Invalid::new(
                "guardian",
                "must have authority when they answer",
            ));
        }
        let (witness, evidence) = (&self.collected.witness, &self.collected.evidence);
        if self.collected.form == MessageForm::Voice && witness.is_none() && evidence.is_none() {
            return Err(Invalid::new(
                "witness",
                "must be named, or a recording kept, for a yes by voice",
            ));
        }
        Ok(())
    }
}

/// From one moment, included, to another, not included.
///
/// It always ends. Ten years is the longest.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "PeriodWire")]
pub struct Period {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct PeriodWire {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl TryFrom<PeriodWire> for Period {
    type Error = Invalid;

    fn try_from(wire: PeriodWire) -> Result<Self, Invalid> {
        Self::new(wire.from, wire.until)
    }
}

impl Period {
    /// From `from` to `until`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it ends before it begins or is longer than
    /// [`CONSENT_DAYS_MAX`](crate::limits::CONSENT_DAYS_MAX).
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Self, Invalid> {
        if until <= from {
            return Err(Invalid::new("period", "must end after it begins"));
        }
        if until - from > TimeDelta::days(CONSENT_DAYS_MAX) {
            return Err(Invalid::new(
                "period",
                format!("must be at most {CONSENT_DAYS_MAX} days"),
            ));
        }
        Ok(Self { from, until })
    }

    /// The `days` days that begin at `from`.
    ///
    /// # Errors
    ///
    /// As of [`new`](Self::new).
    pub fn days(from: DateTime<Utc>, days: u16) -> Result<Self, Invalid> {
        let until = from
            .checked_add_signed(TimeDelta::days(days.into()))
            .ok_or_else(|| Invalid::new("period", "must end"))?;
        Self::new(from, until)
    }

    /// Its first moment.
    #[must_use]
    pub const fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The first moment after it.
    #[must_use]
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }
}

/// How often data may be used on one consent: at most so many times within
/// any stretch of time as long as the window.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "BudgetWire")]
pub struct Budget {
    uses: u32,
    window_seconds: u32,
}

#[derive(Deserialize)]
struct BudgetWire {
    uses: u32,
    window_seconds: u32,
}

impl TryFrom<BudgetWire> for Budget {
    type Error = Invalid;

    fn try_from(wire: BudgetWire) -> Result<Self, Invalid> {
        Self::new(wire.uses, wire.window_seconds)
    }
}

impl Budget {
    /// `uses` times within `window_seconds`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if either is zero, or the window is longer than
    /// [`WINDOW_SECONDS_MAX`](crate::limits::WINDOW_SECONDS_MAX).
    pub fn new(uses: u32, window_seconds: u32) -> Result<Self, Invalid> {
        if uses == 0 {
            return Err(Invalid::new("uses", "must be at least 1"));
        }
        if window_seconds == 0 || window_seconds > WINDOW_SECONDS_MAX {
            return Err(Invalid::new(
                "window",
                format!("must be 1 to {WINDOW_SECONDS_MAX} seconds"),
            ));
        }
        Ok(Self {
            uses,
            window_seconds,
        })
    }

    /// How many times.
    #[must_use]
    pub const fn uses(self) -> u32 {
        self.uses
    }

    /// Within how many seconds.
    #[must_use]
    pub const fn window_seconds(self) -> u32 {
        self.window_seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn a_yes_by_voice_needs_a_witness_or_a_recording_and_a_no_needs_nothing() {
        let subject = PersonId::generate();
        let spoken = || Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Voice);
        let written = Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Text);
        for (reply, held) in [
            (Reply::given(spoken()), false),
            (Reply::given(spoken().with_witness("A neighbor")), true),
            (Reply::given(spoken().with_evidence("recording 7")), true),
            (Reply::given(spoken().with_witness("")), false),
            (Reply::given(written), true),
            (Reply::refused(spoken()), true),
        ] {
            assert_eq!(reply.check(subject, NOW).is_ok(), held, "{reply:?}");
        }
    }

    #[test]
    fn a_guardian_needs_authority_and_is_somebody_else() {
        let (child, parent) = (PersonId::generate(), PersonId::generate());
        let by = |person, until| {
            Reply::given(Collected::new(
                GivenBy::Guardian { person, until },
                Channel::InPerson,
                MessageForm::Text,
            ))
        };
        let later = NOW + TimeDelta::microseconds(1);
        assert_eq!(by(parent, later).check(child, NOW), Ok(()));
        assert!(by(parent, NOW).check(child, NOW).is_err());
        assert!(by(child, later).check(child, NOW).is_err());
    }

    #[test]
    fn a_period_ends_and_within_ten_years() {
        assert!(Period::days(NOW, 0).is_err());
        assert!(Period::days(NOW, 3_659).is_ok());
        assert!(Period::days(NOW, 3_660).is_ok());
        assert!(Period::days(NOW, 3_661).is_err());
        assert!(Period::new(NOW, NOW - TimeDelta::days(1)).is_err());
        assert!(Period::new(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC).is_err());
        assert!(Period::days(DateTime::<Utc>::MAX_UTC, 1).is_err());
    }

    #[test]
    fn a_budget_is_a_number_of_uses_in_a_window() {
        for (uses, window, held) in [
            (0, 60, false),
            (1, 0, false),
            (1, 1, true),
            (u32::MAX, WINDOW_SECONDS_MAX, true),
            (1, WINDOW_SECONDS_MAX + 1, false),
        ] {
            assert_eq!(Budget::new(uses, window).is_ok(), held, "{uses}/{window}");
        }
    }
}
