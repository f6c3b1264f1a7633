use std::collections::HashSet;

use chrono::{DateTime, Utc};
use solidarity_signing::{Arrival, KeySet, PartyId, Window};

use crate::header::sealed::Sealed;
use crate::header::{Header, ReplyHeader, Status};
use crate::json::{Kind, Node, Path, Reading, Tree, parse, read, read_within, read_without};
use crate::limits::{ITEMS_MAX, REJECTED_MAX};
use crate::message::{Batch, Message};
use crate::signature::{SignaturePolicy, Signed, Trust};
use crate::{
    Deviation, EncryptedMessage, Fault, Incoming, Leniency, ReferenceId, Refusal, Rule, Tolerance,
    Version,
};

mod received;

pub use received::{Received, Rejected};

/// What was agreed on with a partner.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Partner {
    /// Who it is: `sender_id`.
    pub id: PartyId,
    /// What is asked of its signatures.
    pub signature: SignaturePolicy,
    /// Which differences from the standard are taken from it.
    pub leniency: Leniency,
}

impl Partner {
    /// The partner `id`, from whom nothing but the standard is taken.
    #[must_use]
    pub const fn new(id: PartyId, signature: SignaturePolicy) -> Self {
        Self {
            id,
            signature,
            leniency: Leniency::none(),
        }
    }

    /// The same, with `leniency`.
    #[must_use]
    pub const fn with_leniency(mut self, leniency: Leniency) -> Self {
        self.leniency = leniency;
        self
    }
}

/// Takes messages in for one receiver.
///
/// In this order, and none of it can be passed over: the bytes are one JSON
/// object within limits ([`Incoming`]); the sender is the partner; the
/// signature is the partner's ([`open`](Self::open)); the header is of this
/// version, for this receiver, of about now, and of this message; the message
/// is what its type says ([`Opened::read`], [`Opened::read_items`]).
///
/// That a message comes once is for a
/// [`ReplayGuard`](solidarity_signing::ReplayGuard) to say, which is asked
/// with [`Received::arrival`]; [`Refusal::of`] says what is answered to a message
/// that it does not admit.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use solidarity_dci::registry::SearchRequest;
/// use solidarity_dci::{ErrorCode, Incoming, Partner, Reception, SignaturePolicy};
/// use solidarity_signing::{KeySet, PartyId, Window};
///
/// let sr = PartyId::new("sr.example")?;
/// let sp = PartyId::new("sp.example")?;
/// let reception = Reception::new(sr, Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1))?);
/// let partner = Partner::new(sp.clone(), SignaturePolicy::None);
/// let now = DateTime::UNIX_EPOCH;
///
/// let body = br#"{"header": {"message_id": "m-1", "message_ts": "1970-01-01T00:00:00Z",
///     "action": "search", "sender_id": "sp.example", "total_count": 1},
///   "message": {"transaction_id": "t-1", "search_request": [{"reference_id": "1",
///     "timestamp": "1970-01-01T00:00:00Z",
///     "search_criteria": {"query_type": "idtype-value", "query": {"type": "UIN", "value": "1"}}}]}}"#;
/// let opened = reception.open(Incoming::parse(body, None)?, &partner, &KeySet::new(sp.clone()), now)?;
/// let received = opened.read_items::<SearchRequest>()?;
/// assert_eq!((received.message.search_request.len(), received.rejected.len()), (1, 0));
///
/// // Of the same bytes from somebody else, nothing is read.
/// let other = Partner::new(PartyId::new("other.example")?, SignaturePolicy::None);
/// let refusal = reception
///     .open(Incoming::parse(body, None)?, &other, &KeySet::new(other.id.clone()), now)
///     .unwrap_err();
/// assert_eq!(refusal.code(), &ErrorCode::SenderIdInvalid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reception {
    receiver: PartyId,
    window: Window,
    addressed: bool,
}

impl Reception {
    /// For `receiver`, of messages sent within `window`.
    #[must_use]
    pub const fn new(receiver: PartyId, window: Window) -> Self {
        Self {
            receiver,
            window,
            addressed: false,
        }
    }

    /// The same, and a message that does not name its receiver is refused. The
    /// standard lets `receiver_id` be left out; a signed message without one
    /// can be handed on to another receiver.
    #[must_use]
    pub const fn only_addressed(mut self) -> Self {
        self.addressed = true;
        self
    }

    /// Checks whose message it is: that of `partner`, signed as agreed on with
    /// one of `keys`.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: `err.sender_id.invalid`, `err.signature.missing`,
    /// `err.signature.invalid`.
    pub fn open<'a>(
        &self,
        incoming: Incoming<'a>,
        partner: &Partner,
        keys: &KeySet,
        now: DateTime<Utc>,
    ) -> Result<Opened<'a>, Refusal> {
        // A reply need not say who sends it: whoever asked knows.
        let stranger = incoming.sender().is_some_and(|s| s != partner.id.as_str());
        if stranger || *keys.owner() != partner.id {
            return Err(header_fault("sender_id", Rule::WrongSender));
        }
        let signed = Signed {
            body: incoming.body,
            root: incoming.tree.root(),
            http_header: incoming.http_header,
            keys,
            leniency: partner.leniency,
            now,
        };
        let (trust, rewritten) = signed.check(partner.signature)?;
        let reading = Reading::new(partner.leniency);
        if rewritten {
            reading.note(Tolerance::RewrittenBody, Path::ROOT.to_fields());
        }
        Ok(Opened {
            tree: incoming.tree,
            decrypted: None,
            reading,
            trust,
            partner: partner.id.clone(),
            reception: self.clone(),
            now,
        })
    }
}

fn header_fault(field: &'static str, rule: Rule) -> Refusal {
    Fault::field(field, rule).within_field("header").into()
}

/// A message whose sender is known: to be read as what it is.
pub struct Opened<'a> {
    tree: Tree<'a>,
    decrypted: Option<Tree<'a>>,
    reading: Reading,
    trust: Trust,
    partner: PartyId,
    reception: Reception,
    now: DateTime<Utc>,
}

impl std::fmt::Debug for Opened<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("partner", &self.partner)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

impl<'a> Opened<'a> {
    /// What is known of who sent it.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Reads it as an `M`, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: the field that is not as the standard has it, and the
    /// standard's code for that.
    pub fn read<M: Message>(self) -> Result<Received<M>, Refusal> {
        let (header, arrival) = self.header::<M>(self.decrypted.is_some(), &self.reading)?;
        let message = self.read_whole::<M>(&header)?;
        Ok(self.received((header, arrival), message, Vec::new()))
    }

    /// Reads it as an `M` item by item: those that are not in order are set
    /// apart with the standard's code for each, and the others are taken.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for what is wrong with the message as a whole, which more
    /// than [`REJECTED_MAX`] items are too (`rjct.errors.too_many`).
    pub fn read_items<M: Batch>(self) -> Result<Received<M, M::Reason>, Refusal> {
        let (header, arrival) = self.header::<M>(self.decrypted.is_some(), &self.reading)?;
        let node = self.message()?;
        let list = match node.get(M::ITEMS) {
            Some(list) if *list.kind() == Kind::List => list,
            // The type says what is wrong with it, or what is tolerated.
            _ => {
                let message = self.read_whole::<M>(&header)?;
                return Ok(self.received((header, arrival), message, Vec::new()));
            }
        };
        self.check_count(&header, list.children().count())?;
        let path = Path::ROOT.field("message");
        let shell = read_without(node, Some(list.place()), &path, &self.reading);
        let mut message: M = shell.map_err(|fault| path.onto(fault))?;
        let (items, rejected) = self.read_each::<M>(list)?;
        *message.items_mut() = items;
        Ok(self.received((header, arrival), message, rejected))
    }

    /// The header of a reply that rejects the whole request and has no message:
    /// why is in its `status_reason_code`. `None` if there is a message.
    ///
    /// # Errors
    ///
    /// [`Refusal`], as [`read`](Self::read).
    pub fn read_rejection<M>(&self) -> Result<Option<ReplyHeader>, Refusal>
    where
        M: Message<Header = ReplyHeader>,
    {
        if self.tree.root().get("message").is_some() {
            return Ok(None);
        }
        let reading = Reading::new(self.reading.leniency());
        let (header, _) = self.header::<M>(false, &reading)?;
        if header.status != Some(Status::Rejected) {
            return Err(Fault::field("message", Rule::Required).into());
        }
        Ok(Some(header))
    }

    /// Reads the header of a message that its caller decrypts.
    ///
    /// # Errors
    ///
    /// [`Refusal`], as [`read`](Self::read); `err.encryption.invalid` if it is
    /// not encrypted.
    pub fn read_encrypted<M: Message>(&self) -> Result<(M::Header, EncryptedMessage), Refusal> {
        // What is met here is met, and reported, again when it is decrypted.
        let reading = Reading::new(self.reading.leniency());
        let (header, _) = self.header::<M>(true, &reading)?;
        let message = read(self.message()?, &Path::ROOT.field("message"), &reading);
        Ok((header, message.map_err(Refusal::of_encryption)?))
    }

    /// Puts what its caller decrypted in the place of the encrypted message.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: `err.encryption.invalid` if `plain` is no JSON within the
    /// limits.
    pub fn decrypted<'b>(self, plain: &'b [u8]) -> Result<Opened<'b>, Refusal>
    where
        'a: 'b,
    {
        let message = parse(plain).map_err(|malformed| {
            let fault = Fault::new(Rule::Malformed(malformed)).within_field("message");
            Refusal::of_encryption(fault)
        })?;
        Ok(Opened {
            decrypted: Some(message),
            ..self
        })
    }

    /// The header, checked against who receives what and when.
    fn header<M: Message>(
        &self,
        encrypted: bool,
        reading: &Reading,
    ) -> Result<(M::Header, Arrival), Refusal> {
        let node = self.part("header")?;
        // A newer version may have what this one does not know.
        let version = node.get("version").and_then(Node::text);
        if version
            .is_some_and(|version| !version.is_empty() && version != Version::default().as_str())
        {
            return Err(header_fault("version", Rule::WrongVersion));
        }
        let header: M::Header = read(node, &Path::ROOT.field("header"), reading)?;
        if *header.version() != Version::V1_0_0 {
            return Err(header_fault("version", Rule::WrongVersion));
        }
        if header
            .sender_id()
            .is_some_and(|sender| *sender != self.partner)
        {
            return Err(header_fault("sender_id", Rule::WrongSender));
        }
        self.check_action::<M>(&header)?;
        if header.lacks_status() && !M::MAY_LACK_STATUS {
            return Err(header_fault("status", Rule::Required));
        }
        let arrival = self.arrival(&header);
        if self.reception.window.refuses(&arrival, self.now).is_some() {
            return Err(header_fault("message_ts", Rule::WrongTime));
        }
        match header.receiver_id() {
            Some(receiver) if *receiver == self.reception.receiver => {}
            None if !self.reception.addressed => {}
            Some(_) => return Err(header_fault("receiver_id", Rule::WrongReceiver)),
            None => return Err(header_fault("receiver_id", Rule::Required)),
        }
        if header.is_msg_encrypted() != encrypted {
            return Err(header_fault("is_msg_encrypted", Rule::WrongEncryption));
        }
        Ok((header, arrival))
    }

    fn check_action<M: Message>(&self, header: &M::Header) -> Result<(), Refusal> {
        let action = header.action();
        if action == M::ACTION || M::ALSO.contains(&action) {
            return Ok(());
        }
        let path = Path::ROOT.field("header");
        let answers = M::ANSWERS == Some(action);
        if answers
            && self
                .reading
                .allows(Tolerance::ActionOfRequest, &path.field("action"))
        {
            return Ok(());
        }
        Err(header_fault("action", Rule::WrongAction))
    }

    fn arrival(&self, header: &impl Header) -> Arrival {
        let sent_at = header.message_ts().at();
        Arrival::new(self.partner.clone(), header.message_id().clone(), sent_at)
    }

    fn part(&self, field: &'static str) -> Result<Node<'_, 'a>, Fault> {
        let part = self.tree.root().get(field);
        part.ok_or_else(|| Fault::field(field, Rule::Required))
    }

    /// The message, as it came or as it was decrypted.
    fn message(&self) -> Result<Node<'_, 'a>, Fault> {
        match &self.decrypted {
            Some(plain) => Ok(plain.root()),
            None => self.part("message"),
        }
    }

    /// The message, with all that is in it.
    fn read_whole<M: Message>(&self, header: &M::Header) -> Result<M, Refusal> {
        let path = Path::ROOT.field("message");
        let message: M = read(self.message()?, &path, &self.reading)?;
        self.check_count(header, message.count())?;
        let met = message.check(&self.reading.leniency());
        self.reading
            .note_all(met.map_err(|fault| path.onto(fault))?, &path);
        Ok(message)
    }

    #[expect(clippy::type_complexity, reason = "the good and the bad")]
    fn read_each<M: Batch>(
        &self,
        list: Node<'_, 'a>,
    ) -> Result<(Vec<M::Item>, Vec<Rejected<M::Reason>>), Refusal> {
        let path = Path::ROOT.field("message");
        let path = path.field(M::ITEMS);
        let mut seen = HashSet::new();
        let mut items = Vec::new();
        let mut rejected = Vec::new();
        for (position, node) in list.children().enumerate() {
            let path = path.item(position);
            let item = self.read_item::<M>(node, &path).and_then(|item| {
                if seen.insert(M::reference(&item).clone()) {
                    Ok(item)
                } else {
                    Err(Fault::field("reference_id", Rule::Duplicate))
                }
            });
            match item {
                Ok(item) => items.push(item),
                Err(_) if rejected.len() == REJECTED_MAX => {
                    let fault = Fault::field(M::ITEMS, Rule::TooMany);
                    return Err(fault.within_field("message").into());
                }
                Err(fault) => {
                    let said = node.get("reference_id").and_then(Node::text);
                    rejected.push(Rejected {
                        position,
                        reference_id: said.and_then(|id| ReferenceId::new(id).ok()),
                        reason: M::reason(&fault),
                        fault: path.onto(fault),
                    });
                }
            }
        }
        Ok((items, rejected))
    }

    /// The item; a fault is seen from the item.
    fn read_item<M: Batch>(&self, node: Node<'_, 'a>, path: &Path<'_>) -> Result<M::Item, Fault> {
        let item = read_within(node, path, &self.reading)?;
        let met = M::check_item(&item, &self.reading.leniency())?;
        self.reading.note_all(met, path);
        Ok(item)
    }

    fn check_count<H: Header + Sealed>(&self, header: &H, count: usize) -> Result<(), Refusal> {
        if count > ITEMS_MAX {
            return Err(header_fault("total_count", Rule::TooMany));
        }
        if !H::COUNTS_ITEMS {
            return Ok(());
        }
        let said = header.total_count().and_then(|n| usize::try_from(n).ok());
        if said == Some(count) && count > 0 {
            Ok(())
        } else {
            Err(header_fault("total_count", Rule::WrongCount))
        }
    }

    fn received<M: Message, R>(
        self,
        (header, arrival): (M::Header, Arrival),
        message: M,
        rejected: Vec<Rejected<R>>,
    ) -> Received<M, R> {
        let leniency = self.reading.leniency();
        let deviations: Vec<Deviation> = self.reading.into_deviations();
        Received::new(
            header, message, rejected, deviations, self.trust, arrival, leniency,
        )
    }
}
