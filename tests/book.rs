//! The README and the pages of the book, so that `cargo test --doc` runs their
//! code.

#[doc = include_str!("../README.md")]
mod readme {}

#[doc = include_str!("../docs/src/architecture.md")]
mod architecture {}

#[doc = include_str!("../docs/src/compose_a_system.md")]
mod compose_a_system {}

#[doc = include_str!("../docs/src/connect_a_rail.md")]
mod connect_a_rail {}

#[doc = include_str!("../docs/src/consent.md")]
mod consent {}

#[doc = include_str!("../docs/src/dci.md")]
mod dci {}

#[doc = include_str!("../docs/src/dci_choices.md")]
mod dci_choices {}

#[doc = include_str!("../docs/src/dci_samples.md")]
mod dci_samples {}

#[doc = include_str!("../docs/src/decisions.md")]
mod decisions {}

#[doc = include_str!("../docs/src/design_questions.md")]
mod design_questions {}

#[doc = include_str!("../docs/src/glossary.md")]
mod glossary {}

#[doc = include_str!("../docs/src/grievance.md")]
mod grievance {}

#[doc = include_str!("../docs/src/identity.md")]
mod identity {}

#[doc = include_str!("../docs/src/implement_a_store.md")]
mod implement_a_store {}

#[doc = include_str!("../docs/src/import.md")]
mod import {}

#[doc = include_str!("../docs/src/introduction.md")]
mod introduction {}

#[doc = include_str!("../docs/src/ledger.md")]
mod ledger {}

#[doc = include_str!("../docs/src/linkage.md")]
mod linkage {}

#[doc = include_str!("../docs/src/national_cash_transfer.md")]
mod national_cash_transfer {}

#[doc = include_str!("../docs/src/payments.md")]
mod payments {}

#[doc = include_str!("../docs/src/privacy_and_threats.md")]
mod privacy_and_threats {}

#[doc = include_str!("../docs/src/programme.md")]
mod programme {}

#[doc = include_str!("../docs/src/quickstart.md")]
mod quickstart {}

#[doc = include_str!("../docs/src/registry.md")]
mod registry {}

#[doc = include_str!("../docs/src/signing.md")]
mod signing {}

#[doc = include_str!("../docs/src/sql.md")]
mod sql {}

#[doc = include_str!("../docs/src/synthetic.md")]
mod synthetic {}
