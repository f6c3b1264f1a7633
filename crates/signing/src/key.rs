use chrono::{DateTime, Utc};

use crate::{KeyId, PublicKey, Refusal, Result, jwk};

/// A public key with its id and its time.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use solidarity_signing::{Key, SigningKey, Standing};
///
/// let day = |n| DateTime::UNIX_EPOCH + TimeDelta::days(n);
/// let key = Key::new(SigningKey::generate_ed25519()?.public().clone())
///     .valid_from(day(10))
///     .valid_until(day(20));
/// assert_eq!(key.standing(day(9)), Standing::NotYetValid);
/// assert_eq!(key.standing(day(10)), Standing::InForce);
/// assert_eq!(key.standing(day(20)), Standing::Expired);
/// assert_eq!(key.revoked_from(day(15)).standing(day(16)), Standing::Revoked);
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    id: KeyId,
    public: PublicKey,
    not_before: Option<DateTime<Utc>>,
    not_after: Option<DateTime<Utc>>,
    revoked_from: Option<DateTime<Utc>>,
}

/// What a key is good for at an instant.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a key that may be used is told from every other"
)]
pub enum Standing {
    /// Its time has not begun.
    NotYetValid,
    /// It may be used.
    InForce,
    /// Its time is over.
    Expired,
    /// It was withdrawn, whatever its time.
    Revoked,
}

impl Key {
    /// `public`, under its thumbprint, at all times.
    #[must_use]
    pub fn new(public: PublicKey) -> Self {
        Self {
            id: public.thumbprint().clone(),
            public,
            not_before: None,
            not_after: None,
            revoked_from: None,
        }
    }

    /// The key of a JWK (RFC 7517) that holds no private member, with its
    /// `kid`, or else its thumbprint, as id. `nbf`, `exp` and `revoked`
    /// (OpenID Federation 1.0, 8.7.3) are heeded; other members that are not
    /// known are passed over (RFC 7517, 4), such as certificates.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if it is no key for
    /// signatures of an [`Algorithm`](crate::Algorithm).
    pub fn from_jwk(json: &[u8]) -> Result<Self> {
        jwk::read(json)
    }

    /// The key as a JWK.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        jwk::write(self).to_string()
    }

    /// The key under another id.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = id;
        self
    }

    /// The key from `at` on.
    #[must_use]
    pub const fn valid_from(mut self, at: DateTime<Utc>) -> Self {
        self.not_before = Some(at);
        self
    }

    /// The key until just before `at`.
    #[must_use]
    pub const fn valid_until(mut self, at: DateTime<Utc>) -> Self {
        self.not_after = Some(at);
        self
    }

    /// The key, withdrawn from `at` on. Of two withdrawals the earlier counts.
    #[must_use]
    pub fn revoked_from(mut self, at: DateTime<Utc>) -> Self {
        self.revoked_from = Some(self.revoked_from.map_or(at, |before| before.min(at)));
        self
    }

    /// What the key is called.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key itself.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// From when, and until just before when, if that is said.
    #[must_use]
    pub const fn validity(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        (self.not_before, self.not_after)
    }

    /// From when the key is withdrawn, if it is.
    #[must_use]
    pub const fn revocation(&self) -> Option<DateTime<Utc>> {
        self.revoked_from
    }

    /// What the key is good for at `now`.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        if self.revoked_from.is_some_and(|at| at <= now) {
            Standing::Revoked
        } else if self.not_after.is_some_and(|at| at <= now) {
            Standing::Expired
        } else if self.not_before.is_some_and(|at| now < at) {
            Standing::NotYetValid
        } else {
            Standing::InForce
        }
    }

    /// Nothing, if the key may be used at `now`.
    pub(crate) fn usable(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.standing(now) {
            Standing::InForce => Ok(()),
            Standing::NotYetValid => Err(Refusal::KeyNotYetValid),
            Standing::Expired => Err(Refusal::KeyExpired),
            Standing::Revoked => Err(Refusal::KeyRevoked),
        }
    }
}
