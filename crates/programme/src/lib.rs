#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod action;
mod allocation;
mod benefit;
#[cfg(feature = "conformance")]
pub mod conformance;
mod cycle;
mod decision;
mod digest;
mod enrolment;
mod entitlement;
mod error;
mod event;
mod fact;
mod ground;
pub mod lifecycle;
pub mod limits;
mod notice;
mod programme;
#[cfg(feature = "registry")]
mod records;
mod rule;
mod schema;
mod store;
pub mod writes;

pub use crate::action::{AdverseAction, Appeal, AppealOutcome, Step, in_force};
pub use crate::allocation::{Allocation, Draw, Waiting, allocate};
pub use crate::benefit::{Benefit, PerMember};
pub use crate::cycle::{Cycle, CycleState};
pub use crate::decision::{
    Decision, Eligibility, Eligible, Ineligible, Replay, Undetermined, decide_eligibility, replay,
};
pub use crate::digest::Digest;
pub use crate::enrolment::{Enrolment, NewEnrolment, Status};
pub use crate::entitlement::{Entitlement, EntitlementKind, check_entitlement};
pub use crate::error::{Error, Result};
pub use crate::event::{Admission, Event, EventId, NewEvent, PayeeChange, Recorded};
pub use crate::fact::{Fact, FactCode, FactKind, FactName, FactValue, Facts, Roster, Source};
pub use crate::ground::{
    AmountRecomputed, Death, Ground, HumanDecision, MovedOut, ProgrammeClosed, RequestedByPerson,
    RuleNotMet,
};
pub use crate::notice::{Contact, NewNotice, Notice, TextKey};
pub use crate::programme::{AppealEffect, DueProcess, NewProgramme, Priority, Programme};
#[cfg(feature = "registry")]
pub use crate::records::facts_of;
pub use crate::rule::{
    Comparison, Finding, Gap, Quantity, Question, Reason, ReasonCode, Rule, Truth,
};
pub use crate::schema::{FactDeclaration, FactSchema, FactScope, Sensitivity};
pub use crate::store::{
    DecisionQuery, EnrolmentQuery, EntitlementQuery, MemoryProgrammeStore, ProgrammeStore,
    ProgrammeStoreExt,
};
#[doc(hidden)]
pub use solidarity_core as __core;
