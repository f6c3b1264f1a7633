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
/// The order is by points, the most first, and among equals by lot: the lower
/// SHA-256 over the programme's id (16 bytes), the draw's text and the unit's id
/// (16 bytes) comes first, so that anyone can draw it again. Neither the time
/// of application nor an id says anything. The first unit that the rest does not cover waits, and all after
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solidarity_core::{ProgrammeId, UnitId, Version};

    use super::*;
    use crate::conformance::fixture::{World, day};
    use crate::{FactName, FactValue, Facts, Replay, Source, decide_eligibility, replay};

    fn money(minor: i128) -> Money {
        Money::from_minor(minor, "KES".parse().unwrap()).unwrap()
    }

    /// Units of one to six people, some of them with a disability.
    fn decisions(world: &World, units: &[(u8, bool)]) -> Vec<Decision> {
        let cause = UnitId::from_uuid(*world.programme.id().as_uuid());
        let decide = |(n, (members, disabled)): (usize, &(u8, bool))| {
            let unit = UnitId::derive(&cause, &n.to_string());
            let mut facts: Facts = World::facts(unit, day(0), Some("1"));
            for member in 0..*members {
                let person = solidarity_core::PersonId::derive(&unit, &member.to_string());
                facts = facts.with_member_fact(
                    person,
                    FactName::from_static("disabled"),
                    FactValue::Flag(*disabled),
                    Source::new(&person, Version::FIRST),
                );
            }
            decide_eligibility(&world.programme, &facts)
        };
        units.iter().enumerate().map(decide).collect()
    }

    fn world() -> World {
        World::new(ProgrammeId::from_uuid(uuid::Uuid::from_u128(1)))
    }

    fn draw(name: &'static str) -> Draw {
        Draw::from_static(name)
    }

    fn amount(decision: &Decision) -> (i128, u64) {
        match decision.outcome() {
            Eligibility::Eligible(eligible) => (eligible.amount.minor(), eligible.score),
            Eligibility::WaitingForBudget(waiting) => (waiting.amount.minor(), waiting.score),
            other => panic!("{}", other.as_str()),
        }
    }

    #[test]
    fn among_equals_the_draw_decides_and_neither_order_nor_id_does() {
        let world = world();
        let all = decisions(&world, &[(1, false); 40]);
        let funded = |draw: &Draw, mut all: Vec<Decision>, backwards: bool| -> Vec<UnitId> {
            if backwards {
                all.reverse();
            }
            let budget = money(20 * 12_000);
            let funded = allocate(&world.programme, draw, budget, all)
                .unwrap()
                .funded;
            funded.iter().map(Decision::unit).collect()
        };
        let first = funded(&draw("a"), all.clone(), false);
        assert_eq!(first.len(), 20);
        assert_eq!(first, funded(&draw("a"), all.clone(), true));
        assert_ne!(first, funded(&draw("b"), all, false));
        assert!(!first.is_sorted());
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        let world = world();
        let all = decisions(&world, &[(1, false), (2, false)]);
        let share = |budget: &str, all: Vec<Decision>| {
            allocate(&world.programme, &draw("a"), budget.parse().unwrap(), all)
        };
        assert!(share("1 UGX", all.clone()).is_err());
        assert!(share("-1 KES", all.clone()).is_err());
        let twice = vec![all[0].clone(), all[0].clone()];
        assert_eq!(share("1 KES", twice).unwrap_err().position(), Some(1));
        let no = world.decide(UnitId::generate(), day(0), Some("5000"));
        assert_eq!(share("1 KES", vec![no]).unwrap_err().position(), Some(0));
        let other = World::new(ProgrammeId::generate());
        let elsewhere = other.decide(UnitId::generate(), day(0), Some("1"));
        assert_eq!(
            share("1 KES", vec![elsewhere]).unwrap_err().position(),
            Some(0)
        );
    }

    proptest! {
        #[test]
        fn nobody_is_overtaken_and_no_money_is_lost(
            units in prop::collection::vec((1_u8..6, any::<bool>()), 0..40),
            budget in 0_i128..400_000,
        ) {
            let world = world();
            let all = decisions(&world, &units);
            let shared = allocate(&world.programme, &draw("a"), money(budget), all.clone()).unwrap();
            prop_assert_eq!(shared.funded.len() + shared.waiting.len(), all.len());
            let spent: i128 = shared.funded.iter().map(|d| amount(d).0).sum();
            prop_assert_eq!(spent + shared.left.minor(), budget);
            if let Some(first) = shared.waiting.first() {
                prop_assert!(amount(first).0 > shared.left.minor());
            }
            let scores: Vec<u64> = shared.funded.iter().chain(&shared.waiting).map(|d| amount(d).1).collect();
            prop_assert!(scores.is_sorted_by(|a, b| a >= b));
            for (rank, waits) in (1..).zip(&shared.waiting) {
                let Eligibility::WaitingForBudget(waiting) = waits.outcome() else {
                    panic!("not waiting");
                };
                prop_assert_eq!(waiting.rank(), rank);
                prop_assert!(waits.reasons().iter().any(|r| r.code().as_str() == "budget_exhausted"));
                prop_assert_eq!(replay(waits, &world.programme), Replay::Same);
            }
        }
    }
}
