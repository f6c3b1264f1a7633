use solidarity_core::testing::{Harness, Random};
use solidarity_core::{Page, Paged, PaymentId, Stamp};

use super::{
    accepted, address, at, batch_id, batch_of, by, credited, cycle, instruction, lines, money,
    payment, programme, rejected, returned,
};
use crate::{
    BatchDigest, Decision, DisbursementStore, EventKind, Instruction, LineEvent, LineState,
    MemoryDisbursementStore, Outcome, Reason, Receipt, Resolution,
};

const BATCHES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const PEOPLE: [&str; 4] = ["p", "q", "r", "s"];
const ENTITLEMENTS: u64 = 9;

/// Runs the same `steps` random operations, those of `seed`, on a subject and
/// on the memory store, and checks that they answer the same after each.
///
/// # Panics
///
/// If they differ; the message names the seed and the step.
pub async fn agrees_with_memory(
    harness: &dyn Harness<dyn DisbursementStore>,
    seed: u64,
    steps: usize,
) {
    println!("seed {seed}, {steps} steps");
    let subject = harness.open().await;
    let model = MemoryDisbursementStore::new();
    let mut random = Random::new(seed);
    let mut told: Vec<LineEvent> = Vec::new();
    for step in 0..steps {
        let place = format!("seed {seed}, step {step}");
        let stamp = by(random.pick(&PEOPLE).unwrap(), i64::try_from(step).unwrap());
        let name = *random.pick(&BATCHES).unwrap();
        match random.below(10) {
            0 | 1 => draft(&*subject, &model, &mut random, name, &stamp, &place).await,
            2..=4 => decide(&*subject, &model, &mut random, name, &stamp, &place).await,
            _ => record(&*subject, &model, &mut random, &mut told, &stamp, &place).await,
        }
        reads_agree(&*subject, &model, &mut random, name, &place).await;
    }
    assert_eq!(
        news(&*subject).await,
        news(&model).await,
        "seed {seed}: the feeds"
    );
}

/// A page, without its cursor, which is each store's own.
fn page_of<T>(answer: crate::Result<Paged<T>>) -> Result<(Vec<T>, bool), String> {
    let paged = said(answer)?;
    let more = paged.next().is_some();
    Ok((paged.into_items(), more))
}

/// An answer, with errors as their text.
fn said<T>(answer: crate::Result<T>) -> Result<T, String> {
    answer.map_err(|error| error.to_string())
}

async fn draft(
    subject: &dyn DisbursementStore,
    model: &MemoryDisbursementStore,
    random: &mut Random,
    name: &str,
    stamp: &Stamp,
    place: &str,
) {
    let mut instructions = Vec::new();
    for _ in 0..=random.below(3) {
        let n = u32::try_from(random.below(ENTITLEMENTS)).unwrap();
        let sensible = payable(model, n).await;
        let first = instruction(n);
        let again = first.reissue(address("new"));
        let mut dear = again.clone();
        dear.amount = money(1);
        let anything = [first, again, dear];
        let chosen = match random.chance(85) {
            true => sensible,
            false => random.pick(&anything).cloned(),
        };
        instructions.extend(chosen);
    }
    let new = batch_of(name, instructions);
    let revises = match random.below(3) {
        0 => None,
        1 => Some(BatchDigest::from_bytes([1; 32])),
        _ => model.get(new.id).await.ok().map(|batch| batch.digest()),
    };
    let answer = said(subject.draft(&new, revises, stamp).await);
    let expected = said(model.draft(&new, revises, stamp).await);
    assert_eq!(answer, expected, "{place}: draft");
}

/// What may be paid for entitlement `n` next: its first payment, or a reissue
/// of the last one, if that failed.
async fn payable(model: &MemoryDisbursementStore, n: u32) -> Option<Instruction> {
    let mut next = instruction(n);
    while let Some(line) = model.find(&[next.id]).await.unwrap().remove(0) {
        if !line.state().may_be_reissued() {
            return None;
        }
        next = next.reissue(address("new"));
    }
    Some(next)
}

async fn decide(
    subject: &dyn DisbursementStore,
    model: &MemoryDisbursementStore,
    random: &mut Random,
    name: &str,
    stamp: &Stamp,
    place: &str,
) {
    let id = batch_id(name);
    let digest = match model.get(id).await {
        Ok(batch) if !random.chance(5) => batch.digest(),
        _ => BatchDigest::from_bytes([1; 32]),
    };
    let one = match random.below(10) {
        0 if random.chance(30) => Decision::Withdraw,
        0..=3 => Decision::Release,
        _ => Decision::Approve,
    };
    let mut decisions = vec![(stamp.clone(), one)];
    if random.chance(40) {
        // All the way, whoever may.
        let minutes = (stamp.at() - at(0)).num_minutes();
        decisions.extend(PEOPLE.map(|who| (by(who, minutes), Decision::Approve)));
        decisions.push((stamp.clone(), Decision::Release));
    }
    for (stamp, decision) in decisions {
        let answer = said(subject.decide(id, digest, decision, &stamp).await);
        let expected = said(model.decide(id, digest, decision, &stamp).await);
        assert_eq!(answer, expected, "{place}: {decision:?}");
    }
}

/// Any of the payments that a draft may have made.
fn any_payment(random: &mut Random) -> (u32, PaymentId) {
    let n = u32::try_from(random.below(ENTITLEMENTS + 1)).unwrap();
    let reissue = |of: Instruction| of.reissue(address("x"));
    match random.below(5) {
        0 | 1 => (n, reissue(instruction(n)).id),
        2 => (n, reissue(reissue(instruction(n))).id),
        _ => (n, payment(n)),
    }
}

async fn record(
    subject: &dyn DisbursementStore,
    model: &MemoryDisbursementStore,
    random: &mut Random,
    told: &mut Vec<LineEvent>,
    stamp: &Stamp,
    place: &str,
) {
    let mut events = Vec::new();
    for _ in 0..=random.below(4) {
        let (n, payment) = any_payment(random);
        let Some(line) = model.find(&[payment]).await.unwrap().remove(0) else {
            events.push(LineEvent::news(payment, "nobody", stamp.at(), rejected()));
            continue;
        };
        let kind = any_event(random, n);
        let minutes = i64::try_from(random.below(40)).unwrap();
        let mut event = match kind.is_act() {
            true => LineEvent::act(&line, at(minutes), kind),
            false => LineEvent::news(payment, &random.below(4).to_string(), at(minutes), kind),
        };
        if random.chance(5) {
            event.expected = event.expected.map(solidarity_core::Version::next);
        }
        events.push(event);
    }
    if random.chance(20) {
        events.extend(random.pick(told).cloned());
    }
    let answer: Vec<Outcome> = subject.record(&events, stamp).await.unwrap();
    let expected = model.record(&events, stamp).await.unwrap();
    assert_eq!(answer, expected, "{place}: record {events:?}");
    told.extend(events);
}

fn any_event(random: &mut Random, n: u32) -> EventKind {
    let short = EventKind::Credited {
        amount: money(3),
        entry: None,
    };
    let resolved = |to| EventKind::Resolved { to };
    let said = |receipt| EventKind::ReceiptStated { receipt };
    let kinds = [
        EventKind::Submitting,
        EventKind::Submitting,
        EventKind::Submitting,
        EventKind::Resubmitting,
        EventKind::AnswerLost,
        EventKind::NotKnown,
        EventKind::Cancelled,
        accepted(),
        rejected(),
        rejected(),
        rejected(),
        credited(n),
        returned(n),
        returned(n),
        short,
        resolved(Resolution::Credited),
        resolved(Resolution::Rejected(Reason::Deceased)),
        EventKind::FeeCharged { amount: money(7) },
        EventKind::FeeCharged { amount: money(0) },
        said(Receipt::Received),
        said(Receipt::NotReceived),
    ];
    random.pick(&kinds).unwrap().clone()
}

async fn reads_agree(
    subject: &dyn DisbursementStore,
    model: &MemoryDisbursementStore,
    random: &mut Random,
    name: &str,
    place: &str,
) {
    let id = batch_id(name);
    assert_eq!(
        said(subject.get(id).await),
        said(model.get(id).await),
        "{place}"
    );
    assert_eq!(lines(subject, id).await, lines(model, id).await, "{place}");
    for name in BATCHES {
        let id = batch_id(name);
        let totals = said(subject.totals(id).await);
        assert_eq!(totals, said(model.totals(id).await), "{place}");
        assert!(
            totals.is_err() || totals.unwrap().check().is_ok(),
            "{place}"
        );
    }
    let states = [
        *random.pick(&LineState::ALL).unwrap(),
        *random.pick(&LineState::ALL).unwrap(),
    ];
    let page = Page::of(2).unwrap();
    assert_eq!(
        page_of(subject.lines(id, &states, &page).await),
        page_of(model.lines(id, &states, &page).await),
        "{place}"
    );
    assert_eq!(
        page_of(subject.list(programme(), cycle(), &page).await),
        page_of(model.list(programme(), cycle(), &page).await),
        "{place}"
    );
    let (_, payment) = any_payment(random);
    let ids = [payment, any_payment(random).1];
    assert_eq!(
        said(subject.find(&ids).await),
        said(model.find(&ids).await),
        "{place}"
    );
    assert_eq!(
        page_of(subject.history(payment, &page).await),
        page_of(model.history(payment, &page).await),
        "{place}"
    );
}

/// The feed, without cursors, which are each store's own, and commitments,
/// which are salted.
async fn news(store: &dyn DisbursementStore) -> Vec<String> {
    let mut page = Page::largest();
    let mut all = Vec::new();
    loop {
        let found = store.changes_since(&page).await.unwrap();
        all.extend(found.items().iter().map(|change| {
            let by = (change.recorded_at(), change.actor());
            format!(
                "{by:?} {} {} {}",
                change.entity(),
                change.id(),
                change.kind()
            )
        }));
        match found.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return all,
        }
    }
}
