#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod act;
mod calendar;
mod case;
mod case_store;
mod clock;
mod code;
#[cfg(feature = "conformance")]
pub mod conformance;
mod desk;
mod error;
pub mod limits;
mod new_case;
mod news;
mod notifier;
mod officer;
mod receipt;
mod refusal;
mod remedy;
mod sensitivity;
mod statistics;
mod transition;
mod view;
mod workflow;

pub use crate::act::{Act, Event, Party, Step};
pub use crate::calendar::{Span, WorkingCalendar};
pub use crate::case::{Answer, Case, Delivery, Ending, Post, Standing};
pub use crate::case_store::{CaseFilter, CaseStore, MemoryCaseStore, Ownership};
pub use crate::clock::{
    ClockState, Escalation, Phase, Until, clock_state, deadline, escalation_due, escalations_due,
    phase,
};
pub use crate::code::{
    ActionName, CategoryCode, OfficeCode, ReasonCode, Role, StateName, WorkflowCode,
};
pub use crate::desk::{Desk, Swept};
pub use crate::error::{Error, Result};
pub use crate::new_case::{Complainant, IntakeChannel, Matter, NewCase};
pub use crate::notifier::{MemoryNotifier, Message, MessageId, MessageKind, Notifier, Told};
pub use crate::officer::{Concern, Officer};
pub use crate::receipt::{ReceiptCode, ReceiptDigest, ReceiptKey};
pub use crate::refusal::Refusal;
pub use crate::remedy::{OwedRemedy, Remedy};
pub use crate::sensitivity::{BySensitivity, Sensitivity};
pub use crate::statistics::{Count, HoursToAnswer, Statistics};
pub use crate::transition::{available, may_handle, transition};
pub use crate::view::{CaseView, Status};
pub use crate::workflow::{
    Action, ActionKind, CheckedWorkflow, Defect, Defects, Extension, Outcome, OutsideRemedy,
    Protected, RoleRule, State, Workflow, Workflows, standard_workflow,
};

#[doc(hidden)]
pub use solidarity_core as __core;
