use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use solidarity_core::{Invalid, PersonId, Pii, Retry, SafeContact, Stamp};

use crate::demographic::could_not_tell;
use crate::{
    Alternatives, AttemptId, Challenge, ChallengeId, ChallengeState, Claim, Closed, CodeAnswer,
    CodeDelivery, CodeMessage, CodeSource, CodeStore, CodeTag, ContactSource, Error, Evidence,
    EvidenceItem, LevelTable, Means, Method, Mismatch, NewChallenge, Obstacle, Result, SystemCodes,
    Verification, Verifier,
};

/// The key under which codes are kept, as HMAC-SHA-256 (RFC 2104). Whoever has
/// the store but not the key cannot find a code by trying them all.
#[derive(Clone)]
pub struct CodeKey(Hmac<Sha256>);

impl CodeKey {
    /// The least bytes in a key: as many as SHA-256 gives (RFC 2104, 3).
    pub const MIN_BYTES: usize = 32;

    /// A key of random bytes, which the operator keeps apart from the store.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if there are fewer than [`MIN_BYTES`](Self::MIN_BYTES).
    pub fn new(bytes: &[u8]) -> Result<Self, Invalid> {
        let too_short =
            || Invalid::new("key", format!("must be at least {} bytes", Self::MIN_BYTES));
        if bytes.len() < Self::MIN_BYTES {
            return Err(too_short());
        }
        Hmac::new_from_slice(bytes)
            .map(Self)
            .map_err(|_| too_short())
    }

    /// The tag of `code`, bound to its challenge and person: the same code
    /// sent to somebody else has another.
    fn tag(&self, challenge: ChallengeId, person: PersonId, code: &str) -> CodeTag {
        let tag = self
            .0
            .clone()
            .chain_update(b"solidarity one-time code 1")
            .chain_update(challenge.as_uuid().as_bytes())
            .chain_update(person.as_uuid().as_bytes())
            .chain_update(code.as_bytes())
            .finalize();
        CodeTag::from_bytes(tag.into_bytes().into())
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(..)")
    }
}

/// What became of a code that should be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "who cannot be sent a code must never fall under a wildcard"
)]
pub enum Sending {
    /// It was handed over, or may have been.
    Sent {
        /// What the answer is to name.
        challenge: ChallengeId,
        /// Until when it can be used.
        expires_at: DateTime<Utc>,
    },
    /// None was sent.
    CouldNotTry {
        /// What stood in the way.
        reason: Obstacle,
        /// What the person can do next.
        alternatives: Alternatives,
    },
}

/// Verifies by a code sent to a telephone or mailbox that is the person's
/// alone.
///
/// The caller says to *whom* a code goes, never *where*: the
/// [`ContactSource`] knows, and a contact that others share is passed over. A
/// person without one could not be tried; they did not fail. A code expires,
/// is right once, and is tried and sent so often as the store's
/// [`CodeRules`](crate::CodeRules) say.
///
/// ```
/// use std::sync::Arc;
/// use solidarity_core::{
///     ActorId, Channel, Language, MessageForm, PersonId, Purpose, SafeContact, Sharing, Stamp,
///     testing::block_on,
/// };
/// use solidarity_identity::{
///     ChallengeId, Claim, ClaimId, CodeKey, CodeRules, MemoryCodeDelivery, MemoryCodeStore,
///     MemoryContactSource, OneTimeCode, Sending, Verification, Verifier,
/// };
///
/// let person = PersonId::generate();
/// let contacts = Arc::new(MemoryContactSource::new());
/// let language = Language::new("sw")?;
/// contacts.hold(
///     person,
///     SafeContact::new(Channel::Sms, language, MessageForm::Text, Sharing::Private)
///         .with_address("+254700000001")?,
/// );
/// let gateway = Arc::new(MemoryCodeDelivery::new());
/// let verifier = OneTimeCode::new(
///     CodeKey::new(&[7; 32])?, // in production: random, and kept apart
///     Arc::new(MemoryCodeStore::new(CodeRules::default())?),
///     contacts,
///     gateway.clone(),
/// );
///
/// let stamp = Stamp::new(Default::default(), ActorId::generate(), Purpose::new("payment")?);
/// let challenge = ChallengeId::generate();
/// let sending = block_on(verifier.send(challenge, person, &stamp))?;
/// assert!(matches!(sending, Sending::Sent { .. }));
///
/// let read_out = gateway.delivered()[0].code().expose().clone();
/// let claim = Claim::new(ClaimId::generate(), person).with_code(challenge, read_out);
/// let answer = block_on(verifier.verify(&claim, &stamp))?;
/// assert!(matches!(answer, Verification::Verified { .. }));
/// # Ok::<(), solidarity_identity::Error>(())
/// ```
#[derive(Debug)]
pub struct OneTimeCode {
    key: CodeKey,
    store: Arc<dyn CodeStore>,
    contacts: Arc<dyn ContactSource>,
    delivery: Arc<dyn CodeDelivery>,
    codes: Arc<dyn CodeSource>,
    levels: LevelTable,
    alternatives: Alternatives,
}

impl OneTimeCode {
    /// Codes under `key` in `store`, sent by `delivery` to whom `contacts`
    /// knows.
    #[must_use]
    pub fn new(
        key: CodeKey,
        store: Arc<dyn CodeStore>,
        contacts: Arc<dyn ContactSource>,
        delivery: Arc<dyn CodeDelivery>,
    ) -> Self {
        Self {
            key,
            store,
            contacts,
            delivery,
            codes: Arc::new(SystemCodes),
            levels: LevelTable::default(),
            alternatives: Alternatives::default(),
        }
    }

    /// The same, with codes from `codes`.
    #[must_use]
    pub fn with_codes(mut self, codes: Arc<dyn CodeSource>) -> Self {
        self.codes = codes;
        self
    }

    /// The same, with the levels of `levels`.
    #[must_use]
    pub fn with_levels(mut self, levels: LevelTable) -> Self {
        self.levels = levels;
        self
    }

    /// The same, and whom it cannot verify is offered `alternatives`.
    #[must_use]
    pub fn with_alternatives(mut self, alternatives: Alternatives) -> Self {
        self.alternatives = alternatives;
        self
    }

    /// Sends `person` a code, as the challenge `id`. An earlier one that is
    /// still open gives way to it.
    ///
    /// The same `id` again sends nothing again: whoever wants another code
    /// asks under a new id. A gateway that is down costs the person nothing.
    ///
    /// # Errors
    ///
    /// - [`Error::AlreadyExists`] if `id` was sent to somebody else.
    /// - [`Error::Unavailable`] or [`Error::Store`] if something beneath
    ///   failed and its advice is not `Later`. Nothing arrived: send again,
    ///   under a new id.
    pub async fn send(&self, id: ChallengeId, person: PersonId, stamp: &Stamp) -> Result<Sending> {
        self.sent(id, person, stamp)
            .await
            .or_else(|error| match error {
                Error::TooManyCodes { .. } => Ok(self.not_sent(Obstacle::TooManyCodes)),
                error => could_not_tell(error).map(|reason| self.not_sent(reason)),
            })
    }

    async fn sent(&self, id: ChallengeId, person: PersonId, stamp: &Stamp) -> Result<Sending> {
        if let Some(known) = self.store.find(id).await? {
            return self.sent_before(&known, person);
        }
        let contacts = self.contacts.contacts(person).await?;
        let Some(contact) = contacts.into_iter().find(SafeContact::may_carry_secret) else {
            return Ok(self.not_sent(Obstacle::Lacks(Means::Phone)));
        };
        let code = self.fresh_code();
        let tag = self.key.tag(id, person, code.expose());
        let new = NewChallenge::new(person, tag);
        let challenge = match self.store.issue(id, new, stamp).await {
            // Another process sends it at this moment.
            Err(Error::AlreadyExists { .. }) => {
                let known = self.store.find(id).await?;
                let known = known.ok_or_else(|| Error::challenge_not_found(id))?;
                return self.sent_before(&known, person);
            }
            issued => issued?,
        };
        let message = CodeMessage::new(contact, code, challenge.expires_at())?;
        match self.delivery.deliver(&message).await {
            // It may have arrived: the person can use it if it did.
            Err(error) if error.retry() != Retry::AfterInquiry => {
                self.store.withdraw(id).await?;
                Ok(self.not_sent(Obstacle::NotDelivered))
            }
            Ok(()) | Err(_) => Ok(Sending::Sent {
                challenge: id,
                expires_at: challenge.expires_at(),
            }),
        }
    }

    /// The answer to whoever sends `known` again.
    fn sent_before(&self, known: &Challenge, person: PersonId) -> Result<Sending> {
        match known.state() {
            _ if known.person() != person => Err(Error::already_exists(&known.id())),
            ChallengeState::Withdrawn => Ok(self.not_sent(Obstacle::NotDelivered)),
            _ => Ok(Sending::Sent {
                challenge: known.id(),
                expires_at: known.expires_at(),
            }),
        }
    }

    fn fresh_code(&self) -> Pii<String> {
        let width = usize::from(self.store.rules().digits);
        let codes = 10_u64.saturating_pow(self.store.rules().digits.into());
        Pii::new(format!("{:0width$}", self.codes.draw() % codes))
    }

    fn not_sent(&self, reason: Obstacle) -> Sending {
        Sending::CouldNotTry {
            reason,
            alternatives: self.alternatives.clone(),
        }
    }

    async fn ask(&self, claim: &Claim, stamp: &Stamp) -> Result<CodeAnswer, Unasked> {
        let (challenge, code) = claim.code.as_ref().ok_or(Obstacle::NothingPresented)?;
        let digits = read_digits(code.expose());
        if digits.is_empty() {
            return Err(Obstacle::NothingPresented.into());
        }
        match self.store.find(*challenge).await? {
            Some(known) if known.person() == claim.person => {}
            _ => return Err(Obstacle::NoCode.into()),
        }
        let tag = self.key.tag(*challenge, claim.person, &digits);
        let attempt = AttemptId::derive(&claim.id, "code");
        Ok(self.store.attempt(*challenge, attempt, &tag, stamp).await?)
    }
}

/// Why a code was not looked at.
enum Unasked {
    Obstacle(Obstacle),
    Error(Error),
}

impl From<Obstacle> for Unasked {
    fn from(obstacle: Obstacle) -> Self {
        Self::Obstacle(obstacle)
    }
}

impl From<Error> for Unasked {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

#[async_trait]
impl Verifier for OneTimeCode {
    fn method(&self) -> Method {
        Method::ONE_TIME_CODE
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        claim.check()?;
        let reason = match self.ask(claim, stamp).await {
            Ok(CodeAnswer::Right) => {
                let evidence = Evidence::of(EvidenceItem::new(claim, self.method(), stamp));
                return Ok(Verification::Verified {
                    level: self.levels.level(&evidence.methods()),
                    evidence,
                });
            }
            Ok(CodeAnswer::Wrong) => {
                return Ok(Verification::NotVerified {
                    reason: Mismatch::CodeWrong,
                    alternatives: self.alternatives.clone(),
                });
            }
            Ok(CodeAnswer::Closed(Closed::Expired)) => Obstacle::CodeExpired,
            Ok(CodeAnswer::Closed(Closed::Used)) => Obstacle::CodeUsed,
            Ok(CodeAnswer::Closed(Closed::Exhausted)) => Obstacle::TooManyTries,
            Ok(CodeAnswer::Closed(Closed::Superseded | Closed::Withdrawn)) => Obstacle::NoCode,
            Err(Unasked::Obstacle(obstacle)) => obstacle,
            Err(Unasked::Error(error)) => could_not_tell(error)?,
        };
        Ok(Verification::CouldNotTry {
            reason,
            alternatives: self.alternatives.clone(),
        })
    }
}

/// The decimal digits in `text`, of whatever script, as ASCII: what is around
/// them, and how they are grouped, does not matter.
fn read_digits(text: &str) -> String {
    const ZEROS: [char; 20] = [
        '0', '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}',
        '\u{B66}', '\u{BE6}', '\u{C66}', '\u{CE6}', '\u{D66}', '\u{E50}', '\u{ED0}', '\u{F20}',
        '\u{1040}', '\u{17E0}', '\u{1810}', '\u{FF10}',
    ];
    let digit = |c: char| {
        ZEROS
            .iter()
            .filter_map(|zero| u32::from(c).checked_sub(u32::from(*zero)))
            .find_map(|value| char::from_digit(value, 10))
    };
    text.chars().filter_map(digit).collect()
}

#[cfg(test)]
mod tests;
