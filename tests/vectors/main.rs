//! Published examples, read from the folder that `SOLIDARITY_VECTORS` names.

mod dci_samples;
