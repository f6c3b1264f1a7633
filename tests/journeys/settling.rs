//! What becomes of payments: lost and found, returned and reissued, owed and
//! caught up.

use solidarity_core::testing::block_on;
use solidarity_core::{PaymentId, PersonId, Purpose, Stamp};
use solidarity_payments::{Error, FinancialAddress, Line, LineState, RailCode, Reason, Receipt};
use solidarity_programme::EntitlementQuery;

use crate::appealing::carried_out;
use crate::auditing::{held, totals};
use crate::cast::{BANK, POST, actor, cash_point, kes, person};
use crate::paying::{
    approve, asked, assessed, batch, cycle, disbursers, draft, entitlements, line, payment,
};
use crate::world::{World, day, time};

/// No answer is no failure: what may have been paid is unresolved, and counts
/// as that. Whoever drafted a batch does not approve it.
pub(crate) fn silence_is_not_failure(world: &World) {
    let state = |name| line(world, payment(world, name, 1)).state();
    assert_eq!(state("juma"), LineState::Unknown);
    assert_eq!(state("neema"), LineState::Unknown);
    assert_eq!(state("kito"), LineState::InFlight);
    assert_eq!(state("chausiku"), LineState::InFlight);
    assert_eq!(
        totals(world).to_string(),
        "5600.00 KES = 2600.00 in_flight + 3000.00 unresolved"
    );

    let own = approve(world, "cycle 1", &world.by("clerk", "payment"));
    assert!(matches!(own, Err(Error::SelfApproval { .. })), "{own:?}");
    assert_eq!(batch(world, "cycle 1").approvals().len(), 2);
}

pub(crate) fn an_hour_later(world: &World) {
    world.wait_until(4, 9);
    asked(world, "cycle 1");
}

/// Rehema says on the telephone that she has it.
pub(crate) fn payee_heard(world: &World) {
    let [bank, _] = disbursers(world);
    let call = Stamp::new(
        time(4, 9),
        actor("call centre"),
        Purpose::from_static("payment"),
    );
    let heard = bank.hear_payee(
        payment(world, "juma", 1),
        Receipt::Received,
        "call",
        call.at(),
        &call,
    );
    assert!(block_on(heard).unwrap().is_recorded());
}

/// What was lost on the way back is found credited, and not sent again. What
/// was lost on the way there is sent again, once the bank says that it never
/// had it. *Credited* is what the rail says; *received* only the payee.
pub(crate) fn the_lost_are_found(world: &World) {
    let of = |name| line(world, payment(world, name, 1));
    assert_eq!(
        (of("juma").state(), of("juma").tries()),
        (LineState::Credited, 1)
    );
    assert_eq!(
        (of("neema").state(), of("neema").tries()),
        (LineState::InFlight, 2)
    );
    let totals = totals(world);
    assert_eq!(
        totals.to_string(),
        "5600.00 KES = 4200.00 credited + 1400.00 in_flight"
    );
    assert_eq!(totals.confirmed_by_payee().amount, kes("1600.00"));
}

pub(crate) fn days_later(world: &World) {
    world.wait_until(8, 9);
    asked(world, "cycle 1");
}

/// Money that comes back is returned, and is neither credited nor lost. What
/// the bank charges is taken from nobody's entitlement.
pub(crate) fn money_comes_back(world: &World) {
    let kito = line(world, payment(world, "kito", 1));
    assert_eq!(kito.state(), LineState::Returned);
    assert_eq!(kito.reason(), Some(&Reason::AccountClosed));
    let totals = totals(world);
    assert_eq!(
        totals.to_string(),
        "5600.00 KES = 4200.00 credited + 1400.00 returned"
    );
    assert_eq!(totals.fees(), kes("30.00"));
    assert_eq!(totals.envelope().amount, kes("5600.00"));
}

/// Kito will collect it at the post office.
pub(crate) fn reissue_drafted(world: &World) {
    world.wait_until(9, 9);
    world.outside.mapper.link(person("kito"), cash_point());
    let failed = line(world, payment(world, "kito", 1));
    let again = failed.instruction().reissue(cash_point());
    draft(world, "reissue", cycle(1).id(), vec![again]).unwrap();
}

pub(crate) fn reissue_collected(world: &World) {
    world.wait_until(10, 9);
    asked(world, "reissue");
}

/// A reissue counts once: the envelope is what it was, and all of it is
/// credited. It goes to another address over another rail, and nothing can
/// stand in for the first payment a second time.
pub(crate) fn a_reissue_counts_once(world: &World) {
    let first = line(world, payment(world, "kito", 1));
    let second = line(world, first.replaced_by().unwrap());
    assert_eq!(second.state(), LineState::Credited);
    let rail = |line: &Line| -> RailCode { line.instruction().address.rail().clone() };
    assert_eq!((rail(&first), rail(&second)), (BANK, POST));
    assert_eq!(totals(world).to_string(), "5600.00 KES = 5600.00 credited");

    let mut third = first
        .instruction()
        .reissue(FinancialAddress::account(BANK, "new").unwrap());
    third.id = PaymentId::derive(&third.id, "once more");
    let drafted = draft(world, "again", cycle(1).id(), vec![third]);
    assert!(matches!(drafted, Err(Error::Invalid(_))), "{drafted:?}");
}

/// A day after a batch was sent.
pub(crate) fn next_day(world: &World, n: u64) {
    world.wait_until(assessed(n) + 1, 9);
    asked(world, &format!("cycle {n}"));
}

fn paid_in(world: &World, n: u64) -> Vec<(PersonId, String)> {
    let due = entitlements(world, EntitlementQuery::Cycle(cycle(n).id()));
    let credited = due.iter().filter(|entitlement| {
        let payment = PaymentId::derive(&entitlement.id(), "payment");
        line(world, payment).state() == LineState::Credited
    });
    let mut paid: Vec<_> = credited.map(|e| (e.payee(), e.amount().amount())).collect();
    paid.sort();
    paid
}

fn expected(who: &[(&str, &str)]) -> Vec<(PersonId, String)> {
    let mut all: Vec<_> = who
        .iter()
        .map(|(key, amount)| (person(key), (*amount).to_owned()))
        .collect();
    all.sort();
    all
}

const EVERYBODY: [(&str, &str); 5] = [
    ("rehema", "1600.00"),
    ("chausiku", "1200.00"),
    ("kito", "1400.00"),
    ("zawadi", "1400.00"),
    ("baraka", "1400.00"),
];

/// Who waited and who was asked are paid; whose benefit is suspended is not.
pub(crate) fn the_second_cycle_pays_who_waited(world: &World) {
    assert_eq!(paid_in(world, 2), expected(&EVERYBODY));
    assert_eq!(
        totals(world).to_string(),
        "12600.00 KES = 12600.00 credited"
    );
}

/// Who was right has what was withheld, beside what is due now. By the banks'
/// own statements each has what they are entitled to: no more, and no less.
pub(crate) fn arrears_are_paid(world: &World) {
    let held = held(world);
    for n in 1..=3 {
        for due in entitlements(world, EntitlementQuery::Cycle(cycle(n).id())) {
            assert_eq!(held[&due.id()], due.amount().minor());
        }
    }
    assert_eq!(carried_out(world), [Some(day(66))]);
    let neema = [("neema", "1400.00"), ("neema", "1400.00")];
    assert_eq!(
        paid_in(world, 3),
        expected(&[&EVERYBODY[..], &neema].concat())
    );
    assert_eq!(
        totals(world).to_string(),
        "22400.00 KES = 22400.00 credited"
    );
}
