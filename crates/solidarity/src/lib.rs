#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use solidarity_core as core;

#[cfg(feature = "consent")]
pub use solidarity_consent as consent;
#[cfg(feature = "dci")]
pub use solidarity_dci as dci;
#[cfg(feature = "grievance")]
pub use solidarity_grievance as grievance;
#[cfg(feature = "identity")]
pub use solidarity_identity as identity;
#[cfg(feature = "linkage")]
pub use solidarity_linkage as linkage;
#[cfg(feature = "payments")]
pub use solidarity_payments as payments;
#[cfg(feature = "programme")]
pub use solidarity_programme as programme;
#[cfg(feature = "registry")]
pub use solidarity_registry as registry;
#[cfg(feature = "signing")]
pub use solidarity_signing as signing;
#[cfg(feature = "sqlite")]
pub use solidarity_sql::sqlite;
#[cfg(feature = "synthetic")]
pub use solidarity_synthetic as synthetic;
