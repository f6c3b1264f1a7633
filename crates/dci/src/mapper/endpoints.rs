use crate::Action;
use crate::registry::{Endpoint, Reply, Side};

pub(crate) const fn asked(path: &'static str, action: Action, answer: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::Registry,
        action,
        reply: Reply::AnsweredLater(answer),
    }
}

pub(crate) const fn told(path: &'static str, action: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::System,
        action,
        reply: Reply::Acknowledged,
    }
}

pub(crate) const fn sync(path: &'static str, action: Action, answer: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::Registry,
        action,
        reply: Reply::Answered(answer),
    }
}

/// The endpoints of a mapper ([`Side::Registry`]) and of whoever asks it
/// ([`Side::System`]), with the actions that are written.
///
/// The status stands under `/registry` where it is synchronous (sic).
pub const ENDPOINTS: &[Endpoint] = &[
    asked("/mapper/link", Action::Link, Action::OnLink),
    told("/mapper/on-link", Action::OnLink),
    asked("/mapper/update", Action::Update, Action::OnUpdate),
    told("/mapper/on-update", Action::OnUpdate),
    asked("/mapper/unlink", Action::Unlink, Action::OnUnlink),
    told("/mapper/on-unlink", Action::OnUnlink),
    asked("/mapper/resolve", Action::Resolve, Action::OnResolve),
    told("/mapper/on-resolve", Action::OnResolve),
    asked("/mapper/txn/status", Action::TxnStatus, Action::TxnOnStatus),
    told("/mapper/txn/on-status", Action::TxnOnStatus),
    sync("/mapper/sync/link", Action::Link, Action::OnLink),
    sync("/mapper/sync/update", Action::Update, Action::OnUpdate),
    sync("/mapper/sync/unlink", Action::Unlink, Action::OnUnlink),
    sync("/mapper/sync/resolve", Action::Resolve, Action::OnResolve),
    sync(
        "/registry/sync/txn/status",
        Action::TxnStatus,
        Action::TxnOnStatus,
    ),
];
