//! The pages of the book, so that `cargo test --doc` runs their code.
