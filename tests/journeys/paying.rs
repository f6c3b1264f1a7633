//! Entitlements become payments: over a bank that loses answers and sends
//! money back, and over the cash points of the post office.

use std::sync::Arc;

use solidarity_core::testing::block_on;
use solidarity_core::{CycleId, Page, PaymentId, PersonId, Stamp, Validity};
use solidarity_payments::{
    AccountMapper, AddressResolution, Batch, BatchId, Behavior, Decision, Disburser, Error, Fate,
    Instruction, Line, NewBatch, Reason, SimulatedRail, Terms,
};
use solidarity_programme::{Cycle, Entitlement, EntitlementQuery};

use crate::cast::{BANK, POST, kes, programme_id};
use crate::deciding::{enrolment, enrolments};
use crate::world::{World, day};

/// The `n`th cycle: thirty days each.
pub(crate) fn cycle(n: u64) -> Cycle {
    let id = CycleId::derive(&programme_id(), &n.to_string());
    let first = 30 * n - 26;
    let period = Validity::new(day(first), Some(day(first + 29))).unwrap();
    Cycle::open(id, programme_id(), period).with_assessment_on(day(assessed(n)))
}

/// The day on which it is looked at who is enrolled in the `n`th cycle.
pub(crate) const fn assessed(n: u64) -> u64 {
    match n {
        1 => 4,
        2 => 35,
        _ => 65,
    }
}

pub(crate) fn batch_id(name: &str) -> BatchId {
    BatchId::derive(&programme_id(), name)
}

/// The payment of a household in a cycle.
pub(crate) fn payment(world: &World, name: &str, n: u64) -> PaymentId {
    let entitlement = Entitlement::regular(&enrolment(world, name), &cycle(n)).unwrap();
    PaymentId::derive(&entitlement.id(), "payment")
}

pub(crate) fn line(world: &World, payment: PaymentId) -> Line {
    let found = block_on(world.disbursements.find(&[payment]))
        .unwrap()
        .remove(0);
    found.unwrap()
}

/// What there is to pay in the `n`th cycle, and what is still owed for those
/// before. The cycle is closed behind it.
pub(crate) fn entitled(world: &World, n: u64) {
    world.wait_until(assessed(n), 8);
    let mut due = Vec::new();
    for enrolment in enrolments(world) {
        let query = EntitlementQuery::Enrolment(enrolment.id());
        let prior = entitlements(world, query);
        due.extend(Entitlement::regular(&enrolment, &cycle(n)));
        for missed in 1..n {
            due.extend(Entitlement::arrears(
                &enrolment,
                &cycle(missed),
                &cycle(n),
                &prior,
            ));
        }
    }
    let stamp = world.by("assessor", "payment");
    let closed = cycle(n).closed();
    let set = world.programmes.set_entitlements(&closed, &due, &stamp);
    block_on(set).unwrap().into_iter().for_each(Result::unwrap);
}

pub(crate) fn entitlements(world: &World, query: EntitlementQuery) -> Vec<Entitlement> {
    let found = block_on(world.programmes.list_entitlements(query, &Page::largest()));
    found.unwrap().into_items()
}

/// The clerk drafts the batch of a cycle.
pub(crate) fn drafted(world: &World, n: u64) {
    let due = entitlements(world, EntitlementQuery::Cycle(cycle(n).id()));
    let payees: Vec<PersonId> = due.iter().map(Entitlement::payee).collect();
    let addresses = block_on(world.outside.mapper.resolve(&payees)).unwrap();
    let pay = |(entitlement, address): (&Entitlement, AddressResolution)| {
        let AddressResolution::Found(address) = address else {
            panic!("it is not known where {} is paid", entitlement.payee());
        };
        let id = PaymentId::derive(&entitlement.id(), "payment");
        Instruction::new(
            id,
            entitlement.payee(),
            address,
            entitlement.amount(),
            entitlement.id(),
        )
    };
    let instructions = due.iter().zip(addresses).map(pay).collect();
    draft(world, &format!("cycle {n}"), cycle(n).id(), instructions).unwrap();
}

/// A draft whose batch is there already is that batch: where somebody has
/// moved their account since is for the next one.
pub(crate) fn draft(
    world: &World,
    name: &str,
    cycle: CycleId,
    instructions: Vec<Instruction>,
) -> Result<Batch, Error> {
    let currency = kes("0").currency();
    let new = NewBatch::new(
        batch_id(name),
        programme_id(),
        cycle,
        currency,
        instructions,
    );
    let stamp = world.by("clerk", "payment");
    match block_on(world.disbursements.draft(&new, None, &stamp)) {
        Err(Error::AlreadyExists { .. }) => Ok(batch(world, name)),
        answer => answer,
    }
}

pub(crate) fn batch(world: &World, name: &str) -> Batch {
    block_on(world.disbursements.get(batch_id(name))).unwrap()
}

pub(crate) fn approved(world: &World, name: &str, by: &str) {
    approve(world, name, &world.by(by, "payment")).unwrap();
}

pub(crate) fn approve(world: &World, name: &str, stamp: &Stamp) -> Result<Batch, Error> {
    let (id, digest) = (batch_id(name), batch(world, name).digest());
    block_on(
        world
            .disbursements
            .decide(id, digest, Decision::Approve, stamp),
    )
}

/// The bank, with what it does to the first payments; for each it charges ten.
fn bank(world: &World) -> SimulatedRail {
    let closed = Fate::Returns(Reason::AccountClosed);
    let behavior = Behavior::honest()
        .charging(kes("10.00"))
        .with_fate(payment(world, "juma", 1), Fate::LosesAnswer)
        .with_fate(payment(world, "neema", 1), Fate::LosesRequest)
        .with_fate(payment(world, "kito", 1), closed);
    let (books, clock) = (world.outside.bank.clone(), world.outside.clock.clone());
    SimulatedRail::open(BANK, 7, behavior, books, clock).unwrap()
}

fn post(world: &World) -> SimulatedRail {
    let (books, clock) = (world.outside.post.clone(), world.outside.clock.clone());
    SimulatedRail::open(POST, 7, Behavior::honest(), books, clock).unwrap()
}

/// There is one bank and one post office, whoever asks.
pub(crate) fn rails(world: &World) -> [Arc<SimulatedRail>; 2] {
    let open = || [Arc::new(bank(world)), Arc::new(post(world))];
    world.outside.rails.get_or_init(open).clone()
}

/// Who pays, over each of the rails.
pub(crate) fn disbursers(world: &World) -> [Disburser; 2] {
    rails(world).map(|rail| {
        let (store, ledger) = (world.disbursements.clone(), world.ledger.clone());
        Disburser::new(store, ledger, rail, Terms::default())
    })
}

pub(crate) fn released(world: &World, name: &str) {
    let [bank, _] = disbursers(world);
    let (id, digest) = (batch_id(name), batch(world, name).digest());
    block_on(bank.release(id, digest, &world.by("cashier", "payment"))).unwrap();
}

pub(crate) fn sent(world: &World, name: &str) {
    for disburser in disbursers(world) {
        block_on(disburser.submit(batch_id(name), &world.by("service", "payment"))).unwrap();
    }
}

/// Asks what became of what was sent, sends what never came there, and reads
/// the statements from their beginning.
pub(crate) fn asked(world: &World, name: &str) {
    let stamp = world.by("service", "payment");
    for disburser in disbursers(world) {
        block_on(disburser.inquire(batch_id(name), &stamp)).unwrap();
        block_on(disburser.submit(batch_id(name), &stamp)).unwrap();
        block_on(disburser.settle(None, &stamp)).unwrap();
    }
}
