use solidarity_core::conformance::feed_is_whole;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::testing::Harness;
use solidarity_core::{Page, PersonId};

use super::{at, at_once, evidence, judge, later, opened, pair, propose, propose_at, strangers};
use crate::Error;
use crate::duplicate_cases::{
    DuplicateCaseId, DuplicateCaseStore, Judgement, NewDuplicateCase, Proposed, QueueOrder,
};
use crate::limits::{EVIDENCE_MAX, PROBABILITY_MAX_PPM};

/// A pair that is proposed is an open case that shows all that was said.
pub async fn a_pair_is_opened_with_its_evidence(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let (one, other) = (PersonId::generate(), PersonId::generate());
    let pair = pair([one, other], (2, 5), 970_001);
    let case = opened(&*store, &pair).await;
    assert_eq!(case.id(), DuplicateCaseId::of(other, one));
    assert_eq!(case.finding(), &pair, "the case shows something else");
    assert_eq!((case.found(), case.open_since()), (&at(0), at(0).at()));
    assert!(case.is_open() && case.judgements().is_empty());
    let unknown = store.get(DuplicateCaseId::of(one, one)).await;
    assert!(
        matches!(unknown, Err(Error::CaseNotFound { .. })),
        "{unknown:?}"
    );
}

/// A pair proposed twice, in one batch or later, by whatever evidence about
/// the same records, is one case, as it was.
pub async fn a_pair_again_is_known(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let (pair, another) = (strangers(), strangers());
    let mut otherwise = pair.clone();
    otherwise.probability_ppm = 1;
    let batch = [pair.clone(), otherwise.clone(), another];
    let said = store.propose(&batch, &at(0)).await.unwrap();
    assert_eq!(
        said,
        [Proposed::Opened, Proposed::KnownOpen, Proposed::Opened],
        "a pair again was news"
    );
    let case = store.get(pair.id()).await.unwrap();
    for again in [&pair, &otherwise] {
        assert_eq!(propose_at(&*store, again, 5).await, Proposed::KnownOpen);
    }
    assert_eq!(
        store.get(pair.id()).await.unwrap(),
        case,
        "a pair again changed its case"
    );
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
}

/// An open case shows the evidence of the latest records, and has waited for
/// as long as before.
pub async fn an_open_case_shows_newer_evidence(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let first = strangers();
    let before = opened(&*store, &first).await;
    let newer = later(&first, (0, 1));
    assert_eq!(propose_at(&*store, &newer, 5).await, Proposed::KnownOpen);
    let after = store.get(first.id()).await.unwrap();
    assert_eq!(after.finding(), &newer, "a case shows old evidence");
    assert_eq!(after.version(), before.version().next());
    assert_eq!((after.found(), after.open_since()), (&at(5), at(0).at()));
    // Whoever is behind is told where the case stands, and changes nothing.
    for behind in [&first, &later(&first, (1, 0))] {
        assert_eq!(propose_at(&*store, behind, 6).await, Proposed::KnownOpen);
    }
    assert_eq!(store.get(first.id()).await.unwrap(), after);
}

/// Two people who were judged different are not asked about again, whoever
/// proposes them, as long as no later record was compared.
pub async fn a_pair_judged_different_is_not_asked_again(
    harness: &dyn Harness<dyn DuplicateCaseStore>,
) {
    let store = harness.open().await;
    let people = [PersonId::generate(), PersonId::generate()];
    let judged = pair(people, (2, 2), 900_000);
    opened(&*store, &judged).await;
    judge(&*store, judged.id(), Judgement::Different, 1)
        .await
        .unwrap();
    let case = store.get(judged.id()).await.unwrap();
    assert!(!case.is_open());
    let expected = Proposed::AlreadyDecided(Judgement::Different);
    for (versions, probability_ppm) in [
        ((2, 2), 900_000),
        ((2, 2), PROBABILITY_MAX_PPM),
        ((1, 2), 900_000),
        ((1, 1), 900_000),
        ((3, 1), 900_000),
        ((1, 3), 900_000),
    ] {
        let again = pair(people, versions, probability_ppm);
        assert_eq!(
            propose_at(&*store, &again, 20).await,
            expected,
            "a pair judged different was asked again, at {versions:?}"
        );
    }
    assert_eq!(store.get(judged.id()).await.unwrap(), case);
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
}

/// A later record of either person opens the case again, with what was judged
/// before; a proposal from before does not.
pub async fn changed_facts_reopen_a_pair_judged_different(
    harness: &dyn Harness<dyn DuplicateCaseStore>,
) {
    let store = harness.open().await;
    for writes in [(1, 0), (0, 1), (2, 2)] {
        let first = strangers();
        opened(&*store, &first).await;
        let judged = judge(&*store, first.id(), Judgement::Different, 1)
            .await
            .unwrap();
        let newer = later(&first, writes);
        assert_eq!(
            propose_at(&*store, &newer, 20).await,
            Proposed::ReopenedBecauseFactsChanged,
            "changed facts did not open a case again"
        );
        let case = store.get(first.id()).await.unwrap();
        assert!(case.is_open());
        assert_eq!((case.finding(), case.open_since()), (&newer, at(20).at()));
        assert_eq!(case.judgements(), [judged], "a judgement was forgotten");
        judge(&*store, first.id(), Judgement::Different, 2)
            .await
            .unwrap();
        for behind in [&first, &newer] {
            assert_eq!(
                propose_at(&*store, behind, 30).await,
                Proposed::AlreadyDecided(Judgement::Different)
            );
        }
    }
}

/// Two people who were judged one are not asked about again, also when their
/// records change.
pub async fn a_pair_judged_same_stays_judged(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let first = strangers();
    opened(&*store, &first).await;
    judge(&*store, first.id(), Judgement::Same, 1)
        .await
        .unwrap();
    let case = store.get(first.id()).await.unwrap();
    let standing = case.judgement().map(|judged| judged.judgement());
    assert_eq!(standing, Some(Judgement::Same));
    for again in [&first, &later(&first, (3, 3))] {
        assert_eq!(
            propose_at(&*store, again, 20).await,
            Proposed::AlreadyDecided(Judgement::Same),
            "a pair judged same was asked again"
        );
    }
    assert_eq!(store.get(first.id()).await.unwrap(), case);
}

/// Of many who propose a pair at once, one opens its case.
pub async fn proposals_at_once_open_one_case(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let people = [PersonId::generate(), PersonId::generate()];
    let said = at_once(&store, async |store, n| {
        let pair = pair(people, (1, 1), 900_000 + u32::try_from(n).unwrap());
        propose(store, &pair).await
    });
    let opened = said.iter().filter(|said| **said == Proposed::Opened);
    assert_eq!(opened.count(), 1, "a pair was opened more than once");
    assert_eq!(feed_is_whole(&*store).await.len(), 1);
}

/// A batch with a bad pair is refused by its position, and writes nothing.
pub async fn a_bad_pair_writes_nothing_of_its_batch(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let spoiled = |spoil: fn(&mut NewDuplicateCase)| {
        let mut pair = strangers();
        spoil(&mut pair);
        pair
    };
    for (field, bad) in [
        ("people", spoiled(|pair| pair.people.0 = pair.people.1)),
        (
            "people",
            spoiled(|pair| pair.people = (pair.people.1, pair.people.0)),
        ),
        (
            "probability_ppm",
            spoiled(|pair| pair.probability_ppm = 1_000_001),
        ),
        ("evidence", spoiled(|pair| pair.evidence.clear())),
    ] {
        match store.propose(&[strangers(), bad], &at(0)).await {
            Err(Error::Invalid(invalid)) => {
                assert_eq!((invalid.field(), invalid.position()), (field, Some(1)));
            }
            other => panic!("expected `Invalid` for `{field}`, got {other:?}"),
        }
    }
    let open = store
        .list_open(QueueOrder::LongestOpenFirst, &Page::first())
        .await;
    assert_eq!(open.unwrap().items(), [], "a refused batch wrote something");
    assert!(feed_is_whole(&*store).await.is_empty());
}

/// Each limit holds at one less, at itself and not at one more.
pub async fn limits_hold_to_the_one(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    for (count, fits) in [
        (EVIDENCE_MAX - 1, true),
        (EVIDENCE_MAX, true),
        (EVIDENCE_MAX + 1, false),
    ] {
        let mut pair = strangers();
        pair.evidence = vec![evidence("name", Some("same"), i32::MIN); count];
        pair.probability_ppm = PROBABILITY_MAX_PPM;
        let said = store.propose(std::slice::from_ref(&pair), &at(0)).await;
        assert_eq!(said.is_ok(), fits, "{count} entries of evidence");
        if fits {
            assert_eq!(store.get(pair.id()).await.unwrap().finding(), &pair);
        }
    }
    let pair = strangers();
    for (count, fits) in [
        (BATCH_MAX - 1, true),
        (BATCH_MAX, true),
        (BATCH_MAX + 1, false),
    ] {
        let said = store.propose(&vec![pair.clone(); count], &at(0)).await;
        assert_eq!(said.is_ok(), fits, "{count} pairs in a batch");
    }
    assert_eq!(store.propose(&[], &at(0)).await.unwrap(), []);
}
