//! Pairs of records that may be of one person, put to a person to judge.
//!
//! Whatever finds a pair (the record linkage of `solidarity-linkage`, simple
//! rules, a clerk) proposes it with its evidence. A case is opened, somebody
//! judges it, and the judgement is remembered: two people who were judged
//! different are asked about again only when a record of one of them has
//! changed since.
//!
//! A judgement says what a person found, and nothing follows from it by
//! itself. *Same* merges no records and stops no benefit: no other type of
//! this crate takes a case, and a programme's grounds for an adverse decision
//! have no way from one. Whoever merges or decides does so by a command of
//! their own, with notice and appeal where it harms.
//!
//! A case holds ids, codes and numbers, and no word of what the two records
//! say. Whoever judges reads those from the register.

mod case;
pub mod decision;
mod new_case;
mod order;
mod store;

pub use case::{DuplicateCase, Judged, Judgement, JudgementReason};
pub use new_case::{
    DuplicateCaseId, Evidence, EvidenceField, EvidenceLevel, Finder, NewDuplicateCase,
};
pub use order::{QueueKey, QueueOrder};
pub use store::{DuplicateCaseStore, MemoryDuplicateCaseStore, Proposed};
