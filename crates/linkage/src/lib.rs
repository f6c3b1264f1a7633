#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![expect(
    clippy::float_arithmetic,
    reason = "probabilities and weights; nothing that is paid"
)]

mod blocking;
mod check_digit;
mod cluster;
pub mod comparator;
mod dataset;
mod decision;
mod error;
mod evaluation;
mod explanation;
mod index;
mod keys;
mod lexicon;
pub mod limits;
mod linker;
mod model;
pub mod normalize;
mod pattern;
mod progress;
mod recognize;
mod schema;
pub mod similarity;
mod tables;

pub use crate::blocking::{BlockingReport, Candidates};
pub use crate::check_digit::CheckDigit;
pub use crate::dataset::{Dataset, DatasetBuilder};
pub use crate::decision::{Class, ErrorRates, ScoredPair, Thresholds};
pub use crate::error::{Error, Result};
pub use crate::evaluation::{Evaluation, evaluate, pairs_of};
pub use crate::explanation::{Explanation, FieldEvidence};
pub use crate::index::Index;
pub use crate::linker::{Linkage, Linker, Options};
pub use crate::model::Model;
pub use crate::normalize::CallingRegion;
pub use crate::progress::{Progress, Stage};
pub use crate::recognize::recognize;
pub use crate::schema::{Field, FieldKind, Schema};
pub use crate::tables::Tables;
