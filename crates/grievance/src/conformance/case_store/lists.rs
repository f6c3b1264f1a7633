use std::collections::BTreeSet;

use solidarity_core::conformance::feed_is_whole;
use solidarity_core::testing::Harness;
use solidarity_core::{CaseId, Channel, Cursor, Language, MessageForm, Page, SafeContact, Sharing};

use crate::conformance::{
    by, comment, complaint, go, hour, officer, open, receipt, reject, stamp, take, try_act,
};
use crate::{
    Act, CaseFilter, CaseStore, Complainant, Error, MessageKind, Ownership, Refusal, Role,
    StateName, Step, Told,
};

async fn ids(store: &dyn CaseStore, filter: &CaseFilter) -> BTreeSet<CaseId> {
    let page = store.list(filter, &Page::largest()).await.unwrap();
    assert!(page.next().is_none());
    let ids: Vec<CaseId> = page.items().iter().map(crate::Case::id).collect();
    assert!(ids.is_sorted(), "the list is not in order");
    ids.into_iter().collect()
}

fn contact() -> SafeContact {
    SafeContact::new(
        Channel::InPerson,
        Language::from_static("fr"),
        MessageForm::Voice,
        Sharing::Private,
    )
}

/// Each filter gives the cases that it asks for, all of them and no other.
pub async fn lists_hold_what_was_asked_for(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let mut late = complaint();
    late.received_at = hour(-50);
    let fresh = open(&store, complaint()).await.id();
    let late = open(&store, late).await.id();
    let owned = open(&store, complaint()).await.id();
    let handler = officer("handler");
    let assign = by(
        "handler",
        Step::Assign {
            to: handler.clone(),
        },
    );
    go(&store, owned, [take("intake", "acknowledge"), assign]).await;
    let answered = open(&store, complaint().reached_by(contact())).await.id();
    let acts = [take("intake", "acknowledge"), reject("handler")];
    go(&store, answered, acts).await;

    let all = CaseFilter::all;
    for (filter, expected) in [
        (all(), vec![fresh, late, owned, answered]),
        (CaseFilter::open(), vec![fresh, late, owned]),
        (CaseFilter::untold(), vec![answered]),
        (
            all().in_state(StateName::from_static("received")),
            vec![fresh, late],
        ),
        (
            all().in_state(StateName::from_static("rejected")),
            vec![answered],
        ),
        (all().with_role(Role::from_static("handler")), vec![owned]),
        (all().owned_by(Ownership::Nobody), vec![fresh, late]),
        (
            all().owned_by(Ownership::Officer(handler.actor)),
            vec![owned],
        ),
        (all().waiting_before(hour(0)), vec![late]),
        (
            CaseFilter::open()
                .in_state(StateName::from_static("received"))
                .with_role(Role::from_static("intake"))
                .owned_by(Ownership::Nobody)
                .waiting_before(hour(1)),
            vec![fresh, late],
        ),
        (CaseFilter::untold().owned_by(Ownership::Nobody), vec![]),
    ] {
        let found = ids(&store, &filter).await;
        assert_eq!(found, expected.into_iter().collect(), "{filter:?}");
    }
}

/// Whoever is still to be told that their complaint came in, or what was
/// answered, is listed until they were, also after a crash.
pub async fn who_is_owed_word_is_listed_until_told(harness: &dyn Harness<dyn CaseStore>) {
    let mut store = harness.open().await;
    let id = open(&store, complaint().reached_by(contact())).await.id();
    for (kind, before) in [
        (MessageKind::Received, None),
        (MessageKind::Answered, Some(reject("handler"))),
    ] {
        if let Some(answered) = before {
            go(&store, id, [take("intake", "acknowledge"), answered]).await;
        }
        let told = |message, outcome| Act::by_system(Step::Told { message, outcome });
        let queued = told(kind, Told::Queued);
        for queue in [None, Some(queued)] {
            go(&store, id, queue).await;
            store = harness.reopen(store).await;
            let case = store.get(id).await.unwrap();
            assert_eq!(case.untold(), Some(kind));
            let owed = ids(&store, &CaseFilter::untold()).await;
            assert!(owed.contains(&id), "nobody would tell that it was {kind:?}");
        }
        go(&store, id, [told(kind, Told::Delivered)]).await;
        let owed = ids(&store, &CaseFilter::untold()).await;
        assert!(owed.is_empty(), "what was told is owed");
        let again = try_act(&store, id, told(kind, Told::Delivered), hour(9)).await;
        let why = again.err().and_then(|error| error.refusal());
        assert_eq!(why, Some(Refusal::NothingToTell));
    }
}

/// Pages, read one after another, hold every case once and in order.
pub async fn a_list_goes_on_where_it_ended(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let mut all = BTreeSet::new();
    for _ in 0..7 {
        all.insert(open(&store, complaint()).await.id());
        // Cases that the filter leaves out lie between.
        let other = open(&store, complaint()).await;
        go(&store, other.id(), [take("intake", "acknowledge")]).await;
    }
    let filter = CaseFilter::open().in_state(StateName::from_static("received"));
    let mut read = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.list(&filter, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        read.extend(paged.items().iter().map(crate::Case::id));
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    assert_eq!(read, all.into_iter().collect::<Vec<_>>());
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(matches!(
        store.list(&filter, &stranger).await,
        Err(Error::Invalid(_))
    ));
}

/// A history, read in pages, holds every event once and in order.
pub async fn history_goes_on_where_it_ended(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let id = open(&store, complaint()).await.id();
    let begun = go(&store, id, [take("intake", "acknowledge")]).await;
    for _ in 0..6 {
        go(&store, id, [comment()]).await;
    }
    let mut versions = Vec::new();
    let mut page = Page::of(3).unwrap();
    loop {
        let paged = store.events(id, &page).await.unwrap();
        assert!(paged.items().len() <= 3);
        versions.extend(paged.items().iter().map(|e| e.version().count()));
        match paged.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
    let first = begun.version().count();
    assert_eq!(versions, (first..first + 7).collect::<Vec<_>>());
    let stranger = Page::first().after(Cursor::new("not of this list").unwrap());
    assert!(matches!(
        store.events(id, &stranger).await,
        Err(Error::Invalid(_))
    ));
}

/// What was acknowledged is there after a crash: the case, its history, its
/// receipt and its changes.
pub async fn cases_survive_a_crash(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let (id, receipt) = (CaseId::generate(), receipt());
    let opening = stamp(&take("intake", "acknowledge"), hour(0));
    let new = complaint().by(Complainant::Anonymous);
    let opened = store
        .open(id, new.clone(), receipt, &opening)
        .await
        .unwrap();
    let acts = [take("intake", "acknowledge"), reject("handler")];
    let case = go(&store, id, acts).await;
    let history = store.events(id, &Page::first()).await.unwrap();
    let changes = feed_is_whole(&store).await;

    let store = harness.reopen(store).await;
    let after = store.get(id).await;
    assert!(
        after.as_ref().is_ok_and(|after| *after == case),
        "a case was lost or changed in a crash"
    );
    assert_eq!(store.events(id, &Page::first()).await.unwrap(), history);
    let found = store.find_by_receipt(&receipt).await.unwrap();
    assert_eq!(found, Some(case));
    assert_eq!(feed_is_whole(&store).await, changes);
    let again = store.open(id, new, receipt, &opening).await.unwrap();
    assert_eq!(again, opened);
}

/// The feed tells of each write once, in order, and never says what was
/// written; of what was refused or repeated it tells nothing.
pub async fn every_write_is_told_once(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let (id, receipt) = (CaseId::generate(), receipt());
        let opening = stamp(&take("intake", "acknowledge"), hour(0));
        for _ in 0..2 {
            let opened = store.open(id, complaint(), receipt, &opening).await;
            opened.unwrap();
        }
        let acts = [take("intake", "acknowledge"), comment(), reject("handler")];
        let case = go(&store, id, acts).await;
        let act = take("handler", "acknowledge");
        let refused = store
            .act(id, case.version(), act.clone(), &stamp(&act, hour(9)))
            .await;
        assert!(refused.is_err());
        for kind in ["open", "take", "comment", "take"] {
            expected.push((*id.as_uuid(), kind.to_owned()));
        }
    }
    let changes = feed_is_whole(&store).await;
    let told = changes.iter().map(|c| (c.id(), c.kind().to_string()));
    let told: Vec<_> = told.collect();
    assert_eq!(told, expected, "the feed tells something else");
    assert!(changes.iter().all(|c| c.entity().as_str() == "case"));
    let mut commitments: Vec<_> = changes.iter().map(|c| *c.commitment().as_bytes()).collect();
    commitments.sort_unstable();
    commitments.dedup();
    assert_eq!(
        commitments.len(),
        changes.len(),
        "equal contents have equal commitments: they are not salted"
    );
}
