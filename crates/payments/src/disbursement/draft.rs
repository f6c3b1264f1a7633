use std::collections::HashMap;

use solidarity_core::{EntitlementId, Invalid, PaymentId, Salt, Stamp};

use crate::{
    Batch, BatchDigest, BatchId, BatchState, ControlTotals, Error, Instruction, Line, NewBatch,
    Result,
};

/// The most people who may have a hand in one draft.
const MAKERS_MAX: usize = 64;

/// What a store knows of what a draft touches. For implementers of
/// [`DisbursementStore`](crate::DisbursementStore).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DraftFacts {
    /// The lines under the ids of the draft's payments and of those that they
    /// replace.
    pub lines: HashMap<PaymentId, Line>,
    /// For the draft's entitlements: the payment that was the first for it,
    /// and that payment's batch.
    pub first: HashMap<EntitlementId, (PaymentId, BatchId)>,
    /// For the payments that the draft replaces: the payment that replaces it
    /// already, and that payment's batch.
    pub successors: HashMap<PaymentId, (PaymentId, BatchId)>,
}

/// What a draft comes to.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a store writes the one and not the other"
)]
pub enum Drafted {
    /// It was drafted before: there is nothing to write.
    Unchanged(Box<Batch>),
    /// The batch, its totals and its lines, which take the place of all that
    /// it had.
    Written {
        /// The batch.
        batch: Box<Batch>,
        /// Its lines, in the order of their ids.
        lines: Vec<Line>,
        /// Its control totals.
        totals: Box<ControlTotals>,
    },
}

/// Decides on the draft `new`: the whole rule of
/// [`DisbursementStore::draft`](crate::DisbursementStore::draft).
///
/// # Errors
///
/// As that method.
pub fn draft(
    new: &NewBatch,
    revises: Option<BatchDigest>,
    current: Option<&Batch>,
    facts: &DraftFacts,
    stamp: &Stamp,
) -> Result<Drafted> {
    let sum = new.checked()?;
    let mut makers = Vec::new();
    match (current, revises) {
        (Some(current), _) if current.digest() == sum.digest => {
            return Ok(Drafted::Unchanged(Box::new(current.clone())));
        }
        (Some(_), None) => return Err(Error::already_exists(new.id.as_uuid())),
        (Some(current), Some(revised)) => {
            if current.digest() != revised {
                return Err(Error::digest_mismatch(current));
            }
            if !matches!(current.state(), BatchState::Draft | BatchState::Approved) {
                return Err(Error::batch_state(current));
            }
            makers.extend_from_slice(current.makers());
        }
        (None, Some(_)) => return Err(Error::not_found(new.id.as_uuid())),
        (None, None) => {}
    }
    if !makers.contains(&stamp.actor()) {
        makers.push(stamp.actor());
    }
    if makers.len() > MAKERS_MAX {
        return Err(Invalid::new("makers", format!("must be at most {MAKERS_MAX}")).into());
    }
    let mut lines = Vec::with_capacity(new.instructions.len());
    for (position, instruction) in new.instructions.iter().enumerate() {
        let origin = admit(new, instruction, facts, position)?;
        let instruction = instruction.clone();
        lines.push(Line::begin(
            instruction,
            new.id,
            new.programme,
            origin,
            stamp.at(),
        ));
    }
    lines.sort_unstable_by_key(Line::id);
    let originals = lines.iter().filter(|line| line.origin() == new.id);
    let totals = ControlTotals::over(new.currency, originals)?;
    let batch = Batch {
        id: new.id,
        programme: new.programme,
        cycle: new.cycle,
        count: sum.count,
        total: sum.total,
        digest: sum.digest,
        state: BatchState::Draft,
        makers,
        approvals: Vec::new(),
        changed_at: stamp.at(),
        salt: Salt::generate(),
    };
    Ok(Drafted::Written {
        batch: Box::new(batch),
        lines,
        totals: Box::new(totals),
    })
}

/// Checks that nobody pays this already, and gives the batch in whose totals
/// it counts.
fn admit(
    new: &NewBatch,
    instruction: &Instruction,
    facts: &DraftFacts,
    position: usize,
) -> Result<BatchId> {
    // What the draft said before is about to go.
    let elsewhere = |of: BatchId| of != new.id;
    let taken = facts.lines.get(&instruction.id);
    if taken.is_some_and(|line| elsewhere(line.batch())) {
        return Err(Error::payment_taken(instruction.id));
    }
    let Some(replaced) = instruction.replaces else {
        return match facts.first.get(&instruction.entitlement) {
            Some((payment, of)) if elsewhere(*of) => {
                Err(Error::entitlement_taken(instruction.entitlement, *payment))
            }
            _ => Ok(new.id),
        };
    };
    let invalid = |rule: &'static str| Invalid::new("replaces", rule).at(position);
    let line = facts
        .lines
        .get(&replaced)
        .filter(|line| elsewhere(line.batch()) && line.programme() == new.programme)
        .ok_or_else(|| invalid("must be a payment of another batch of the programme"))?;
    line.check_reissue(instruction)
        .map_err(|e| e.at(position))?;
    match facts.successors.get(&replaced) {
        Some((_, of)) if elsewhere(*of) => {
            Err(invalid("must be a payment that nothing stands in for").into())
        }
        _ => Ok(line.origin()),
    }
}
