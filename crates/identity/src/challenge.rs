use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, Invalid, PersonId, Stamp};
use subtle::ConstantTimeEq;

use crate::{Error, Result};

solidarity_core::id! {
    /// One code sent to one person.
    pub struct ChallengeId;
    /// One try to answer a challenge, however often it is sent.
    pub struct AttemptId;
}

/// What is kept in place of a code: an HMAC of it, under a key that the store
/// does not have.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(transparent)]
pub struct CodeTag([u8; 32]);

impl CodeTag {
    /// A tag made before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The tag's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time.
impl PartialEq for CodeTag {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeTag {}

impl fmt::Debug for CodeTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeTag(..)")
    }
}

/// How long a code is and lives, and how often it is tried and sent.
///
/// A stranger's chance to guess is `tries` times `sends` in
/// 10<sup>`digits`</sup> for every `window`: with the defaults, nine in a
/// million in a quarter of an hour.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CodeRules {
    /// The digits in a code, 6 to 10.
    pub digits: u8,
    /// How many seconds a code can be used, 30 to 86,400.
    pub lifetime_seconds: u32,
    /// How often one code may be tried, 1 to 10.
    pub tries: u8,
    /// How many codes one person may be sent in a window, 1 to 100.
    pub sends: u8,
    /// How many seconds a window is long, 60 to 86,400.
    pub window_seconds: u32,
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            digits: 6,
            lifetime_seconds: 300,
            tries: 3,
            sends: 3,
            window_seconds: 900,
        }
    }
}

impl CodeRules {
    /// Checks that every number is within the bounds that its field states.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        let within = |ok, field, rule: &'static str| {
            if ok {
                Ok(())
            } else {
                Err(Invalid::new(field, rule))
            }
        };
        within((6..=10).contains(&self.digits), "digits", "must be 6 to 10")?;
        let lifetime = (30..=86_400).contains(&self.lifetime_seconds);
        within(lifetime, "lifetime_seconds", "must be 30 to 86400")?;
        within((1..=10).contains(&self.tries), "tries", "must be 1 to 10")?;
        within((1..=100).contains(&self.sends), "sends", "must be 1 to 100")?;
        let window = (60..=86_400).contains(&self.window_seconds);
        within(window, "window_seconds", "must be 60 to 86400")
    }

    /// Decides whether `person` may be sent another code now, given all
    /// `earlier` challenges to them that a store still has.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyCodes`] if not. Codes that were never delivered do not
    /// count.
    pub fn issue<'a>(
        &self,
        earlier: impl IntoIterator<Item = &'a Challenge>,
        id: ChallengeId,
        new: &NewChallenge,
        stamp: &Stamp,
    ) -> Result<Challenge> {
        let at = stamp.at();
        let mut sent: Vec<DateTime<Utc>> = earlier
            .into_iter()
            .filter(|challenge| challenge.state != ChallengeState::Withdrawn)
            .map(|challenge| self.window_end(challenge))
            .filter(|end| *end > at)
            .collect();
        sent.sort_unstable();
        let sends = usize::from(self.sends);
        // As many as are over the limit have to leave the window first.
        match sent.len().checked_sub(sends).and_then(|n| sent.get(n)) {
            Some(until) => Err(Error::TooManyCodes {
                person: new.person,
                until: *until,
            }),
            None => Ok(Challenge {
                id,
                person: new.person,
                tag: new.tag,
                issued_at: at,
                issued_by: stamp.actor(),
                expires_at: later(at, self.lifetime_seconds),
                state: ChallengeState::Open,
                tries: Vec::new(),
            }),
        }
    }

    /// A challenge counts against its person at `at` if it was issued after
    /// this.
    #[must_use]
    pub fn window_start(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.checked_sub_signed(TimeDelta::seconds(self.window_seconds.into()))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// When `challenge` no longer counts against its person.
    #[must_use]
    pub fn window_end(&self, challenge: &Challenge) -> DateTime<Utc> {
        later(challenge.issued_at, self.window_seconds)
    }

    /// Decides what the try `attempt` with `tag` says, and what the challenge
    /// is afterwards: `None` where nothing changes.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] if the same try came before with another tag.
    pub fn attempt(
        &self,
        challenge: &Challenge,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<(CodeAnswer, Option<Challenge>)> {
        if let Some(before) = challenge.tries.iter().find(|t| t.id == attempt) {
            return if before.tag == *tag {
                Ok((CodeAnswer::of(before.right), None))
            } else {
                Err(Error::already_exists(&attempt))
            };
        }
        if let Some(why) = challenge.closed(stamp.at()) {
            return Ok((CodeAnswer::Closed(why), None));
        }
        let right = challenge.tag == *tag;
        let mut after = challenge.clone();
        after.tries.push(Try {
            id: attempt,
            tag: *tag,
            right,
        });
        if right {
            after.state = ChallengeState::Used;
        } else if after.tries.len() >= usize::from(self.tries) {
            after.state = ChallengeState::Exhausted;
        }
        Ok((CodeAnswer::of(right), Some(after)))
    }

    /// Whether nothing hangs on `challenge` any longer at `at`: it can neither
    /// be answered nor counts against its person.
    #[must_use]
    pub fn is_past(&self, challenge: &Challenge, at: DateTime<Utc>) -> bool {
        challenge.expires_at <= at && self.window_end(challenge) <= at
    }
}

fn later(at: DateTime<Utc>, seconds: u32) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::seconds(seconds.into()))
        .unwrap_or(at)
}

/// A code that is about to be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NewChallenge {
    /// To whom.
    pub person: PersonId,
    /// What is kept of it.
    pub tag: CodeTag,
}

impl NewChallenge {
    /// The code of `tag` goes to `person`.
    #[must_use]
    pub const fn new(person: PersonId, tag: CodeTag) -> Self {
        Self { person, tag }
    }
}

/// Whether a challenge waits for its answer. That its time is over is not a
/// state: it is computed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a life cycle")]
pub enum ChallengeState {
    /// It waits.
    Open,
    /// It was answered.
    Used,
    /// It was answered wrongly as often as the rules allow.
    Exhausted,
    /// A later one took its place.
    Superseded,
    /// It never reached the person.
    Withdrawn,
}

/// A code sent to a person, and what became of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Challenge {
    id: ChallengeId,
    person: PersonId,
    tag: CodeTag,
    issued_at: DateTime<Utc>,
    issued_by: ActorId,
    expires_at: DateTime<Utc>,
    state: ChallengeState,
    // INVARIANT: at most `CodeRules::tries`; only the last may be right.
    tries: Vec<Try>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Try {
    id: AttemptId,
    tag: CodeTag,
    right: bool,
}

/// Why a challenge takes no answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a life cycle")]
pub enum Closed {
    /// Its time is over.
    Expired,
    /// It was answered.
    Used,
    /// No try is left.
    Exhausted,
    /// A later one took its place.
    Superseded,
    /// It never reached the person.
    Withdrawn,
}

/// What a try says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a closed challenge must never pass for a wrong answer, nor for a right one"
)]
pub enum CodeAnswer {
    /// It was the code.
    Right,
    /// It was not.
    Wrong,
    /// It was not looked at.
    Closed(Closed),
}

impl CodeAnswer {
    const fn of(right: bool) -> Self {
        if right { Self::Right } else { Self::Wrong }
    }
}

impl Challenge {
    /// Names the challenge.
    #[must_use]
    pub const fn id(&self) -> ChallengeId {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// When it was issued.
    #[must_use]
    pub const fn issued_at(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// Who had it sent.
    #[must_use]
    pub const fn issued_by(&self) -> ActorId {
        self.issued_by
    }

    /// From when on it takes no answer.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// What became of it.
    #[must_use]
    pub const fn state(&self) -> ChallengeState {
        self.state
    }

    /// How often it was tried.
    #[must_use]
    pub const fn tries(&self) -> usize {
        self.tries.len()
    }

    /// The same, as it was when it was issued.
    #[must_use]
    pub fn as_issued(&self) -> Self {
        Self {
            state: ChallengeState::Open,
            tries: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether it was issued as `new` says.
    #[must_use]
    pub fn began_as(&self, new: &NewChallenge) -> bool {
        self.person == new.person && self.tag == new.tag
    }

    /// Why it takes no answer at `at`. `None` while it does.
    #[must_use]
    pub fn closed(&self, at: DateTime<Utc>) -> Option<Closed> {
        match self.state {
            ChallengeState::Open => (at >= self.expires_at).then_some(Closed::Expired),
            ChallengeState::Used => Some(Closed::Used),
            ChallengeState::Exhausted => Some(Closed::Exhausted),
            ChallengeState::Superseded => Some(Closed::Superseded),
            ChallengeState::Withdrawn => Some(Closed::Withdrawn),
        }
    }

    /// The same, if it is open, as `state`.
    #[must_use]
    pub fn ended_as(&self, state: ChallengeState) -> Option<Self> {
        (self.state == ChallengeState::Open).then(|| Self {
            state,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests;
