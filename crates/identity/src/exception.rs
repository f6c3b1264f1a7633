use std::fmt;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, PersonId, Salt, Stamp};

solidarity_core::id! {
    /// One exception granted to one person.
    pub struct ExceptionId;
    /// One use of an exception, however often it is sent.
    pub struct ExceptionUseId;
}

solidarity_core::code! {
    /// Why the usual methods do not serve a person.
    pub struct ExceptionBasis;
    /// A stake that an attester has in the person: `kin`, `same_unit`,
    /// `employer`.
    pub struct Interest;
    /// Why an exception was ended before its time.
    pub struct RevocationReason;
}

impl ExceptionBasis {
    /// They have no identity document.
    pub const NO_DOCUMENT: Self = Self::from_static("no_document");
    /// Their fingerprints cannot be read: worn by work, age or illness.
    pub const WORN_PRINTS: Self = Self::from_static("worn_prints");
    /// A disability stands in the way of the usual methods.
    pub const DISABILITY: Self = Self::from_static("disability");
    /// They fled or were displaced without papers.
    pub const DISPLACED: Self = Self::from_static("displaced");
    /// A child who heads a household.
    pub const CHILD_HEAD: Self = Self::from_static("child_head");
    /// The equipment or the network does not work where they live.
    pub const NO_SERVICE: Self = Self::from_static("no_service");
}

/// Who vouches for a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Attester {
    /// Under which name they act.
    pub actor: ActorId,
    /// Who they are in the register, if they are in it.
    pub person: Option<PersonId>,
    /// The stake in the person that they declare.
    pub interest: Option<Interest>,
}

impl Attester {
    /// `actor`, who declares no stake.
    #[must_use]
    pub const fn new(actor: ActorId) -> Self {
        Self {
            actor,
            person: None,
            interest: None,
        }
    }

    /// The same, who is `person` in the register.
    #[must_use]
    pub const fn who_is(mut self, person: PersonId) -> Self {
        self.person = Some(person);
        self
    }

    /// The same, who declares a stake.
    #[must_use]
    pub fn with_interest(mut self, interest: Interest) -> Self {
        self.interest = Some(interest);
        self
    }

    pub(crate) fn is(&self, person: PersonId) -> bool {
        self.person == Some(person) || self.actor.as_uuid() == person.as_uuid()
    }
}

/// How often an exception may be used, and until when. Both, always.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExceptionLimit {
    /// How often.
    pub uses: u32,
    /// From when on it no longer holds.
    pub until: DateTime<Utc>,
}

impl ExceptionLimit {
    /// `uses` times, before `until` (cut to whole microseconds).
    #[must_use]
    pub fn new(uses: u32, until: DateTime<Utc>) -> Self {
        Self {
            uses,
            until: until.trunc_subsecs(6),
        }
    }
}

/// An exception that is asked for.
///
/// ```
/// use chrono::{NaiveDate, TimeDelta, Utc};
/// use solidarity_core::{ActorId, PersonId};
/// use solidarity_identity::{Attester, ExceptionBasis, ExceptionLimit, NewException};
///
/// let until = "2027-03-31T00:00:00Z".parse()?;
/// let asked_for = NewException::new(
///     PersonId::generate(),
///     ExceptionBasis::WORN_PRINTS,
///     Attester::new(ActorId::generate()),
///     ExceptionLimit::new(3, until),
///     NaiveDate::from_ymd_opt(2027, 2, 1).unwrap(),
/// );
/// assert_eq!(asked_for.limit.uses, 3);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewException {
    /// For whom.
    pub person: PersonId,
    /// Why.
    pub basis: ExceptionBasis,
    /// Who answers for it.
    pub attester: Attester,
    /// Who else bears it out.
    pub witnesses: Vec<Attester>,
    /// How often, and until when.
    pub limit: ExceptionLimit,
    /// The day by which the office looks at it again. If the office does not,
    /// the person loses nothing: only the limit ends an exception.
    pub review_by: NaiveDate,
}

impl NewException {
    /// An exception for `person`, borne out by `attester` alone.
    #[must_use]
    pub const fn new(
        person: PersonId,
        basis: ExceptionBasis,
        attester: Attester,
        limit: ExceptionLimit,
        review_by: NaiveDate,
    ) -> Self {
        Self {
            person,
            basis,
            attester,
            witnesses: Vec::new(),
            limit,
            review_by,
        }
    }

    /// The same, borne out by `witnesses` too.
    #[must_use]
    pub fn with_witnesses(mut self, witnesses: Vec<Attester>) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// Everyone who vouches, the attester first.
    pub fn vouching(&self) -> impl Iterator<Item = &Attester> {
        std::iter::once(&self.attester).chain(&self.witnesses)
    }
}

/// The end of an exception before its time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revocation {
    reason: RevocationReason,
    stamp: Stamp,
    salt: Salt,
}

impl Revocation {
    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &RevocationReason {
        &self.reason
    }

    /// When, by whom.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What hides it behind its commitment in the change feed.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }
}

/// Whether an exception can be used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a life cycle")]
pub enum Standing {
    /// It holds.
    Valid,
    /// It was used as often as it may be.
    UsedUp,
    /// Its time is over.
    Expired,
    /// It was ended before its time.
    Revoked,
}

/// An exception as the register holds it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Exception {
    id: ExceptionId,
    body: NewException,
    granted: Stamp,
    salt: Salt,
    used: u32,
    #[serde(default)]
    revoked: Option<Revocation>,
}

impl Exception {
    pub(crate) const fn granted_as(
        id: ExceptionId,
        body: NewException,
        granted: Stamp,
        salt: Salt,
    ) -> Self {
        Self {
            id,
            body,
            granted,
            salt,
            used: 0,
            revoked: None,
        }
    }

    /// Names the exception.
    #[must_use]
    pub const fn id(&self) -> ExceptionId {
        self.id
    }

    /// What was asked for and granted.
    #[must_use]
    pub const fn body(&self) -> &NewException {
        &self.body
    }

    /// When it was granted, by whom, why.
    #[must_use]
    pub const fn granted(&self) -> &Stamp {
        &self.granted
    }

    /// What hides it behind its commitment in the change feed.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    /// How often it was used.
    #[must_use]
    pub const fn used(&self) -> u32 {
        self.used
    }

    /// How it was ended before its time, if it was.
    #[must_use]
    pub const fn revoked(&self) -> Option<&Revocation> {
        self.revoked.as_ref()
    }

    /// The same, as it was when it was granted.
    #[must_use]
    pub fn as_granted(&self) -> Self {
        Self::granted_as(self.id, self.body.clone(), self.granted.clone(), self.salt)
    }

    /// Whether it can be used at `at`.
    #[must_use]
    pub fn standing(&self, at: DateTime<Utc>) -> Standing {
        if self.revoked.is_some() {
            Standing::Revoked
        } else if at >= self.body.limit.until {
            Standing::Expired
        } else if self.used >= self.body.limit.uses {
            Standing::UsedUp
        } else {
            Standing::Valid
        }
    }

    pub(crate) fn once_more(&self) -> Self {
        Self {
            used: self.used.saturating_add(1),
            ..self.clone()
        }
    }

    pub(crate) fn revoked_for(&self, reason: RevocationReason, stamp: Stamp, salt: Salt) -> Self {
        Self {
            revoked: Some(Revocation {
                reason,
                stamp,
                salt,
            }),
            ..self.clone()
        }
    }
}

/// One use of an exception.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ExceptionUse {
    id: ExceptionUseId,
    exception: ExceptionId,
    person: PersonId,
    number: u32,
    stamp: Stamp,
    salt: Salt,
}

impl ExceptionUse {
    pub(crate) const fn of(
        exception: &Exception,
        id: ExceptionUseId,
        stamp: Stamp,
        salt: Salt,
    ) -> Self {
        Self {
            id,
            exception: exception.id,
            person: exception.body.person,
            number: exception.used,
            stamp,
            salt,
        }
    }

    /// Names the use.
    #[must_use]
    pub const fn id(&self) -> ExceptionUseId {
        self.id
    }

    /// What was used.
    #[must_use]
    pub const fn exception(&self) -> ExceptionId {
        self.exception
    }

    /// For whom.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// Which use of the exception it is, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// When, by whom, why.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What hides it behind its commitment in the change feed.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }
}

/// How much one attester vouches for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AttesterTally {
    /// Exceptions ever granted on their word.
    pub granted: u64,
    /// Those of them that were revoked.
    pub revoked: u64,
    /// Those that hold now: what the cap counts.
    pub standing: u64,
}

impl AttesterTally {
    /// The tally, at `at`, of `exceptions` of one attester.
    pub fn of<'a>(exceptions: impl IntoIterator<Item = &'a Exception>, at: DateTime<Utc>) -> Self {
        exceptions
            .into_iter()
            .fold(Self::default(), |sum, exception| {
                let standing = exception.standing(at);
                Self {
                    granted: sum.granted + 1,
                    revoked: sum.revoked + u64::from(standing == Standing::Revoked),
                    standing: sum.standing + u64::from(standing == Standing::Valid),
                }
            })
    }
}

/// Why somebody may not vouch for a person.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Conflict {
    /// They are that person.
    Themself,
    /// They are also who grants the exception, or vouch twice.
    TwoRoles,
    /// They declare a stake that the rules do not tolerate.
    Declared,
    /// The person vouches for them in turn.
    Mutual,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Themself => "they are the person",
            Self::TwoRoles => "they have two roles in it",
            Self::Declared => "they declare a stake",
            Self::Mutual => "the person vouches for them in turn",
        })
    }
}
