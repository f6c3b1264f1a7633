use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use solidarity_core::Invalid;

use crate::limits::KEYS_MAX;
use crate::{Key, KeyId, PartyId, Refusal, Result, Standing, jwk};

/// The keys of one party: the current one, the previous one while messages are
/// under way, the next one before its time, the withdrawn.
///
/// A message is checked with the keys of the party that says that it sent it,
/// and with no others, so that one party cannot sign as another.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use solidarity_signing::{Key, KeySet, PartyId, Refusal, SigningKey};
///
/// let day = |n| DateTime::UNIX_EPOCH + TimeDelta::days(n);
/// let (old, new) = (SigningKey::generate_ed25519()?, SigningKey::generate_es256()?);
/// let mut keys = KeySet::new(PartyId::new("registry.example")?);
/// keys.add(Key::new(old.public().clone()))?;
/// keys.rotate(Key::new(new.public().clone()), day(10), TimeDelta::days(2))?;
///
/// let check = |key: &SigningKey, now| {
///     let signature = key.sign_bytes(b"message").unwrap();
///     keys.verify(key.public().thumbprint(), b"message", &signature, now)
/// };
/// assert_eq!(check(&new, day(9)), Err(Refusal::KeyNotYetValid));
/// assert_eq!((check(&old, day(11)), check(&new, day(11))), (Ok(()), Ok(())));
/// assert_eq!(check(&old, day(12)), Err(Refusal::KeyExpired));
/// # Ok::<(), solidarity_signing::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeySet {
    owner: PartyId,
    // INVARIANT: at most `KEYS_MAX`; no id and no key twice.
    keys: Vec<Key>,
    passed_over: usize,
}

impl KeySet {
    /// No keys yet, of `owner`.
    #[must_use]
    pub const fn new(owner: PartyId) -> Self {
        Self {
            owner,
            keys: Vec::new(),
            passed_over: 0,
        }
    }

    /// The keys of `owner`'s JWK set (RFC 7517, 5), such as
    /// `/.well-known/jwks.json` holds it.
    ///
    /// Keys for other uses, of other algorithms or that are no keys are
    /// [passed over](Self::passed_over), as that RFC asks.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if it is no JWK set, is too
    /// long, holds a private key, or has too many keys or one twice.
    pub fn from_jwks(owner: PartyId, json: &[u8]) -> Result<Self> {
        let (keys, passed_over) = jwk::read_set(json)?;
        let mut set = Self {
            owner,
            keys: Vec::new(),
            passed_over,
        };
        for (position, key) in keys.into_iter().enumerate() {
            set.push(key).map_err(|invalid| invalid.at(position))?;
        }
        Ok(set)
    }

    /// Adds `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if the key or its id is there
    /// already, or there are [`KEYS_MAX`].
    pub fn add(&mut self, key: Key) -> Result<()> {
        Ok(self.push(key)?)
    }

    fn push(&mut self, key: Key) -> Result<(), Invalid> {
        if self.keys.len() >= KEYS_MAX {
            return Err(Invalid::new("keys", format!("must be at most {KEYS_MAX}")));
        }
        let same = |known: &Key| known.id() == key.id() || known.public_key() == key.public_key();
        if self.keys.iter().any(same) {
            return Err(Invalid::new(
                "key",
                "must not be in the set already, nor its id",
            ));
        }
        self.keys.push(key);
        Ok(())
    }

    /// Adds `next` as of `at`. The keys that are there now end `overlap` after
    /// that, if not before: for so long messages may be under way.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add). Nothing was changed.
    pub fn rotate(&mut self, next: Key, at: DateTime<Utc>, overlap: TimeDelta) -> Result<()> {
        self.push(next.valid_from(at))?;
        let end = at
            .checked_add_signed(overlap)
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        let known = self.keys.len() - 1;
        for key in self.keys.iter_mut().take(known) {
            let (_, not_after) = key.validity();
            *key = key
                .clone()
                .valid_until(not_after.map_or(end, |before| before.min(end)));
        }
        Ok(())
    }

    /// Withdraws the key `id` from `at` on. Whether there is such a key.
    #[must_use]
    pub fn revoke(&mut self, id: &KeyId, at: DateTime<Utc>) -> bool {
        let found = self.keys.iter_mut().find(|key| key.id() == id);
        found
            .map(|key| *key = key.clone().revoked_from(at))
            .is_some()
    }

    /// `fresh`, with what was withdrawn here withdrawn there too, also what it
    /// leaves out: a set that is fetched again does not bring a revoked key
    /// back, at once or later, under any id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) if there are more than
    /// [`KEYS_MAX`] with those, or another key under a revoked key's own
    /// thumbprint.
    pub fn refreshed(&self, mut fresh: Self) -> Result<Self> {
        for known in &self.keys {
            let Some(at) = known.revocation() else {
                continue;
            };
            let same = |key: &&mut Key| key.public_key() == known.public_key();
            if let Some(key) = fresh.keys.iter_mut().find(same) {
                *key = key.clone().revoked_from(at);
            } else if fresh.keys.iter().any(|key| key.id() == known.id()) {
                let id = known.public_key().thumbprint().clone();
                fresh.push(known.clone().with_id(id))?;
            } else {
                fresh.push(known.clone())?;
            }
        }
        Ok(fresh)
    }

    /// Whose keys they are.
    #[must_use]
    pub const fn owner(&self) -> &PartyId {
        &self.owner
    }

    /// The keys, in the order in which they came.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// How many members of the JWK set were no keys for signatures here.
    #[must_use]
    pub const fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// The JWK set to publish: the keys that are in force at `now` or will be.
    #[must_use]
    pub fn to_jwks(&self, now: DateTime<Utc>) -> String {
        let published =
            |key: &&Key| matches!(key.standing(now), Standing::InForce | Standing::NotYetValid);
        let keys: Vec<_> = self.keys.iter().filter(published).map(jwk::write).collect();
        json!({ "keys": keys }).to_string()
    }

    /// Checks that `signature` is over exactly these bytes, by the key `id`,
    /// which may be used at `now`: for protocols that are not JWS.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownKey`], [`Refusal::KeyRevoked`],
    /// [`Refusal::KeyExpired`], [`Refusal::KeyNotYetValid`],
    /// [`Refusal::BadSignature`].
    pub fn verify(
        &self,
        id: &KeyId,
        message: &[u8],
        signature: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        self.usable(id, now)?
            .public_key()
            .verify(message, signature)
    }

    /// The key `id`, if it may be used at `now`.
    pub(crate) fn usable(&self, id: &KeyId, now: DateTime<Utc>) -> Result<&Key, Refusal> {
        let key = self
            .keys
            .iter()
            .find(|key| key.id() == id)
            .ok_or(Refusal::UnknownKey)?;
        key.usable(now).map(|()| key)
    }

    /// The only key that may be used at `now`, for messages that name none.
    pub(crate) fn only(&self, now: DateTime<Utc>) -> Result<&Key, Refusal> {
        let mut in_force = self
            .keys
            .iter()
            .filter(|key| key.standing(now) == Standing::InForce);
        match (in_force.next(), in_force.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(Refusal::KeyNotNamed),
            (None, _) => match self.keys.as_slice() {
                // There is one answer to why not.
                [key] => key.usable(now).map(|()| key),
                _ => Err(Refusal::UnknownKey),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;
    use crate::testing::{ed25519, es256, keys, noon, party};

    fn key(key: &SigningKey) -> Key {
        Key::new(key.public().clone())
    }

    #[test]
    fn a_rotation_lengthens_no_keys_time() {
        let day = TimeDelta::days(1);
        let mut keys = KeySet::new(party());
        keys.add(key(&ed25519()).valid_until(noon() + day)).unwrap();
        keys.rotate(key(&es256()), noon(), day * 30).unwrap();
        let ends: Vec<_> = keys.keys().iter().map(Key::validity).collect();
        assert_eq!(ends, [(None, Some(noon() + day)), (Some(noon()), None)]);
        // A rotation to a key that is there changes nothing.
        assert!(
            keys.rotate(key(&es256()), noon(), TimeDelta::zero())
                .is_err()
        );
        assert_eq!(
            ends,
            keys.keys().iter().map(Key::validity).collect::<Vec<_>>()
        );
    }

    /// Also if the set that is fetched leaves it out for once, or has another
    /// key under its id.
    #[test]
    fn a_withdrawn_key_does_not_come_back() {
        let (stolen, other) = (ed25519(), es256());
        let mut before = keys([&stolen]);
        assert!(before.revoke(stolen.id(), noon()));
        let mut in_its_place = KeySet::new(party());
        in_its_place
            .add(key(&other).with_id(stolen.id().clone()))
            .unwrap();
        for between in [KeySet::new(party()), keys([&other])] {
            let after = before
                .refreshed(between)
                .unwrap()
                .refreshed(keys([&stolen]))
                .unwrap();
            let standing = after
                .keys()
                .iter()
                .map(|key| key.standing(noon()))
                .collect::<Vec<_>>();
            assert_eq!(standing, [Standing::Revoked]);
        }
        // Its id is its thumbprint already: there is no other name to keep it
        // under, and a set with two meanings of one id is not taken.
        assert!(before.refreshed(in_its_place).is_err());
        let named = |key: Key| key.with_id(KeyId::new("signing").unwrap());
        let mut before = KeySet::new(party());
        before
            .add(named(key(&stolen).revoked_from(noon())))
            .unwrap();
        let mut fresh = KeySet::new(party());
        fresh.add(named(key(&other))).unwrap();
        let after = before.refreshed(fresh).unwrap();
        let shown = after
            .keys()
            .iter()
            .map(|key| (key.id().as_str(), key.standing(noon())));
        let thumbprint = stolen.public().thumbprint().as_str();
        let expected = [
            ("signing", Standing::InForce),
            (thumbprint, Standing::Revoked),
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }
}
