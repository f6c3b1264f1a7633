//! Bytes as the body of a message.

#![no_main]

use libfuzzer_sys::fuzz_target;
use solidarity_dci::json::Object;
use solidarity_dci::registry::{SearchRequest, SearchResponse};
use solidarity_dci::{Ack, EncryptedMessage, Leniency, ReplyHeader, RequestHeader};

/// As a `T`, if it is one; what was read is written and read the same.
fn check<T>(members: &Object)
where
    T: std::fmt::Debug + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
{
    for leniency in [Leniency::none(), Leniency::all()] {
        match members.read::<T>(&leniency) {
            Ok(read) => {
                let written = Object::of(&read.value).expect("an object");
                let again = written
                    .read::<T>(&Leniency::none())
                    .expect("written strictly");
                assert_eq!(again.value, read.value);
            }
            Err(fault) => drop(fault.to_string()),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(members) = serde_json::from_slice::<Object>(data) else {
        return;
    };
    check::<RequestHeader>(&members);
    check::<ReplyHeader>(&members);
    check::<SearchRequest>(&members);
    check::<SearchResponse>(&members);
    check::<EncryptedMessage>(&members);
    check::<Ack>(&members);
});
