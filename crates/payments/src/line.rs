use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, Money, PaymentId, ProgrammeId, Version};

use crate::{BatchId, Bucket, Instruction, Reason};

solidarity_core::code! {
    /// What a rail calls a payment that it took.
    pub struct RailReference;
    /// What a rail calls one entry of its statement.
    pub struct EntryId;
}

/// How often one payment is handed to a rail at most. Beyond it a person
/// cancels the payment and reissues it.
pub const TRIES_MAX: u32 = 20;

/// What is known of one payment.
///
/// [`transition`](crate::transition) is the table of what may follow what.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "money hangs on it: a wildcard would turn what is unknown into what failed"
)]
pub enum LineState {
    /// Not handed to the rail, or the rail said that it never had it.
    Prepared,
    /// Written before the rail is called: the rail may or may not have it.
    Submitting,
    /// The rail took it. Nothing says yet that it arrived.
    InFlight,
    /// The rail's answer was lost: it may or may not have the payment.
    Unknown,
    /// The rail says that the payee's account, wallet or point has it. That
    /// the payee *received* it, only the payee says.
    Credited,
    /// The rail refused it: no money left.
    Rejected,
    /// The money came back after the rail took it.
    Returned,
    /// Given up before the rail had it.
    Cancelled,
    /// The rail contradicted itself, or another amount moved. Only a person
    /// may say what is so.
    Unresolved,
}

impl LineState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Prepared,
        Self::Submitting,
        Self::InFlight,
        Self::Unknown,
        Self::Credited,
        Self::Rejected,
        Self::Returned,
        Self::Cancelled,
        Self::Unresolved,
    ];

    /// Its name: `in_flight`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Submitting => "submitting",
            Self::InFlight => "in_flight",
            Self::Unknown => "unknown",
            Self::Credited => "credited",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Unresolved => "unresolved",
        }
    }

    /// The one bucket of the control totals that counts a line in this state.
    #[must_use]
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::Prepared => Bucket::NotSubmitted,
            Self::Submitting | Self::InFlight => Bucket::InFlight,
            Self::Credited => Bucket::Credited,
            Self::Rejected => Bucket::Rejected,
            Self::Returned => Bucket::Returned,
            Self::Cancelled => Bucket::Cancelled,
            Self::Unknown | Self::Unresolved => Bucket::Unresolved,
        }
    }

    /// Whether nothing of the amount reached the payee and nothing more will,
    /// so that it may be paid again.
    #[must_use]
    pub const fn may_be_reissued(self) -> bool {
        matches!(self, Self::Rejected | Self::Returned | Self::Cancelled)
    }
}

/// What the payee says about a payment, by a channel of their own.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a payee's `no` must never fall under a wildcard"
)]
pub enum Receipt {
    /// They have the money.
    Received,
    /// They do not, whatever the rail says.
    NotReceived,
}

/// One payment of a batch, and all that is known of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Line {
    pub(crate) instruction: Instruction,
    pub(crate) batch: BatchId,
    pub(crate) programme: ProgrammeId,
    pub(crate) origin: BatchId,
    pub(crate) version: Version,
    pub(crate) state: LineState,
    pub(crate) since: DateTime<Utc>,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) tries: u32,
    pub(crate) submitted_at: Option<DateTime<Utc>>,
    pub(crate) reference: Option<RailReference>,
    pub(crate) reason: Option<Reason>,
    pub(crate) credited_by: Option<EntryId>,
    pub(crate) returned_by: Option<EntryId>,
    pub(crate) fees: Money,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) replaced_by: Option<PaymentId>,
    pub(crate) trail: Vec<(Version, Bucket)>,
}

impl Line {
    /// The line that a batch begins with. `origin` is the batch in which the
    /// entitlement was first paid. One that stands in for another counts only
    /// from the release of its batch on.
    pub(crate) fn begin(
        instruction: Instruction,
        batch: BatchId,
        programme: ProgrammeId,
        origin: BatchId,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            batch,
            programme,
            origin,
            version: Version::FIRST,
            state: LineState::Prepared,
            since: at,
            recorded_at: at,
            tries: 0,
            submitted_at: None,
            reference: None,
            reason: None,
            credited_by: None,
            returned_by: None,
            fees: Money::zero(instruction.amount.currency()),
            receipt: None,
            replaced_by: None,
            trail: match instruction.replaces {
                None => vec![(Version::FIRST, LineState::Prepared.bucket())],
                Some(_) => Vec::new(),
            },
            instruction,
        }
    }

    /// What was asked for.
    #[must_use]
    pub const fn instruction(&self) -> &Instruction {
        &self.instruction
    }

    /// Names the payment.
    #[must_use]
    pub const fn id(&self) -> PaymentId {
        self.instruction.id
    }

    /// How much is paid.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.instruction.amount
    }

    /// The batch that it is a line of.
    #[must_use]
    pub const fn batch(&self) -> BatchId {
        self.batch
    }

    /// The programme that pays.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// The batch in whose control totals it counts: that in which its
    /// entitlement was first paid, for a reissue too.
    #[must_use]
    pub const fn origin(&self) -> BatchId {
        self.origin
    }

    /// How often it was written.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What is known of it.
    #[must_use]
    pub const fn state(&self) -> LineState {
        self.state
    }

    /// Since when it has been so, by the word of whoever told it.
    #[must_use]
    pub const fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// When its last event was recorded.
    #[must_use]
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at
    }

    /// How often it was handed to the rail.
    #[must_use]
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// When it was last handed to the rail.
    #[must_use]
    pub const fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.submitted_at
    }

    /// What the rail calls it.
    #[must_use]
    pub const fn reference(&self) -> Option<&RailReference> {
        self.reference.as_ref()
    }

    /// Why the rail refused it or sent it back.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// The statement's entry that credited it, if that is how it was learnt.
    #[must_use]
    pub const fn credited_by(&self) -> Option<&EntryId> {
        self.credited_by.as_ref()
    }

    /// The statement's entry that brought it back, likewise.
    #[must_use]
    pub const fn returned_by(&self) -> Option<&EntryId> {
        self.returned_by.as_ref()
    }

    /// What the rail charged for it. Never taken from its amount.
    #[must_use]
    pub const fn fees(&self) -> Money {
        self.fees
    }

    /// What the payee said.
    #[must_use]
    pub const fn receipt(&self) -> Option<Receipt> {
        self.receipt
    }

    /// The released payment that stands in for it, if there is one.
    #[must_use]
    pub const fn replaced_by(&self) -> Option<PaymentId> {
        self.replaced_by
    }

    /// The buckets through which its amount came, each with the version at
    /// which it came there, until another payment took its place.
    ///
    /// A ledger that follows it needs no more: see [`Disburser`](crate::Disburser).
    #[must_use]
    pub fn trail(&self) -> &[(Version, Bucket)] {
        &self.trail
    }

    /// The bucket that counts it. `None` for a payment that is to stand in
    /// for another and whose batch is not released, and once another payment
    /// counts in its place.
    #[must_use]
    pub fn bucket(&self) -> Option<Bucket> {
        (!self.trail.is_empty() && self.replaced_by.is_none()).then(|| self.state.bucket())
    }

    /// This line, from whose release on it counts in `replaced`'s place, and
    /// that line.
    ///
    /// # Errors
    ///
    /// As [`check_reissue`](Self::check_reissue).
    pub(crate) fn stand_in_for(
        &self,
        replaced: &Self,
        at: DateTime<Utc>,
    ) -> Result<(Self, Self), Invalid> {
        replaced.check_reissue(&self.instruction)?;
        let (mut new, mut old) = (self.clone(), replaced.clone());
        for line in [&mut new, &mut old] {
            line.version = line.version.next();
            line.recorded_at = at;
        }
        new.trail = vec![(new.version, new.state.bucket())];
        old.replaced_by = Some(new.id());
        Ok((new, old))
    }

    /// Checks that the line may be paid again by `instruction`: it failed for
    /// good, nothing stands in for it yet, and the other one pays the same
    /// amount for the same entitlement.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with the rule that is broken.
    pub fn check_reissue(&self, instruction: &Instruction) -> Result<(), Invalid> {
        let rule = if self.instruction.entitlement != instruction.entitlement {
            "must be a payment for the same entitlement"
        } else if self.amount() != instruction.amount {
            "must be a payment of the same amount"
        } else if !self.state.may_be_reissued() {
            "must be a payment that was rejected, returned or cancelled"
        } else if self.replaced_by.is_some_and(|by| by != instruction.id) {
            "must be a payment that nothing stands in for"
        } else {
            return Ok(());
        };
        Err(Invalid::new("replaces", rule))
    }
}
