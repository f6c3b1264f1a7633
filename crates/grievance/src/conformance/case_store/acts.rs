use std::sync::Arc;
use std::thread;

use solidarity_core::testing::{Harness, block_on};
use solidarity_core::{Channel, Language, MessageForm, Page, SafeContact, Sharing, Stamp};

use crate::conformance::{
    action, appeal, by, comment, complaint, go, hour, officer, open, reject, stamp, take, try_act,
    uphold_appeal,
};
use crate::{
    Act, Answer, Case, CaseStore, Concern, Delivery, Error, MessageKind, OfficeCode, Refusal,
    Result, Step, Told, clock_state, deadline,
};

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T>, why: Refusal) {
    match result {
        Err(error) if error.refusal() == Some(why) => {}
        other => panic!("expected `{why:?}`, got {other:?}"),
    }
}

#[track_caller]
fn answer(case: &Case) -> &Answer {
    match case.answer() {
        Some(answer) => answer,
        None => panic!("the answer is lost"),
    }
}

/// An act moves the case one version on, and its line of history says who did
/// what, when, and where the case was then.
pub async fn an_act_is_remembered(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let acts = [take("intake", "acknowledge"), comment(), reject("handler")];
    let case = go(&store, opened.id(), acts.clone()).await;
    assert_eq!(case.version().count(), 4);
    assert_eq!(case.state().as_str(), "rejected");
    let history = store.events(case.id(), &Page::first()).await.unwrap();
    assert_eq!(history.items().len(), acts.len(), "the history has a hole");
    let states = ["in-review", "in-review", "rejected"];
    for (event, ((act, state), hours)) in history
        .items()
        .iter()
        .zip(acts.into_iter().zip(states).zip(1_u8..))
    {
        assert_eq!(event.case(), case.id());
        assert_eq!(event.version().count(), u64::from(hours) + 1);
        assert_eq!(event.stamp(), &stamp(&act, hour(hours.into())));
        assert_eq!(event.act(), &act);
        assert_eq!(event.state().as_str(), state);
    }
}

/// The same act, whose answer was lost, gives the same answer and is done
/// once.
pub async fn an_act_again_changes_nothing(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let act = comment();
    let (id, expected) = (opened.id(), opened.version());
    let again = |hours| {
        let (act, stamp) = (act.clone(), stamp(&act, hour(hours)));
        let store = &store;
        async move { store.act(id, expected, act, &stamp).await.unwrap() }
    };
    let first = again(1).await;
    assert_eq!(again(2).await, first, "acting again said something else");
    let case = go(&store, id, [comment()]).await;
    assert_eq!(again(3).await, first, "acting again said something else");
    assert_eq!(store.get(id).await.unwrap(), case);
}

/// An act that expects an old version is told so, and writes nothing.
pub async fn a_stale_act_writes_nothing(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let case = go(
        &store,
        opened.id(),
        [take("intake", "acknowledge"), comment()],
    )
    .await;
    for expected in [opened.version(), case.version().next()] {
        let act = reject("handler");
        let stamp = stamp(&act, hour(3));
        let stale = store.act(case.id(), expected, act, &stamp).await;
        match stale {
            Err(Error::Conflict { actual, .. }) => assert_eq!(actual, case.version()),
            other => panic!("expected `Conflict`, got {other:?}"),
        }
    }
    assert_eq!(store.get(case.id()).await.unwrap(), case);
    let history = store.events(case.id(), &Page::first()).await.unwrap();
    assert_eq!(history.items().len(), 2);
}

/// What the workflow does not allow writes nothing: no version, no history, no
/// change.
pub async fn a_refused_act_writes_nothing(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let case = open(&store, complaint()).await;
    for (act, why) in [
        (take("handler", "acknowledge"), Refusal::NotYourRole),
        (reject("handler"), Refusal::NotFromHere),
        (take("stranger", "acknowledge"), Refusal::NotCleared),
        (Act::by_complainant(Step::PickUp), Refusal::NothingToTell),
        (Act::by_system(Step::Escalate { level: 1 }), Refusal::NotDue),
    ] {
        assert_refused(try_act(&store, case.id(), act, hour(1)).await, why);
    }
    assert_eq!(
        store.get(case.id()).await.unwrap(),
        case,
        "a refused act was written"
    );
    let history = store.events(case.id(), &Page::first()).await.unwrap();
    assert!(history.items().is_empty(), "a refused act was written");
    let changes = store.changes_since(&Page::first()).await.unwrap();
    assert_eq!(changes.items().len(), 1, "a refused act was told of");
}

/// An officer acts only as themself.
pub async fn nobody_acts_under_another_name(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let case = open(&store, complaint()).await;
    let stranger = stamp(&take("stranger", "acknowledge"), hour(1));
    let act = take("intake", "acknowledge");
    let refused = store.act(case.id(), case.version(), act, &stranger).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(store.get(case.id()).await.unwrap(), case);
}

/// Whom a complaint is about, and whose office, cannot touch it; nor can a
/// handler be given it whom a later finding excludes.
pub async fn whom_it_concerns_never_handles_it(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let accused = officer("intake");
    let office = OfficeCode::from_static("north/kwale");
    let new = complaint()
        .concerning(Concern::Actor(accused.actor))
        .concerning(Concern::Office(office));
    let case = open(&store, new).await;
    let mut colleague = officer("intake").of_office(OfficeCode::from_static("north/kwale/desk"));
    colleague.actor = officer("colleague").actor;
    for officer in [accused, colleague] {
        for step in [
            Step::take(action("acknowledge")),
            Step::Comment {
                words: "No.".into(),
            },
            Step::say(action("note"), "Nothing to see."),
        ] {
            let act = Act::by_officer(officer.clone(), step);
            let refused = try_act(&store, case.id(), act, hour(1)).await;
            assert_refused(refused, Refusal::ConflictOfInterest);
        }
    }
    let handler = officer("handler");
    let found = Step::Exclude {
        concern: Concern::Actor(handler.actor),
    };
    let acts = [
        take("management", "acknowledge"),
        by("handler", Step::Assign { to: handler }),
        by("management", found),
    ];
    let case = go(&store, case.id(), acts).await;
    assert_eq!(case.post().unwrap().owner(), None);
    let refused = try_act(&store, case.id(), reject("handler"), hour(5)).await;
    assert_refused(refused, Refusal::ConflictOfInterest);
}

/// Whoever rejected a complaint neither decides its appeal nor hands it on;
/// somebody else does, and the complainant is owed something.
pub async fn whoever_decided_never_decides_the_appeal(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let acts = [take("intake", "acknowledge"), reject("handler"), appeal()];
    let case = go(&store, opened.id(), acts).await;
    assert_eq!(case.state().as_str(), "appealed");
    assert!(case.deciders().contains(&officer("handler").actor));
    let mut decider = officer("appeals");
    decider.actor = officer("handler").actor;
    for act in [
        uphold_appeal("appeals"),
        by(
            "appeals",
            Step::Assign {
                to: officer("appeals"),
            },
        ),
    ] {
        let act = Act::by_officer(decider.clone(), act.step);
        let refused = try_act(&store, case.id(), act, hour(4)).await;
        assert_refused(refused, Refusal::NotIndependent);
    }
    let case = go(&store, case.id(), [uphold_appeal("appeals")]).await;
    assert_eq!(case.state().as_str(), "appeal-upheld");
    assert_eq!(case.remedies().len(), 1);
    assert_eq!(case.appeals(), 1);
}

/// A case ends with an answer, or not; one that finds for the complainant
/// with a remedy, or not; one that does not find for them without.
pub async fn no_case_ends_unanswered(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let case = go(&store, opened.id(), [take("intake", "acknowledge")]).await;
    let given = Step::redress(action("reject"), "No.", [crate::Remedy::Apologize]);
    for (act, why) in [
        (take("handler", "reject"), Refusal::AnswerNeeded),
        (
            by("handler", Step::say(action("uphold"), "Yes.")),
            Refusal::RemedyNeeded,
        ),
        (by("handler", given), Refusal::RemedyNotFitting),
    ] {
        assert_refused(try_act(&store, case.id(), act, hour(2)).await, why);
    }
    let case = go(&store, case.id(), [reject("handler")]).await;
    assert_eq!(answer(&case).words().expose(), "It was paid on the third.");
}

/// Remarks, by the handler or the complainant, leave every clock as it was.
pub async fn a_comment_moves_no_clock(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let before = go(&store, opened.id(), [take("intake", "acknowledge")]).await;
    let remark = Act::by_complainant(Step::Comment {
        words: "I am still waiting.".into(),
    });
    for act in [comment(), remark] {
        try_act(&store, before.id(), act, hour(200)).await.unwrap();
    }
    let after = store.get(before.id()).await.unwrap();
    let workflow = store.workflows().of(&after).unwrap();
    assert_eq!(
        deadline(workflow, &after),
        deadline(workflow, &before),
        "a comment moved the clock"
    );
    let state = |case| clock_state(workflow, case, hour(400));
    assert_eq!(state(&after), state(&before));
}

/// A case that nobody owns and nobody touched goes up each rung of its ladder
/// once.
pub async fn a_rung_comes_once(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let case = open(&store, complaint()).await;
    let up = |level| Act::by_system(Step::Escalate { level });
    let early = try_act(&store, case.id(), up(1), hour(23)).await;
    assert_refused(early, Refusal::NotDue);
    try_act(&store, case.id(), up(1), hour(24)).await.unwrap();
    for level in [1, 2] {
        let again = try_act(&store, case.id(), up(level), hour(25)).await;
        assert_refused(again, Refusal::NotDue);
    }
    try_act(&store, case.id(), up(2), hour(96)).await.unwrap();
    let top = store.get(case.id()).await.unwrap();
    let post = top.post().unwrap();
    assert_eq!((post.level(), post.role().as_str()), (2, "management"));
    let beyond = try_act(&store, case.id(), up(3), hour(9_000)).await;
    assert_refused(beyond, Refusal::NotDue);
}

/// An answer that could not be delivered is kept, and can be appealed long
/// after; once the complainant has read it, the time to appeal runs.
pub async fn an_answer_waits_until_it_is_read(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let contact = SafeContact::new(
        Channel::Sms,
        Language::from_static("sw"),
        MessageForm::Text,
        Sharing::Private,
    );
    let told = |outcome| {
        let message = MessageKind::Answered;
        Act::by_system(Step::Told { message, outcome })
    };
    let acts = || {
        [
            take("intake", "acknowledge"),
            reject("handler"),
            told(Told::Queued),
            told(Told::CouldNotReach),
        ]
    };
    let opened = open(&store, complaint().reached_by(contact.clone())).await;
    let unread = go(&store, opened.id(), acts()).await;
    assert_eq!(answer(&unread).delivery(), Delivery::CouldNotReach);
    try_act(&store, unread.id(), appeal(), hour(9_000))
        .await
        .unwrap();

    let opened = open(&store, complaint().reached_by(contact)).await;
    let case = go(&store, opened.id(), acts()).await;
    let pick_up = Act::by_complainant(Step::PickUp);
    try_act(&store, case.id(), pick_up, hour(100))
        .await
        .unwrap();
    let case = store.get(case.id()).await.unwrap();
    assert_eq!(
        answer(&case).delivery(),
        Delivery::Reached { at: hour(100) }
    );
    let late = try_act(&store, case.id(), appeal(), hour(9_000)).await;
    assert_refused(late, Refusal::WindowClosed);
    try_act(&store, case.id(), appeal(), hour(101))
        .await
        .unwrap();
}

/// Of two officers who act on what they both read, one is told to read again.
pub async fn of_two_acts_one_is_done(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let opened = open(&store, complaint()).await;
    let case = go(&store, opened.id(), [take("intake", "acknowledge")]).await;
    let roles = ["handler", "management", "intake", "supervisor"];
    for round in 0..8_u64 {
        let expected = store.get(case.id()).await.unwrap().version();
        let threads = roles.map(|role| {
            let (store, id) = (Arc::clone(&store), case.id());
            thread::spawn(move || {
                let words = "I was here.".into();
                let act = by(role, Step::Comment { words });
                let stamp: Stamp = stamp(&act, hour(2));
                block_on(store.act(id, expected, act, &stamp))
            })
        });
        let results = threads.map(|thread| thread.join().unwrap());
        let done = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(done, 1, "round {round}: {results:?}");
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
        }
    }
    let history = store.events(case.id(), &Page::first()).await.unwrap();
    assert_eq!(history.items().len(), 1 + 8);
}
