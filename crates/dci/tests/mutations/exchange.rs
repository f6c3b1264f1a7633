//! A program that sends, and a registry that receives.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use solidarity_core::testing::{Random, block_on, seed};
use solidarity_dci::query::Query;
use solidarity_dci::registry::{SearchCriteria, SearchItem, SearchRequest};
use solidarity_dci::{
    Envelope, ErrorCode, HeaderReason, Incoming, Leniency, Partner, Profile, Reception,
    ReferenceId, Refusal, RequestHeader, SearchReason, SignaturePolicy, TransactionId, Wire,
};
use solidarity_signing::jws::Draft;
use solidarity_signing::{Key, KeySet, MessageId, PartyId, SigningKey, Window};

pub(crate) const INSTANCES: usize = 200;

pub(crate) type Received = solidarity_dci::Received<SearchRequest, SearchReason>;

pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) fn sender() -> PartyId {
    PartyId::new("programme.example").unwrap()
}

pub(crate) fn receiver() -> PartyId {
    PartyId::new("registry.example").unwrap()
}

pub(crate) struct Exchange {
    pub(crate) random: Random,
    /// The sender's keys: two in force, and three that are not.
    pub(crate) ed: SigningKey,
    pub(crate) ec: SigningKey,
    pub(crate) revoked: SigningKey,
    pub(crate) early: SigningKey,
    pub(crate) late: SigningKey,
    pub(crate) keys: KeySet,
    /// Another party's key.
    pub(crate) other: SigningKey,
}

impl Exchange {
    pub(crate) fn for_tests(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut draw = || {
            let mut bytes = [0; 32];
            for chunk in bytes.chunks_mut(8) {
                chunk.copy_from_slice(&random.next().to_be_bytes());
            }
            bytes
        };
        let mut make = || SigningKey::ed25519(&draw()).unwrap();
        let (ed, revoked, early, late, other) = (make(), make(), make(), make(), make());
        let ec = SigningKey::es256(&draw()).unwrap();
        let mut keys = KeySet::new(sender());
        let day = TimeDelta::days(1);
        let key = |key: &SigningKey| Key::new(key.public().clone());
        for key in [
            key(&ed),
            key(&ec),
            key(&revoked).revoked_from(noon() - day),
            key(&early).valid_from(noon() + day),
            key(&late).valid_until(noon() - day),
        ] {
            keys.add(key).unwrap();
        }
        Self {
            random,
            ed,
            ec,
            revoked,
            early,
            late,
            keys,
            other,
        }
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        *self.random.pick(of).unwrap()
    }

    pub(crate) fn word(&mut self) -> String {
        format!("w{:x}", self.random.next())
    }

    pub(crate) fn profile(&mut self) -> Profile {
        self.pick(&[Profile::Digest, Profile::Token, Profile::Detached])
    }

    /// A search as the program's own software writes it.
    pub(crate) fn search(&mut self) -> Envelope<SearchRequest> {
        let id = self.word();
        let criteria = SearchCriteria::new(Query::id("UIN", self.word()).unwrap());
        let item = SearchItem::new(ReferenceId::new(self.word()).unwrap(), noon(), criteria);
        let header = RequestHeader::new(MessageId::new(id).unwrap(), noon(), sender());
        let message = SearchRequest::new(TransactionId::new(self.word()).unwrap(), vec![item]);
        Envelope::new(header.to(receiver()), message)
    }

    /// The same, as JSON to be changed: its header and its message.
    pub(crate) fn json(&mut self) -> Value {
        let wire = self.search().unsigned().unwrap();
        serde_json::from_str(&wire.body).unwrap()
    }

    /// A good message, signed by `key`.
    pub(crate) fn signed_by(&mut self, profile: Profile, key: fn(&Self) -> &SigningKey) -> Wire {
        let search = self.search();
        block_on(search.sign(profile, key(self), noon())).unwrap()
    }

    /// The body `text` as it is, well signed in a profile that signs bytes.
    pub(crate) fn sealed(&mut self, text: &[u8]) -> Sealed {
        let key = if self.random.chance(50) {
            &self.ed
        } else {
            &self.ec
        };
        Sealed {
            body: text.to_vec(),
            signature: Some(Draft::detached(text).sign_with(key).unwrap()),
            profile: Profile::Detached,
        }
    }

    /// `changed`, well signed in a random profile.
    pub(crate) fn sealed_json(&mut self, changed: &Value) -> Sealed {
        let text = changed.to_string();
        if self.random.chance(50) {
            return self.sealed(text.as_bytes());
        }
        let token = Draft::compact(text.as_bytes()).sign_with(&self.ed).unwrap();
        let mut body = changed.clone();
        body["signature"] = json!(token);
        Sealed {
            body: body.to_string().into_bytes(),
            signature: None,
            profile: Profile::Token,
        }
    }

    pub(crate) fn receive(&self, message: &Sealed) -> Result<Received, Refusal> {
        let policy = SignaturePolicy::Required(message.profile);
        self.receive_as(message, policy, Leniency::all())
    }

    /// What the registry makes of it. What it is lenient about changes nothing
    /// here.
    pub(crate) fn receive_as(
        &self,
        message: &Sealed,
        policy: SignaturePolicy,
        leniency: Leniency,
    ) -> Result<Received, Refusal> {
        let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1)).unwrap();
        let reception = Reception::new(receiver(), window).only_addressed();
        let partner = Partner::new(sender(), policy).with_leniency(leniency);
        let incoming = Incoming::parse(&message.body, message.signature.as_deref())?;
        let opened = reception.open(incoming, &partner, &self.keys, noon())?;
        opened.read_items::<SearchRequest>()
    }
}

/// What goes over the wire, and how it says that it is signed.
pub(crate) struct Sealed {
    pub(crate) body: Vec<u8>,
    pub(crate) signature: Option<String>,
    pub(crate) profile: Profile,
}

impl Sealed {
    pub(crate) fn new(wire: Wire, profile: Profile) -> Self {
        Self {
            body: wire.body.into_bytes(),
            signature: wire.signature,
            profile,
        }
    }

    /// The signature, wherever the profile has it.
    pub(crate) fn signature(&self) -> String {
        match &self.signature {
            Some(signature) => signature.clone(),
            None => self.json()["signature"].as_str().unwrap().to_owned(),
        }
    }

    /// The same, with this signature.
    pub(crate) fn with_signature(mut self, signature: &str) -> Self {
        if self.signature.is_some() {
            self.signature = Some(signature.to_owned());
        } else {
            let old = serde_json::to_string(&self.signature()).unwrap();
            let new = serde_json::to_string(signature).unwrap();
            let body = String::from_utf8(self.body).unwrap();
            self.body = body.replacen(&old, &new, 1).into_bytes();
        }
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The codes of a refusal.
pub(crate) type Codes = (ErrorCode, Option<HeaderReason>);

pub(crate) const BAD_SIGNATURE: Codes = (ErrorCode::SignatureInvalid, None);
pub(crate) const BAD_REQUEST: Codes = (ErrorCode::BadRequest, None);

pub(crate) fn codes(refusal: &Refusal) -> Codes {
    (refusal.code().clone(), refusal.reason().cloned())
}

/// Two hundred messages of a class, each refused with the codes that `make`
/// says; a good one is taken before each.
pub(crate) fn class(make: impl Fn(&mut Exchange) -> (Sealed, Codes)) {
    let mut exchange = Exchange::for_tests(seed());
    for instance in 0..INSTANCES {
        let profile = exchange.profile();
        let good = Sealed::new(exchange.signed_by(profile, |x| &x.ed), profile);
        let taken = exchange.receive(&good).unwrap();
        assert!(taken.rejected.is_empty() && taken.deviations.is_empty());

        let (message, expected) = make(&mut exchange);
        let refusal = exchange.receive(&message).unwrap_err();
        assert_eq!(codes(&refusal), expected, "instance {instance}: {refusal}");
        // Neither the reason nor anything else repeats what was sent.
        let shown = format!("{refusal} {refusal:?}");
        let is_word = |text: &str| text.bytes().take(8).filter(u8::is_ascii_hexdigit).count() == 8;
        let repeats = shown
            .match_indices('w')
            .any(|(at, _)| is_word(&shown[at + 1..]));
        assert!(!repeats && shown.len() < 1_000, "{shown}");
    }
}
