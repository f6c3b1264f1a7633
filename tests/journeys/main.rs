//! What people live through, across the building blocks: seven households are
//! registered, show who they are, are decided about and paid; some complain,
//! and some appeal. It is written once, and told of stores in memory and of
//! stores on SQLite.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod admitting;
mod appealing;
mod auditing;
mod cast;
mod complaining;
mod consenting;
mod dci_replay;
mod deciding;
mod deduplicate;
mod example;
mod journey;
mod ledger_kill;
mod ledger_readers;
mod main_job;
mod paying;
mod register_port;
mod registering;
mod settling;
mod verifying;
mod world;

use solidarity_programme::EntitlementQuery;

use crate::auditing::{Snapshot, everything_adds_up};
use crate::journey::JOURNEY;
use crate::world::World;

/// Tells the journey once, and looks at it as a stranger would after every
/// chapter.
fn told(world: &World) {
    for chapter in JOURNEY {
        println!("{}", chapter.title);
        for step in chapter.steps {
            step(world);
            everything_adds_up(world);
        }
        (chapter.shows)(world);
    }
}

/// Kills the saga after each of its steps, and begins its chapter again.
fn told_by_a_saga_that_dies(mut world: World) {
    for chapter in JOURNEY {
        println!("{}", chapter.title);
        for (n, step) in chapter.steps.iter().enumerate() {
            step(&world);
            let before = Snapshot::of(&world);
            world = world.restarted();
            for step in &chapter.steps[..=n] {
                step(&world);
            }
            before.assert_same(&Snapshot::of(&world), chapter.title);
            everything_adds_up(&world);
        }
        (chapter.shows)(&world);
    }
}

/// Tells the journey, and then all of it again, under the same ids and months
/// later.
fn told_twice(mut world: World) {
    let steps = || JOURNEY.iter().flat_map(|chapter| chapter.steps);
    for step in steps() {
        step(&world);
    }
    let before = Snapshot::of(&world);
    world.wait_until(300, 9);
    for (n, step) in steps().enumerate() {
        world = world.restarted();
        step(&world);
        before.assert_same(&Snapshot::of(&world), &format!("again at step {n}"));
    }
    everything_adds_up(&world);
    settling::arrears_are_paid(&world);
}

/// Two sagas at work at once: each step is run by both.
fn told_by_two_at_once(world: &World) {
    for chapter in JOURNEY {
        println!("{}", chapter.title);
        for step in chapter.steps {
            std::thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| step(world));
                }
            });
            everything_adds_up(world);
        }
        (chapter.shows)(world);
    }
}

/// The blocks keep their promises together, by id alone, on the reference
/// stores.
#[test]
fn the_journey_in_memory() {
    told(&World::in_memory());
}

/// The same journey, to the same end, on stores in one SQLite file.
#[test]
fn the_journey_on_sqlite() {
    told(&World::on_sqlite());
}

/// A saga can be killed after any step and begin its chapter again: nothing
/// is written twice, and nobody is paid twice.
#[test]
fn a_saga_that_dies_at_every_step_in_memory() {
    told_by_a_saga_that_dies(World::in_memory());
}

/// The same, and what is begun again finds the file as the killed process
/// left it.
#[test]
fn a_saga_that_dies_at_every_step_on_sqlite() {
    told_by_a_saga_that_dies(World::on_sqlite());
}

/// Every step under the same ids a second time, months later: each is
/// answered as it was, nothing changes, and nobody is paid twice.
#[test]
fn everything_again_in_memory() {
    told_twice(World::in_memory());
}

/// The same, with the file opened anew before every step.
#[test]
fn everything_again_on_sqlite() {
    told_twice(World::on_sqlite());
}

/// Somebody starts the saga twice, on two machines. What one of them does the
/// other finds done, and nobody is paid twice.
#[test]
fn two_sagas_at_once_in_memory() {
    told_by_two_at_once(&World::in_memory());
}

/// The same, on one SQLite file.
#[test]
fn two_sagas_at_once_on_sqlite() {
    told_by_two_at_once(&World::on_sqlite());
}

/// Two countries in which people answer the clinic the other way round decide,
/// owe and pay the same, to the cent: a no changes no benefit.
#[test]
fn what_people_say_to_the_clinic_changes_no_benefit() {
    let paid = |refuses| {
        let world = World::in_memory_where(refuses);
        let chapters = JOURNEY.iter().take(6);
        for step in chapters.flat_map(|chapter| chapter.steps) {
            step(&world);
        }
        let cycle = EntitlementQuery::Cycle(paying::cycle(1).id());
        (
            paying::entitlements(&world, cycle),
            auditing::totals(&world),
        )
    };
    let (entitlements, totals) = paid("rehema");
    assert_eq!(entitlements.len(), 4);
    assert_eq!(paid("kito"), (entitlements, totals));
}
