use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use solidarity_core::{DecisionId, Invalid, Money, UnitId};

use crate::{Decision, Eligibility, Programme, Reason, ReasonCode, Truth};

solidarity_core::code! {
    /// Names the draw by lot that decides among equals: a number drawn in
    /// public after the applications are in, so that nobody can choose it.
    pub struct Draw;
}

/// The unit is eligible, and there is not money for all yet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Waiting {
    pub(crate) eligible: DecisionId,
    pub(crate) amount: Money,
    pub(crate) score: u64,
    pub(crate) draw: Draw,
    pub(crate) rank: u32,
}

impl Waiting {
    /// The decision by which the unit is eligible.
    #[must_use]
    pub const fn eligible(&self) -> DecisionId {
        self.eligible
    }

    /// What it will be entitled to in each cycle.
    #[must_use]
    pub const fn amount(&self) -> Money {
        self.amount
    }

    /// Its points.
    #[must_use]
    pub const fn score(&self) -> u64 {
        self.score
    }

    /// The draw that decided among equals.
    #[must_use]
    pub const fn draw(&self) -> &Draw {
        &self.draw
    }

    /// Where it stands among those who wait, from 1.
    #[must_use]
    pub const fn rank(&self) -> u32 {
        self.rank
    }
}

/// Who gets the money that there is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Allocation {
    /// The decisions that the budget covers, in order.
    pub funded: Vec<Decision>,
    /// The others, in order, as decisions that say so.
    pub waiting: Vec<Decision>,
    /// What is left of the budget.
    pub left: Money,
}

/// Shares out `budget` among units that are eligible.
///
/// The order is by points, the most first, and among equals by lot: the digest
/// of programme, draw and unit. Neither the time of application nor an id says
/// anything. The first unit that the rest does not cover waits, and all after
/// it, so that nobody is overtaken for being many.
///
/// # Errors
///
/// [`Invalid`], with a position, if a decision is not of this statement, is not
/// [`Eligible`](Eligibility::Eligible), or is the second of its unit; or if the
/// budget is negative or in another currency.
pub fn allocate(
    programme: &Programme,
    draw: &Draw,
    budget: Money,
    decisions: Vec<Decision>,
) -> Result<Allocation, Invalid> {
    if budget.currency() != programme.currency() || budget.minor() < 0 {
        return Err(Invalid::new(
            "budget",
            "must be in the programme's currency, and not negative",
        ));
    }
    let mut units = BTreeSet::new();
    let mut ranked = Vec::with_capacity(decisions.len());
    for (position, decision) in decisions.into_iter().enumerate() {
        let invalid = |rule: &'static str| Invalid::new("decisions", rule).at(position);
        if decision.definition() != programme.digest() {
            return Err(invalid("must be of the programme's statement"));
        }
        if !units.insert(decision.unit()) {
            return Err(invalid("must be one a unit"));
        }
        let Eligibility::Eligible(eligible) = decision.outcome() else {
            return Err(invalid("must be eligible"));
        };
        let lot = lot(programme, draw, decision.unit());
        let order = (Reverse(eligible.score), lot, decision.unit());
        ranked.push((order, eligible.amount, decision));
    }
    ranked.sort_by_key(|(order, _, _)| *order);

    let mut allocation = Allocation {
        funded: Vec::new(),
        waiting: Vec::new(),
        left: budget,
    };
    for (_, amount, decision) in ranked {
        let rest = allocation.left.checked_sub(amount);
        match rest.ok().filter(|rest| rest.minor() >= 0) {
            Some(rest) if allocation.waiting.is_empty() => {
                allocation.left = rest;
                allocation.funded.push(decision);
            }
            _ => {
                let rank = u32::try_from(allocation.waiting.len() + 1).unwrap_or(u32::MAX);
                allocation.waiting.extend(decision.waiting(draw, rank));
            }
        }
    }
    Ok(allocation)
}

fn lot(programme: &Programme, draw: &Draw, unit: UnitId) -> [u8; 32] {
    Sha256::new()
        .chain_update(programme.id().as_uuid())
        .chain_update(draw.as_str())
        .chain_update(unit.as_uuid())
        .finalize()
        .into()
}

impl Decision {
    /// An eligible unit's decision, once it waits at `rank`.
    pub(crate) fn waiting(mut self, draw: &Draw, rank: u32) -> Option<Self> {
        let Eligibility::Eligible(eligible) = &self.outcome else {
            return None;
        };
        let waiting = Waiting {
            eligible: self.id,
            amount: eligible.amount,
            score: eligible.score,
            draw: draw.clone(),
            rank,
        };
        let code = ReasonCode::from_static("budget_exhausted");
        self.reasons
            .push(Reason::new(code, Truth::True, BTreeSet::new()));
        self.id = DecisionId::derive(&self.id, &format!("waiting:{draw}:{rank}"));
        self.nearest = Vec::new();
        self.outcome = Eligibility::WaitingForBudget(waiting);
        Some(self)
    }
}
