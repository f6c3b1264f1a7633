//! The kit of [`Notifier`].

use solidarity_core::testing::Harness;
use solidarity_core::{CaseId, Channel, Language, MessageForm, Pii, SafeContact, Sharing};

use crate::{Error, Message, MessageKind, Notifier, Told};

/// Runs every conformance case against a [`Notifier`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! notifier_conformance {
    ($harness:expr $(,)?) => {
        $crate::notifier_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::notifier,
            [
                a_message_again_is_the_same_message,
                an_answer_goes_where_nobody_else_reads,
                who_has_no_address_is_not_reached,
            ]
        );
    };
}

fn contact(sharing: Sharing) -> SafeContact {
    SafeContact::new(
        Channel::Sms,
        Language::from_static("sw"),
        MessageForm::Text,
        sharing,
    )
}

fn answer() -> Message {
    let mut message = Message::received(CaseId::generate());
    message.kind = MessageKind::Answered;
    message.answer = Some(Pii::new("You are right.".to_owned()));
    message
}

/// Told again, a message comes to the same, or from being on its way to what
/// became of it; also after a crash.
pub async fn a_message_again_is_the_same_message(harness: &dyn Harness<dyn Notifier>) {
    let notifier = harness.open().await;
    let message = Message::received(CaseId::generate());
    let contact = contact(Sharing::Shared).with_address("0712000000").unwrap();
    let first = notifier.tell(&contact, &message).await.unwrap();
    let notifier = harness.reopen(notifier).await;
    for _ in 0..3 {
        let again = notifier.tell(&contact, &message).await.unwrap();
        assert!(
            again == first || first == Told::Queued,
            "a message that was {first:?} is {again:?}"
        );
    }
}

/// An answer is not sent to a telephone that others use.
pub async fn an_answer_goes_where_nobody_else_reads(harness: &dyn Harness<dyn Notifier>) {
    let notifier = harness.open().await;
    let shared = contact(Sharing::Shared).with_address("0712000000").unwrap();
    let refused = notifier.tell(&shared, &answer()).await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "an answer went where others read it: {refused:?}"
    );
    let private = contact(Sharing::Private)
        .with_address("0712000000")
        .unwrap();
    notifier.tell(&private, &answer()).await.unwrap();
}

/// Nobody without a number is said to have got a text message.
pub async fn who_has_no_address_is_not_reached(harness: &dyn Harness<dyn Notifier>) {
    let notifier = harness.open().await;
    let message = Message::received(CaseId::generate());
    let told = notifier.tell(&contact(Sharing::Private), &message).await;
    let told = told.unwrap();
    assert_eq!(told, Told::CouldNotReach, "a message reached nobody");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let unlisted = solidarity_core::testing::unlisted_cases(include_str!("notifier.rs"));
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }
}
