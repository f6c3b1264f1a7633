#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alternatives;
mod assurance;
mod challenge;
mod claim;
mod code_ports;
mod code_store;
#[cfg(feature = "conformance")]
pub mod conformance;
mod demographic;
mod error;
mod evidence;
mod exception;
mod exception_register;
mod exception_rules;
mod exception_verifier;
mod fact_source;
mod fallback;
mod likeness;
mod match_policy;
mod method;
mod one_time_code;
mod policy;
mod statistics;
mod verification;
mod verifier;

pub use crate::alternatives::Alternatives;
pub use crate::assurance::{AssuranceLevel, LevelRule, LevelTable};
pub use crate::challenge::*;
pub use crate::claim::{Claim, ClaimId, FACTS_MAX, Fact, FactName, Facts};
pub use crate::code_ports::*;
pub use crate::code_store::{CodeStore, MemoryCodeStore};
pub use crate::demographic::DemographicVerifier;
pub use crate::error::{Error, Result};
pub use crate::evidence::{Evidence, EvidenceId, EvidenceItem, SourceCode};
pub use crate::exception::*;
pub use crate::exception_register::{ExceptionRegister, MemoryExceptionRegister, ReviewKey};
pub use crate::exception_rules::{ExceptionRules, GrantView, VOUCHING_MAX};
pub use crate::exception_verifier::ExceptionVerifier;
pub use crate::fact_source::{FactSource, MemoryFactSource};
pub use crate::fallback::{Attempt, Fault, Outcome};
pub use crate::likeness::{DATE_WIDTH_MAX_DAYS, Likeness, NAME_WORDS_MAX, compare};
pub use crate::match_policy::{FactRule, MatchDecision, MatchPolicy, Weight};
pub use crate::method::{Conduct, Means, MeansSet, Method};
pub use crate::one_time_code::{CodeKey, OneTimeCode, Sending};
pub use crate::policy::{FallbackPolicy, STEPS_MAX, Step};
pub use crate::statistics::{AgeBand, AttemptStatistics, Cell, Count, Group, Report, SexCode};
pub use crate::verification::{
    Ending, Mismatch, MismatchCode, Obstacle, ObstacleCode, Verification,
};
pub use crate::verifier::Verifier;

#[doc(hidden)]
pub use solidarity_core as __core;
