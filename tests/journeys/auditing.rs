//! What a stranger checks: the banks' own books against the entitlements, the
//! ledger against the control totals, the feeds against what they tell of.

use std::collections::BTreeMap;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::block_on;
use solidarity_core::{Change, ChangeFeed, EntitlementId, Page, PaymentId, Uuid};
use solidarity_payments::{
    Account, AccountId, Batch, BatchState, Booked, Bucket, Chart, ControlTotals, EntryKind, Line,
    Rail, RailBooks,
};
use solidarity_programme::EntitlementQuery;
use solidarity_registry::AsOf;

use crate::cast::{BANK, CASES, POST, case, kes, people, person, programme_id};
use crate::deciding::enrolments;
use crate::paying::{batch_id, cycle, entitlements, rails};
use crate::world::World;

/// The batches, in the order in which they are drafted.
const BATCHES: [&str; 4] = ["cycle 1", "reissue", "cycle 2", "cycle 3"];

/// Every change of a feed, the oldest first.
pub(crate) fn changes(feed: &dyn ChangeFeed) -> Vec<Change> {
    let page = block_on(feed.changes_since(&Page::largest())).unwrap();
    assert!(page.next().is_none(), "the journey has grown beyond a page");
    page.into_items()
}

/// The control totals of all that there was to pay so far.
pub(crate) fn totals(world: &World) -> ControlTotals {
    sum_of(world, |_| true)
}

/// Those of the batches, each of which balances, of which `wanted` holds.
fn sum_of(world: &World, wanted: fn(&Batch) -> bool) -> ControlTotals {
    let empty = ControlTotals::empty(kes("0").currency());
    let batches = BATCHES
        .iter()
        .filter_map(|name| block_on(world.disbursements.get(batch_id(name))).ok());
    batches.filter(wanted).fold(empty, |sum, batch| {
        let totals = block_on(world.disbursements.totals(batch.id())).unwrap();
        assert_eq!(totals.check(), Ok(()));
        sum.plus(&totals).unwrap()
    })
}

fn lines(world: &World) -> Vec<Line> {
    let of = |name: &&str| {
        block_on(
            world
                .disbursements
                .lines(batch_id(name), &[], &Page::largest()),
        )
    };
    BATCHES
        .iter()
        .flat_map(|name| of(name).unwrap().into_items())
        .collect()
}

/// All of it, at any moment of the journey.
pub(crate) fn everything_adds_up(world: &World) {
    assert_eq!(totals(world).check(), Ok(()));
    nobody_is_paid_twice(world);
    the_ledger_agrees(world);
    feeds_tell_every_write_once(world);
}

/// By the rails' own statements, nobody has more than they are entitled to;
/// and no payment was carried out twice, whatever it was called.
fn nobody_is_paid_twice(world: &World) {
    let mut paid: BTreeMap<PaymentId, u32> = BTreeMap::new();
    for books in [&world.outside.bank, &world.outside.post] {
        for entry in books.entries().unwrap() {
            *paid.entry(entry.payment).or_default() += u32::from(entry.booked == Booked::Paid);
        }
    }
    assert!(paid.values().all(|times| *times <= 1), "{paid:?}");

    if enrolments(world).is_empty() {
        return;
    }
    let mut held = held(world);
    for n in 1..=3 {
        for entitlement in entitlements(world, EntitlementQuery::Cycle(cycle(n).id())) {
            let held = held.remove(&entitlement.id()).unwrap_or(0);
            let all_or_nothing = [0, entitlement.amount().minor()];
            assert!(all_or_nothing.contains(&held), "{held} is paid");
        }
    }
    assert!(held.is_empty(), "not entitled: {held:?}");
}

/// What was paid for each entitlement and did not come back, in minor units,
/// as the rails' statements have it.
pub(crate) fn held(world: &World) -> BTreeMap<EntitlementId, i128> {
    let instructions = lines(world).into_iter();
    let of: BTreeMap<PaymentId, EntitlementId> = instructions
        .map(|line| (line.id(), line.instruction().entitlement))
        .collect();
    let mut held = BTreeMap::new();
    for rail in rails(world) {
        let statement = block_on(rail.statement(&Page::largest())).unwrap();
        for entry in statement.items() {
            let sign = match entry.kind {
                EntryKind::Credit => 1,
                EntryKind::Return { .. } => -1,
                EntryKind::Fee => 0,
            };
            let entitlement = of[&entry.payment.unwrap()];
            *held.entry(entitlement).or_insert(0) += sign * entry.amount.minor();
        }
    }
    held
}

fn accounts(world: &World) -> BTreeMap<AccountId, Account> {
    let chart = Chart::new(programme_id(), kes("0").currency());
    let mut ids: Vec<AccountId> = chart.accounts(&[BANK, POST]).iter().map(|a| a.id).collect();
    ids.extend(BATCHES.map(|name| chart.envelope(&batch_id(name))));
    let found = block_on(world.ledger.accounts(&ids, world.outside.now())).unwrap();
    found
        .into_iter()
        .flatten()
        .map(|account| (account.id(), account))
        .collect()
}

/// Debits equal credits, and each account holds what the control totals say.
fn the_ledger_agrees(world: &World) {
    let accounts = accounts(world);
    let sum = |side: fn(&Account) -> u128| accounts.values().map(side).sum::<u128>();
    assert_eq!(
        sum(|a| a.balances().debits_posted),
        sum(|a| a.balances().credits_posted)
    );
    assert_eq!(
        sum(|a| a.balances().debits_pending),
        sum(|a| a.balances().credits_pending)
    );

    // Before its release a batch has no money of its own.
    let totals = sum_of(world, |batch| batch.state() == BatchState::Released);
    let chart = Chart::new(programme_id(), kes("0").currency());
    let balance = |id: AccountId| {
        let account = accounts.get(&id);
        account.map_or(0, |a| a.balance(kes("0").currency()).unwrap().minor())
    };
    let of = |bucket| totals.bucket(bucket).amount.minor();
    let kept: i128 = BATCHES
        .iter()
        .map(|name| balance(chart.envelope(&batch_id(name))))
        .sum();
    let on_the_way = balance(chart.in_transit(&BANK)) + balance(chart.in_transit(&POST));
    assert_eq!(on_the_way, of(Bucket::InFlight) + of(Bucket::Unresolved));
    assert_eq!(balance(chart.credited()), of(Bucket::Credited));
    assert_eq!(balance(chart.returned()), of(Bucket::Returned));
    assert_eq!(balance(chart.fees()), totals.fees().minor());
    assert_eq!(
        kept,
        of(Bucket::NotSubmitted) + of(Bucket::Rejected) + of(Bucket::Cancelled)
    );
}

/// Each feed is whole, and tells as many writes of each thing as there were.
fn feeds_tell_every_write_once(world: &World) {
    block_on(async {
        let mut told: BTreeMap<Uuid, u64> = BTreeMap::new();
        for feed in feeds(world) {
            for change in feed_is_whole(feed).await {
                *told.entry(change.id()).or_default() += 1;
            }
        }
        let told = |id: &Uuid| told.get(id).copied().unwrap_or(0);
        for member in people() {
            let found = world
                .registry
                .people(&[person(member.key)], AsOf::LATEST)
                .await;
            let version = found.unwrap()[0]
                .as_ref()
                .map_or(0, |p| p.version().count());
            assert_eq!(told(person(member.key).as_uuid()), version);
        }
        for line in lines(world) {
            let history = world
                .disbursements
                .history(line.id(), &Page::largest())
                .await
                .unwrap();
            assert_eq!(told(line.id().as_uuid()), history.items().len() as u64);
        }
        for batch in BATCHES.map(batch_id) {
            // Drafted, approved by so many, released.
            let writes = world.disbursements.get(batch).await.map_or(0, |batch| {
                let released = batch.state() == BatchState::Released;
                1 + batch.approvals().len() + usize::from(released)
            });
            assert_eq!(told(batch.as_uuid()), writes as u64);
        }
        for enrolment in enrolments(world) {
            let writes = 1 + enrolment.history().len();
            assert_eq!(told(enrolment.id().as_uuid()), writes as u64);
            for entitlement in entitlements(world, EntitlementQuery::Enrolment(enrolment.id())) {
                assert_eq!(told(entitlement.id().as_uuid()), 1);
            }
        }
        for of in CASES {
            let version = world
                .cases
                .get(case(of))
                .await
                .map_or(0, |case| case.version().count());
            assert_eq!(told(case(of).as_uuid()), version);
        }
    });
}

fn feeds(world: &World) -> [&dyn ChangeFeed; 6] {
    [
        &world.registry,
        &world.consents,
        &world.exceptions,
        &world.programmes,
        &world.disbursements,
        &world.cases,
    ]
}

/// All that can be seen of a country: every write ever told, every balance,
/// and what the outside world holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    feeds: Vec<Vec<Change>>,
    accounts: BTreeMap<AccountId, Account>,
    totals: ControlTotals,
    booked: [usize; 2],
    messages: usize,
    codes: usize,
}

impl Snapshot {
    pub(crate) fn of(world: &World) -> Self {
        let outside = &world.outside;
        Self {
            feeds: feeds(world).map(changes).into(),
            accounts: accounts(world),
            totals: totals(world),
            booked: [&outside.bank, &outside.post].map(|books| books.entries().unwrap().len()),
            messages: outside.messages.sent().len(),
            codes: outside.codes.delivered().len(),
        }
    }

    /// What is in `after` and was not here, feed by feed.
    pub(crate) fn assert_same(&self, after: &Self, when: &str) {
        for (before, after) in self.feeds.iter().zip(&after.feeds) {
            let more = after.iter().skip(before.len()).collect::<Vec<_>>();
            assert!(more.is_empty(), "{when}, this was written again: {more:#?}");
        }
        assert_eq!(self, after, "{when}");
    }
}
