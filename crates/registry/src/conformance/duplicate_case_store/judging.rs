use solidarity_core::Page;
use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::Harness;

use super::{THREADS, at, at_once, judge, later, officer, opened, propose_at, reason, strangers};
use crate::Error;
use crate::duplicate_cases::{
    DuplicateCaseId, DuplicateCaseStore, Judgement, JudgementReason, Proposed, QueueOrder,
};
use crate::limits::JUDGEMENTS_MAX;

/// A case that somebody was unsure about is still to be judged, and shows who
/// was unsure.
pub async fn unsure_leaves_it_open(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let pair = strangers();
    let id = opened(&*store, &pair).await.id();
    let unsure = judge(&*store, id, Judgement::Unsure, 1).await.unwrap();
    let case = store.get(id).await.unwrap();
    assert!(case.is_open() && case.judgement().is_none());
    assert_eq!(
        case.open_since(),
        at(0).at(),
        "unsure put it back in the queue"
    );
    assert_eq!(case.judgements(), std::slice::from_ref(&unsure));
    let open = store
        .list_open(QueueOrder::LikeliestFirst, &Page::first())
        .await
        .unwrap();
    assert_eq!(
        open.items(),
        [case],
        "who is unsure took it out of the queue"
    );
    assert_eq!(propose_at(&*store, &pair, 20).await, Proposed::KnownOpen);
    let different = judge(&*store, id, Judgement::Different, 2).await.unwrap();
    let case = store.get(id).await.unwrap();
    assert_eq!(case.judgement(), Some(&different));
    assert_eq!(case.judgements(), [unsure, different]);
}

/// Whoever sees better judges again; every judgement stays in the case, and
/// the case takes so many and no more.
pub async fn a_judgement_is_corrected_and_none_is_lost(
    harness: &dyn Harness<dyn DuplicateCaseStore>,
) {
    let store = harness.open().await;
    let id = opened(&*store, &strangers()).await.id();
    let mut all = Vec::new();
    for n in 0..JUDGEMENTS_MAX {
        let judgement = if n % 2 == 0 {
            Judgement::Same
        } else {
            Judgement::Different
        };
        let judged = judge(&*store, id, judgement, n as u128).await.unwrap();
        assert_eq!(store.get(id).await.unwrap().judgement(), Some(&judged));
        all.push(judged);
    }
    let case = store.get(id).await.unwrap();
    assert_eq!(case.judgements(), all, "a judgement was lost");
    let over = judge(&*store, id, Judgement::Same, 0).await;
    assert!(matches!(over, Err(Error::Invalid(_))), "{over:?}");
    assert_eq!(store.get(id).await.unwrap(), case);
}

/// A judgement that is sent again has its first answer, also after others.
pub async fn a_judgement_again_has_the_same_answer(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let pair = strangers();
    let case = opened(&*store, &pair).await;
    let (id, version) = (case.id(), case.version());
    let send = async |seconds| {
        let by = officer(1, seconds);
        store
            .decide(id, version, Judgement::Different, reason(), &by)
            .await
    };
    let first = send(10).await.unwrap();
    assert_eq!(first.stamp(), &officer(1, 10));
    assert_eq!(
        (first.version(), first.versions()),
        (version.next(), pair.versions)
    );
    let again = send(11).await.unwrap();
    assert_eq!(again, first, "a judgement again had another answer");
    assert_eq!(store.get(id).await.unwrap().judgements().len(), 1);
    propose_at(&*store, &later(&pair, (1, 1)), 20).await;
    judge(&*store, id, Judgement::Same, 2).await.unwrap();
    assert_eq!(send(30).await.unwrap(), first);
    assert_eq!(feed_is_whole(&*store).await.len(), 4);
}

/// Whoever judges what they have not read is told to read again.
pub async fn a_stale_judgement_writes_nothing(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let pair = strangers();
    let read = opened(&*store, &pair).await;
    let stale = async |judgement, reason, n| {
        let by = officer(n, 40);
        match store
            .decide(read.id(), read.version(), judgement, reason, &by)
            .await
        {
            Err(Error::CaseConflict { actual, .. }) => actual,
            other => panic!("expected `CaseConflict`, got {other:?}"),
        }
    };
    // The facts change under whoever is reading.
    propose_at(&*store, &later(&pair, (1, 0)), 5).await;
    assert_eq!(
        stale(Judgement::Same, reason(), 1).await,
        read.version().next()
    );
    // Or somebody else judges.
    let read = store.get(pair.id()).await.unwrap();
    judge(&*store, read.id(), Judgement::Different, 1)
        .await
        .unwrap();
    let case = store.get(read.id()).await.unwrap();
    let another = JudgementReason::from_static("twins");
    for (judgement, reason, n) in [
        (Judgement::Different, reason(), 2),
        (Judgement::Different, another, 1),
        (Judgement::Same, reason(), 1),
    ] {
        let by = officer(n, 40);
        let said = store.decide(read.id(), read.version(), judgement, reason, &by);
        let said = said.await;
        assert!(
            matches!(said, Err(Error::CaseConflict { actual, .. }) if actual == case.version()),
            "expected `CaseConflict`, got {said:?}"
        );
    }
    assert_eq!(store.get(read.id()).await.unwrap(), case);
    assert_eq!(feed_is_whole(&*store).await.len(), 3);
    let nobody = DuplicateCaseId::generate();
    let by = officer(1, 40);
    let unknown = store.decide(nobody, read.version(), Judgement::Same, reason(), &by);
    assert!(matches!(unknown.await, Err(Error::CaseNotFound { .. })));
}

/// Of many who judge what they read, one is heard, and the others are told.
pub async fn of_many_who_judge_one_is_heard(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let case = opened(&*store, &strangers()).await;
    let (id, version) = (case.id(), case.version());
    let said = at_once(&store, async |store, n| {
        let judgement = if n % 2 == 0 {
            Judgement::Same
        } else {
            Judgement::Different
        };
        let by = officer(n as u128, 10);
        store.decide(id, version, judgement, reason(), &by).await
    });
    let heard: Vec<_> = said.iter().flatten().cloned().collect();
    assert_eq!(heard.len(), 1, "of {THREADS} who judged, not one was heard");
    assert_eq!(store.get(id).await.unwrap().judgements(), heard);
    let told = said.iter().flat_map(|said| said.as_ref().err());
    for error in told {
        assert!(matches!(error, Error::CaseConflict { .. }), "{error:?}");
    }
    assert_eq!(feed_is_whole(&*store).await.len(), 2);
}

/// Who put a finding up is refused as its judge; who put up an earlier one is
/// not.
pub async fn nobody_judges_what_they_put_up(harness: &dyn Harness<dyn DuplicateCaseStore>) {
    let store = harness.open().await;
    let pair = strangers();
    let case = opened(&*store, &pair).await;
    let own = store
        .decide(
            case.id(),
            case.version(),
            Judgement::Different,
            reason(),
            &at(10),
        )
        .await;
    assert!(
        matches!(own, Err(Error::OwnFinding { .. })),
        "expected `OwnFinding`, got {own:?}"
    );
    assert_eq!(store.get(case.id()).await.unwrap(), case);
    let newer = [later(&pair, (1, 0))];
    store.propose(&newer, &officer(1, 20)).await.unwrap();
    let own = judge(&*store, case.id(), Judgement::Same, 1).await;
    assert!(matches!(own, Err(Error::OwnFinding { .. })));
    let version = store.get(case.id()).await.unwrap().version();
    store
        .decide(case.id(), version, Judgement::Different, reason(), &at(30))
        .await
        .unwrap();
    assert_eq!(feed_is_whole(&*store).await.len(), 3);
}
