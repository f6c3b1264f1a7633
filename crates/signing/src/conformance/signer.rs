//! The kit of [`Signer`].

use std::thread;

use solidarity_core::testing::{Harness, block_on};

use crate::Signer;

/// Runs every conformance case against a [`Signer`].
///
/// See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! signer_conformance {
    ($harness:expr $(,)?) => {
        $crate::signer_conformance!($harness, run = $crate::__core::testing::block_on);
    };
    ($harness:expr, run = $run:path $(,)?) => {
        $crate::__core::kit_tests!(
            $harness,
            $run,
            $crate::conformance::signer,
            [
                what_it_signs_is_valid,
                the_key_stays_the_same,
                many_sign_at_once,
            ]
        );
    };
}

/// Signatures over bytes of any sort and length are the key's, in the form of
/// JWS.
pub async fn what_it_signs_is_valid(harness: &dyn Harness<dyn Signer>) {
    let signer = harness.open().await;
    for length in [0, 1, 31, 32, 33, 63, 64, 65, 1_000, 70_000] {
        let message: Vec<u8> = (0..=u8::MAX).rev().cycle().take(length).collect();
        let signature = signer.sign(&message).await.unwrap();
        assert_eq!(
            signer.public_key().verify(&message, &signature),
            Ok(()),
            "a signature over {length} bytes"
        );
    }
}

/// The key and its id are those that were said before, also after a crash.
pub async fn the_key_stays_the_same(harness: &dyn Harness<dyn Signer>) {
    let signer = harness.open().await;
    let (key, id) = (signer.public_key().clone(), signer.key_id().clone());
    let before = signer.sign(b"message").await.unwrap();
    let signer = harness.reopen(signer).await;
    assert_eq!((signer.public_key(), signer.key_id()), (&key, &id));
    let after = signer.sign(b"message").await.unwrap();
    for signature in [before, after] {
        assert_eq!(key.verify(b"message", &signature), Ok(()));
    }
}

/// Threads that sign at once each get the signature over their own message.
pub async fn many_sign_at_once(harness: &dyn Harness<dyn Signer>) {
    let signer = harness.open().await;
    thread::scope(|scope| {
        for thread in 0..4_u8 {
            let signer = &signer;
            scope.spawn(move || {
                for n in 0..25 {
                    let message = [thread, n];
                    let signature = block_on(signer.sign(&message)).unwrap();
                    let verified = signer.public_key().verify(&message, &signature);
                    assert_eq!(verified, Ok(()), "message {n} of thread {thread}");
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use solidarity_core::testing::{InMemory, unlisted_cases};

    use super::*;
    use crate::testing;

    #[test]
    fn every_case_is_listed() {
        assert_eq!(
            unlisted_cases(include_str!("signer.rs")),
            Vec::<&str>::new()
        );
    }

    mod ed25519 {
        use super::*;
        crate::signer_conformance!(InMemory::new(
            || Arc::new(testing::ed25519()) as Arc<dyn Signer>
        ));
    }

    mod es256 {
        use super::*;
        crate::signer_conformance!(InMemory::new(
            || Arc::new(testing::es256()) as Arc<dyn Signer>
        ));
    }
}
