use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use solidarity_core::{
    ActorId, Currency, CycleId, Invalid, Money, PaymentId, ProgrammeId, Salt, Stamp,
};

use crate::digest::{Encoder, LineDigest};
use crate::{BatchDigest, Instruction};

solidarity_core::id! {
    /// A batch of payments.
    pub struct BatchId;
}

/// The most lines in one batch. A larger run is several batches.
pub const LINES_MAX: usize = 100_000;

/// How many people, none of whom prepared it, approve a batch.
pub const APPROVALS_NEEDED: usize = 2;

/// A batch as its maker prepares it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewBatch {
    /// Names the batch.
    pub id: BatchId,
    /// The programme that pays.
    pub programme: ProgrammeId,
    /// The cycle that is paid.
    pub cycle: CycleId,
    /// The currency of every line.
    pub currency: Currency,
    /// The lines, in any order.
    pub instructions: Vec<Instruction>,
}

impl NewBatch {
    /// A batch of `instructions`.
    #[must_use]
    pub const fn new(
        id: BatchId,
        programme: ProgrammeId,
        cycle: CycleId,
        currency: Currency,
        instructions: Vec<Instruction>,
    ) -> Self {
        Self {
            id,
            programme,
            cycle,
            currency,
            instructions,
        }
    }

    /// Checks the batch, and gives its count, control sum and digest.
    ///
    /// # Errors
    ///
    /// [`Invalid`], with the position of the line that breaks the rule: no
    /// line or more than [`LINES_MAX`]; an amount that is not above zero or
    /// in another currency; two lines with one payment id or for one
    /// entitlement; a line that replaces itself; a sum beyond the largest
    /// amount of money.
    pub fn checked(&self) -> Result<ControlSum, Invalid> {
        if self.instructions.is_empty() || self.instructions.len() > LINES_MAX {
            let rule = format!("must be 1 to {LINES_MAX} lines");
            return Err(Invalid::new("instructions", rule));
        }
        let (mut ids, mut entitlements) = (HashSet::new(), HashSet::new());
        let mut sum = Money::zero(self.currency);
        for (position, line) in self.instructions.iter().enumerate() {
            let invalid = |field, rule: &'static str| Err(Invalid::new(field, rule).at(position));
            if line.amount.currency() != self.currency {
                return invalid("amount", "must be in the batch's currency");
            }
            if !line.amount.is_positive() {
                return invalid("amount", "must be above zero");
            }
            if !ids.insert(line.id) {
                return invalid("id", "must not be another line's");
            }
            if !entitlements.insert(line.entitlement) {
                return invalid("entitlement", "must not be another line's");
            }
            if line.replaces == Some(line.id) {
                return invalid("replaces", "must be another payment");
            }
            let Ok(more) = sum.checked_add(line.amount) else {
                return invalid("amount", "must leave the sum within the largest amount");
            };
            sum = more;
        }
        Ok(self.control_sum(sum))
    }

    fn control_sum(&self, total: Money) -> ControlSum {
        let mut digests: Vec<(PaymentId, LineDigest)> = self
            .instructions
            .iter()
            .map(|line| (line.id, line.digest()))
            .collect();
        digests.sort_unstable();
        let count = digests.len() as u64;
        let header = (self.id, self.programme, self.cycle);
        ControlSum {
            count,
            total,
            digest: digest(header, count, total, digests.iter().map(|(_, d)| d)),
        }
    }
}

/// What a batch adds up to: the gate of every file and every approval.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ControlSum {
    /// How many lines.
    pub count: u64,
    /// The sum of their amounts.
    pub total: Money,
    /// The digest of everything that they say.
    pub digest: BatchDigest,
}

fn digest<'a>(
    (batch, programme, cycle): (BatchId, ProgrammeId, CycleId),
    count: u64,
    total: Money,
    lines: impl Iterator<Item = &'a LineDigest>,
) -> BatchDigest {
    let header = Encoder::new("solidarity.batch.v1")
        .field(batch.as_uuid().as_bytes())
        .field(programme.as_uuid().as_bytes())
        .field(cycle.as_uuid().as_bytes())
        .field(total.currency().code().as_bytes())
        .field(&count.to_be_bytes())
        .field(&total.minor().to_be_bytes())
        .finish();
    let mut hash = Sha256::new_with_prefix(header);
    for line in lines {
        hash.update(32_u32.to_be_bytes());
        hash.update(line.as_bytes());
    }
    BatchDigest::from_bytes(hash.finalize().into())
}

/// How far a batch has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a life cycle is matched whole")]
pub enum BatchState {
    /// Being prepared: it may still be revised.
    Draft,
    /// Two people approved exactly this digest. A revision voids it.
    Approved,
    /// Its lines may be handed to a rail. Nothing changes it any more.
    Released,
    /// Given up before its release. It pays nothing and holds nothing: its
    /// payments and entitlements are free for another batch.
    Withdrawn,
}

/// One person's approval of one digest.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Approval {
    /// What was approved, to the bit.
    pub digest: BatchDigest,
    /// When, by whom, why.
    pub stamp: Stamp,
}

impl Approval {
    /// The approval of `digest`.
    #[must_use]
    pub const fn new(digest: BatchDigest, stamp: Stamp) -> Self {
        Self { digest, stamp }
    }
}

/// A batch as the store keeps it, without its lines.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Batch {
    pub(crate) id: BatchId,
    pub(crate) programme: ProgrammeId,
    pub(crate) cycle: CycleId,
    pub(crate) count: u64,
    pub(crate) total: Money,
    pub(crate) digest: BatchDigest,
    pub(crate) state: BatchState,
    pub(crate) makers: Vec<ActorId>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) changed_at: DateTime<Utc>,
    pub(crate) salt: Salt,
}

/// The salt, which hides the batch's commitments, takes no part.
impl PartialEq for Batch {
    fn eq(&self, other: &Self) -> bool {
        let said = |b: &Self| {
            (
                b.id,
                b.programme,
                b.cycle,
                b.count,
                b.total,
                b.digest,
                b.state,
            )
        };
        said(self) == said(other)
            && self.makers == other.makers
            && self.approvals == other.approvals
            && self.changed_at == other.changed_at
    }
}

impl Eq for Batch {}

impl Batch {
    /// Names the batch.
    #[must_use]
    pub const fn id(&self) -> BatchId {
        self.id
    }

    /// The programme that pays.
    #[must_use]
    pub const fn programme(&self) -> ProgrammeId {
        self.programme
    }

    /// The cycle that is paid.
    #[must_use]
    pub const fn cycle(&self) -> CycleId {
        self.cycle
    }

    /// The currency of every line.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.total.currency()
    }

    /// How many lines it has.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum of its lines' amounts, reissues included.
    #[must_use]
    pub const fn total(&self) -> Money {
        self.total
    }

    /// The digest of everything that it says.
    #[must_use]
    pub const fn digest(&self) -> BatchDigest {
        self.digest
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> BatchState {
        self.state
    }

    /// Everyone who prepared or revised it: none of them may approve it.
    #[must_use]
    pub fn makers(&self) -> &[ActorId] {
        &self.makers
    }

    /// The approvals that count: of this digest, by different people who did
    /// not make the batch.
    #[must_use]
    pub fn approvals(&self) -> Vec<&Approval> {
        let mut seen = HashSet::new();
        self.approvals
            .iter()
            .filter(|a| a.digest == self.digest)
            .filter(|a| !self.makers.contains(&a.stamp.actor()) && seen.insert(a.stamp.actor()))
            .collect()
    }

    /// When it was last written.
    #[must_use]
    pub const fn changed_at(&self) -> DateTime<Utc> {
        self.changed_at
    }

    /// What hides the batch behind the commitment of its last change.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }

    /// The digest that lines with these digests, in the order of their
    /// payments' ids, give under this batch's header.
    pub(crate) fn digest_of<'a>(&self, lines: impl Iterator<Item = &'a LineDigest>) -> BatchDigest {
        let header = (self.id, self.programme, self.cycle);
        digest(header, self.count, self.total, lines)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solidarity_core::{EntitlementId, PersonId};

    use super::*;
    use crate::{FinancialAddress, RailCode};

    fn instruction(n: u8, minor: i128) -> Instruction {
        let cause = PersonId::derive(&CycleId::from_uuid(Default::default()), &n.to_string());
        Instruction::new(
            PaymentId::derive(&cause, "payment"),
            cause,
            FinancialAddress::account(RailCode::from_static("bank"), format!("00{n}")).unwrap(),
            Money::from_minor(minor, "KES".parse().unwrap()).unwrap(),
            EntitlementId::derive(&cause, "entitlement"),
        )
    }

    fn batch(instructions: Vec<Instruction>) -> NewBatch {
        let cause = PersonId::from_uuid(Default::default());
        NewBatch::new(
            BatchId::derive(&cause, "batch"),
            ProgrammeId::derive(&cause, "programme"),
            CycleId::derive(&cause, "cycle"),
            "KES".parse().unwrap(),
            instructions,
        )
    }

    /// The digest is a format: what was approved in one version must read
    /// the same in the next.
    #[test]
    fn the_digest_never_changes() {
        let sum = batch(vec![instruction(1, 1_050), instruction(2, 5)])
            .checked()
            .unwrap();
        assert_eq!(
            (sum.count, sum.total.to_string()),
            (2, "10.55 KES".to_owned())
        );
        assert_eq!(
            sum.digest.to_string(),
            "eec2d6de5ecc90ea439abde5e1b050f9cf4d9fdcbf872e65aa390cb1f836dbda"
        );
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter() {
        let (a, b, c) = (instruction(1, 5), instruction(2, 5), instruction(3, 5));
        let one = batch(vec![a.clone(), b.clone(), c.clone()])
            .checked()
            .unwrap();
        let other = batch(vec![c, a, b]).checked().unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn broken_batches_are_refused_by_position() {
        let twice = batch(vec![instruction(1, 5), instruction(1, 5)]);
        let zero = batch(vec![instruction(1, 5), instruction(2, 0)]);
        let mut foreign = batch(vec![instruction(1, 5)]);
        foreign.currency = "UGX".parse().unwrap();
        let mut itself = batch(vec![instruction(1, 5)]);
        itself.instructions[0].replaces = Some(itself.instructions[0].id);
        let mut entitled = batch(vec![instruction(1, 5), instruction(2, 5)]);
        entitled.instructions[1].entitlement = entitled.instructions[0].entitlement;
        for (bad, field, position) in [
            (batch(Vec::new()), "instructions", None),
            (twice, "id", Some(1)),
            (zero, "amount", Some(1)),
            (foreign, "amount", Some(0)),
            (itself, "replaces", Some(0)),
            (entitled, "entitlement", Some(1)),
        ] {
            let invalid = bad.checked().unwrap_err();
            assert_eq!((invalid.field(), invalid.position()), (field, position));
        }
        let most = solidarity_core::limits::MONEY_MAX_MINOR;
        let over = batch(vec![instruction(1, most), instruction(2, 1)]);
        assert_eq!(over.checked().unwrap_err().position(), Some(1));
    }

    #[test]
    fn the_most_lines_are_taken_and_one_more_is_not() {
        let line = instruction(0, 1);
        let lines = |count: u32| {
            let make = |n: u32| {
                let mut line = line.clone();
                line.id = PaymentId::derive(&line.payee, &n.to_string());
                line.entitlement = EntitlementId::from_uuid(*line.id.as_uuid());
                line
            };
            batch((0..count).map(make).collect())
        };
        assert!(lines(99_999).checked().is_ok());
        assert!(lines(100_000).checked().is_ok());
        assert_eq!(
            lines(100_001).checked().unwrap_err().field(),
            "instructions"
        );
    }

    proptest! {
        /// M9: whatever is changed in a batch, its digest is another one.
        #[test]
        fn a_changed_batch_has_another_digest(line in 0_usize..4, what in 0_u8..9, by in 1_u8..200) {
            let original = batch((0..4).map(|n| instruction(n, 1_000)).collect());
            let mut changed = original.clone();
            let other = instruction(100 + (by % 100), 1_000 + i128::from(by));
            let target = &mut changed.instructions[line];
            match what {
                0 => target.amount = other.amount,
                1 => target.address = other.address,
                2 => target.payee = other.payee,
                3 => target.entitlement = other.entitlement,
                4 => target.id = other.id,
                5 => target.replaces = Some(other.id),
                6 => { changed.instructions.remove(line); }
                7 => changed.instructions.push(other),
                _ => changed.id = BatchId::derive(&other.id, "batch"),
            }
            prop_assert_ne!(original.checked().unwrap().digest, changed.checked().unwrap().digest);
        }
    }
}
