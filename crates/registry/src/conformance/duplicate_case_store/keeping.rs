use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::Harness;
use solidarity_core::{Cursor, Page, Paged, PersonId};

use super::{at, judge, later, opened, pair, propose_at, strangers};
use crate::duplicate_cases::{
    DuplicateCase, DuplicateCaseId, DuplicateCaseStore, Judgement, QueueKey, QueueOrder,
};
use crate::{Error, Result};

/// What is open is listed by probability and by age, once and in order, over
/// pages; what is judged is not.
pub async fn open_cases_are_listed_in_both_orders(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    use QueueOrder::{LikeliestFirst, LongestOpenFirst};
    let store = harness.open().await;
    let mut open = Vec::new();
    for (probability_ppm, seconds) in [
        (1_000_000, 5),
        (0, 9),
        (500_000, 1),
        (500_000, 5),
        (999_999, 1),
        (500_000, 9),
        (7, 3),
    ] {
        let people = [PersonId::generate(), PersonId::generate()];
        let pair = pair(people, (1, 1), probability_ppm);
        propose_at(&*store, &pair, seconds).await;
        open.push(store.get(pair.id()).await.unwrap());
    }
    for judgement in [Judgement::Same, Judgement::Different] {
        let id = opened(&*store, &strangers()).await.id();
        judge(&*store, id, judgement, 1).await.unwrap();
    }
    for order in [LikeliestFirst, LongestOpenFirst] {
        open.sort_by_key(|case| QueueKey::of(case, order));
        let listed = all_pages(async |page| store.list_open(order, page).await).await;
        assert_eq!(listed, open, "{order:?}");
    }
    // A case that is open again stands where it was opened again.
    let newer = later(open[0].finding(), (1, 0));
    judge(&*store, open[0].id(), Judgement::Different, 1)
        .await
        .unwrap();
    propose_at(&*store, &newer, 20).await;
    let listed = store.list_open(LongestOpenFirst, &Page::first()).await;
    assert_eq!(listed.unwrap().items().last().unwrap().id(), newer.id());

    let page = Page::of(1).unwrap();
    let likeliest = store.list_open(LikeliestFirst, &page).await.unwrap();
    for stranger in [Cursor::new("?").unwrap(), likeliest.next().unwrap().clone()] {
        let said = store
            .list_open(LongestOpenFirst, &page.clone().after(stranger))
            .await;
        assert!(matches!(said, Err(Error::Invalid(_))), "{said:?}");
    }
}

/// A person finds every case they are in, on either side, and no other.
pub async fn a_persons_cases_are_listed(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let person = PersonId::generate();
    let mut cases = Vec::new();
    // Ids are made in the order of time, or from nothing: of any order.
    for n in 0..7 {
        let other = match n % 2 {
            0 => PersonId::generate(),
            _ => PersonId::from_uuid(uuid::Uuid::from_u128(n)),
        };
        let pair = pair([person, other], (1, 1), 5);
        let id = opened(&*store, &pair).await.id();
        opened(&*store, &strangers()).await;
        if n == 3 {
            judge(&*store, id, Judgement::Same, 1).await.unwrap();
        }
        cases.push(store.get(id).await.unwrap());
    }
    cases.sort_by_key(DuplicateCase::id);
    let listed = all_pages(async |page| store.of_person(person, page).await).await;
    assert_eq!(listed, cases, "a person does not find their cases");
    let nobody = store.of_person(PersonId::generate(), &Page::first()).await;
    assert_eq!(nobody.unwrap().items(), []);
    let stranger = Page::first().after(Cursor::new("?").unwrap());
    let said = store.of_person(person, &stranger).await;
    assert!(matches!(said, Err(Error::Invalid(_))), "{said:?}");
}

async fn all_pages(
    list: impl AsyncFn(&Page) -> Result<Paged<DuplicateCase>>,
) -> Vec<DuplicateCase> {
    let mut all = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = list(&page).await.unwrap();
        assert!(paged.items().len() <= 3, "a page is too long");
        all.extend_from_slice(paged.items());
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => return all,
        }
    }
}

/// Each write is one change, in order, committed to under its own salt; what
/// is repeated or refused is none.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let first = strangers();
    let (second, third) = (later(&first, (1, 0)), later(&first, (1, 1)));
    let id: DuplicateCaseId = first.id();
    let mut commitments = Vec::new();
    for (pair, judgement) in [
        (&first, None),
        (&second, Some(Judgement::Different)),
        (&third, Some(Judgement::Unsure)),
    ] {
        for seconds in 0..2 {
            propose_at(&*store, pair, seconds).await;
        }
        commitments.push(store.get(id).await.unwrap().commitment().unwrap());
        if let Some(judgement) = judgement {
            let judged = judge(&*store, id, judgement, 1).await.unwrap();
            commitments.push(judged.commitment().unwrap());
        }
        let stale = store.get(id).await.unwrap().version().next();
        let by = at(9);
        let refused = store.decide(id, stale, Judgement::Same, super::reason(), &by);
        assert!(refused.await.is_err());
    }
    let changes = feed_is_whole(&*store).await;
    let told: Vec<&str> = changes
        .iter()
        .map(|change| change.kind().as_str())
        .collect();
    let expected = ["open", "refresh", "judge", "reopen", "judge"];
    assert_eq!(told, expected, "a write was not told once");
    for (change, commitment) in changes.iter().zip(commitments) {
        assert_eq!(change.entity().as_str(), "duplicate_case");
        assert_eq!(change.id(), *id.as_uuid());
        assert_eq!(change.commitment(), commitment);
    }
}

/// What was acknowledged is there after a crash, and still counts.
pub async fn cases_survive_a_crash(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let (open, closed) = (strangers(), strangers());
    opened(&*store, &open).await;
    opened(&*store, &closed).await;
    judge(&*store, closed.id(), Judgement::Different, 1)
        .await
        .unwrap();
    let before = [
        store.get(open.id()).await.unwrap(),
        store.get(closed.id()).await.unwrap(),
    ];
    let told = feed_is_whole(&*store).await;
    let store = harness.reopen(store).await;
    for case in &before {
        assert_eq!(&store.get(case.id()).await.unwrap(), case);
    }
    assert_eq!(feed_is_whole(&*store).await, told);
    let queue = store
        .list_open(QueueOrder::LongestOpenFirst, &Page::first())
        .await;
    assert_eq!(queue.unwrap().items(), &before[..1]);
    let again = store.propose(&[open, closed], &at(20)).await.unwrap();
    assert_eq!(
        format!("{again:?}"),
        "[KnownOpen, AlreadyDecided(Different)]"
    );
}
