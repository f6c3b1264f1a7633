use solidarity_core::limits::TEXT_MAX_BYTES;
use solidarity_core::testing::Harness;
use solidarity_core::{CaseId, Page, Pii, Version};

use crate::conformance::{complaint, hour, open, receipt, stamp, take, try_act};
use crate::{
    CaseStore, CategoryCode, Complainant, Error, ReceiptDigest, Role, Sensitivity, WorkflowCode,
};

/// What was opened is read back whole, at its first version and in the first
/// state of its workflow.
pub async fn what_was_opened_is_read(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let new = complaint().by(Complainant::Other(Pii::new("Somebody".to_owned())));
    let opened = open(&store, new.clone()).await;
    assert_eq!(opened.version(), Version::FIRST);
    assert_eq!(opened.new_case(), &new);
    assert_eq!(opened.state().as_str(), "received");
    assert_eq!(opened.waiting_since(), hour(0));
    assert_eq!(store.get(opened.id()).await.unwrap(), opened);
    let history = store.events(opened.id(), &Page::first()).await.unwrap();
    assert!(history.items().is_empty());
}

/// The same opening, whose answer was lost, gives the same answer, also after
/// the case has moved on, and is there once.
pub async fn opening_again_changes_nothing(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let (id, receipt) = (CaseId::generate(), receipt());
    let first = stamp(&take("intake", "acknowledge"), hour(0));
    let opened = store.open(id, complaint(), receipt, &first).await.unwrap();
    let moved = try_act(&store, id, take("intake", "acknowledge"), hour(1)).await;
    let later = stamp(&take("intake", "acknowledge"), hour(2));
    let again = store.open(id, complaint(), receipt, &later).await;
    assert_eq!(again.unwrap(), opened, "opening again said something else");
    let now = store.get(id).await.unwrap();
    assert_eq!(now.version(), moved.unwrap().version());
}

/// Another complaint, or another receipt, under a taken id is refused and
/// changes nothing.
pub async fn another_case_under_an_id_is_refused(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let (id, kept) = (CaseId::generate(), receipt());
    let stamp = stamp(&take("intake", "acknowledge"), hour(0));
    let opened = store.open(id, complaint(), kept, &stamp).await.unwrap();
    let mut other = complaint();
    other.words = "The agent kept a part.".into();
    for (new, receipt) in [(other, kept), (complaint(), receipt())] {
        let refused = store.open(id, new, receipt, &stamp).await;
        assert!(
            matches!(&refused, Err(Error::AlreadyExists { id: taken, .. }) if *taken == id),
            "expected `AlreadyExists`, got {refused:?}"
        );
        if receipt != kept {
            assert_eq!(store.find_by_receipt(&receipt).await.unwrap(), None);
        }
    }
    assert_eq!(store.get(id).await.unwrap(), opened);
}

/// A receipt finds the case that it was given out for. One that differs in a
/// single bit finds nothing.
pub async fn a_receipt_finds_its_case_alone(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let stamp = stamp(&take("intake", "acknowledge"), hour(0));
    for _ in 0..3 {
        let receipt = receipt();
        let id = CaseId::generate();
        let opened = store.open(id, complaint(), receipt, &stamp).await.unwrap();
        let found = store.find_by_receipt(&receipt).await.unwrap();
        assert_eq!(found, Some(opened));
        for byte in [0, 15, 31] {
            let mut wrong = *receipt.as_bytes();
            if let Some(byte) = wrong.get_mut(byte) {
                *byte ^= 1;
            }
            let wrong = ReceiptDigest::from_bytes(wrong);
            let found = store.find_by_receipt(&wrong).await.unwrap();
            assert_eq!(found, None, "a wrong receipt found a case");
        }
    }
}

/// One receipt is never two cases'; the second is not opened.
pub async fn a_receipt_belongs_to_one_case(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let receipt = receipt();
    let stamp = stamp(&take("intake", "acknowledge"), hour(0));
    let (first, second) = (CaseId::generate(), CaseId::generate());
    let opened = store.open(first, complaint(), receipt, &stamp).await;
    let refused = store.open(second, complaint(), receipt, &stamp).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let found = store.find_by_receipt(&receipt).await.unwrap();
    assert_eq!(found, Some(opened.unwrap()));
    let missing = store.get(second).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })));
}

/// An id never used is not found, by any way.
pub async fn an_unknown_case_is_not_found(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let id = CaseId::generate();
    let act = take("intake", "acknowledge");
    let stamp = stamp(&act, hour(0));
    for error in [
        store.get(id).await.unwrap_err(),
        store.events(id, &Page::first()).await.unwrap_err(),
        store
            .act(id, Version::FIRST, act, &stamp)
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::NotFound { id: asked, .. } if *asked == id),
            "expected `NotFound`, got {error:?}"
        );
    }
    assert_eq!(store.find_by_receipt(&receipt()).await.unwrap(), None);
}

/// A case that would follow no workflow is not opened.
pub async fn an_unknown_workflow_is_refused(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let mut new = complaint();
    new.workflow = WorkflowCode::from_static("nobody-checked-this");
    let stamp = stamp(&take("intake", "acknowledge"), hour(0));
    let id = CaseId::generate();
    let refused = store.open(id, new, receipt(), &stamp).await;
    assert!(
        matches!(refused, Err(Error::NoWorkflow { .. })),
        "{refused:?}"
    );
    assert!(matches!(store.get(id).await, Err(Error::NotFound { .. })));
}

/// Words are taken up to their limit and refused one byte beyond, and where
/// there are none; what was refused is not there.
pub async fn words_keep_their_limit(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let stamp = stamp(&take("intake", "acknowledge"), hour(0));
    for (length, taken) in [
        (0, false),
        (1, true),
        (TEXT_MAX_BYTES - 1, true),
        (TEXT_MAX_BYTES, true),
        (TEXT_MAX_BYTES + 1, false),
    ] {
        let mut new = complaint();
        new.words = Pii::new("x".repeat(length));
        let id = CaseId::generate();
        let opened = store.open(id, new, receipt(), &stamp).await;
        assert_eq!(opened.is_ok(), taken, "{length} bytes");
        assert_eq!(store.get(id).await.is_ok(), taken);
    }
    let mut two_lines = complaint();
    two_lines.words = "One line.\nAnd another.".into();
    open(&store, two_lines).await;
}

/// A complaint in a category that the workflow protects is sensitive, however
/// it was typed in, and is management's.
pub async fn a_protected_category_is_sealed(harness: &dyn Harness<dyn CaseStore>) {
    let store = harness.open().await;
    let mut new = complaint();
    new.category = CategoryCode::from_static("corruption/bribe-asked");
    let case = open(&store, new).await;
    assert_eq!(case.sensitivity(), Sensitivity::Sensitive);
    assert_eq!(case.new_case().sensitivity, Sensitivity::Standard);
    let role = case.post().unwrap().role();
    assert_eq!(role, &Role::from_static("management"));
}
