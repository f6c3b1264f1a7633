use crate::Action;
use crate::mapper::{asked, sync, told};
use crate::registry::Endpoint;

/// The endpoints of whoever pays ([`Side::Registry`](crate::registry::Side)) and of whoever has it
/// paid ([`Side::System`](crate::registry::Side)), with the actions that are written.
pub const ENDPOINTS: &[Endpoint] = &[
    asked("/disburse", Action::Disburse, Action::OnDisburse),
    told("/on-disburse", Action::OnDisburse),
    asked("/disburse/search", Action::Search, Action::OnSearch),
    told("/disburse/on-search", Action::OnSearch),
    asked(
        "/disburse/txn/status",
        Action::TxnStatus,
        Action::TxnOnStatus,
    ),
    told("/disburse/txn/on-status", Action::TxnOnStatus),
    sync(
        "/disburse/sync/disburse",
        Action::Disburse,
        Action::OnDisburse,
    ),
    sync("/disburse/sync/search", Action::Search, Action::OnSearch),
    sync(
        "/disburse/sync/txn/status",
        Action::TxnStatus,
        Action::TxnOnStatus,
    ),
];
