//! Published examples, read from the folder that `SOLIDARITY_VECTORS` names.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod dci_samples;
