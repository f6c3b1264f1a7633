use crate::Action;

/// A place to which messages are posted, and what comes back.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The path, after `https://{host}/{namespace}/v1.0.0`.
    pub path: &'static str,
    /// Who serves it.
    pub served_by: Side,
    /// The action of the message.
    pub action: Action,
    /// What comes back.
    pub reply: Reply,
}

impl Endpoint {
    /// Whether the answer comes back at once.
    #[must_use]
    pub const fn is_sync(&self) -> bool {
        matches!(self.reply, Reply::Answered(_))
    }
}

/// One of the two sides of an exchange.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Side {
    /// The register.
    Registry,
    /// The social protection system that asks and is told.
    System,
}

/// What comes back from an endpoint.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// An [`Ack`](crate::Ack), and nothing after it.
    Acknowledged,
    /// An [`Ack`](crate::Ack); a message with this action follows, to the
    /// other side.
    AnsweredLater(Action),
    /// The answer, with this action.
    Answered(Action),
}

const fn asked(path: &'static str, action: Action, answer: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::Registry,
        action,
        reply: Reply::AnsweredLater(answer),
    }
}

const fn told(path: &'static str, action: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::System,
        action,
        reply: Reply::Acknowledged,
    }
}

const fn sync(path: &'static str, action: Action, answer: Action) -> Endpoint {
    Endpoint {
        path,
        served_by: Side::Registry,
        action,
        reply: Reply::Answered(answer),
    }
}

const SEARCH: Endpoint = asked("/registry/search", Action::Search, Action::OnSearch);
const ON_SEARCH: Endpoint = told("/registry/on-search", Action::OnSearch);
const SUBSCRIBE: Endpoint = asked(
    "/registry/subscribe",
    Action::Subscribe,
    Action::OnSubscribe,
);
const ON_SUBSCRIBE: Endpoint = told("/registry/on-subscribe", Action::OnSubscribe);
const NOTIFY: Endpoint = told("/registry/notify", Action::Notify);
const UNSUBSCRIBE: Endpoint = asked(
    "/registry/unsubscribe",
    Action::Unsubscribe,
    Action::OnUnsubscribe,
);
const ON_UNSUBSCRIBE: Endpoint = told("/registry/on-unsubscribe", Action::OnUnsubscribe);
const TXN_STATUS: Endpoint = asked(
    "/registry/txn/status",
    Action::TxnStatus,
    Action::TxnOnStatus,
);
const TXN_ON_STATUS: Endpoint = told("/registry/txn/on-status", Action::TxnOnStatus);
const SYNC_SEARCH: Endpoint = sync("/registry/sync/search", Action::Search, Action::OnSearch);
const SYNC_TXN_STATUS: Endpoint = sync(
    "/registry/sync/txn/status",
    Action::TxnStatus,
    Action::TxnOnStatus,
);

pub(super) const COMMON: &[Endpoint] = &[
    SEARCH,
    ON_SEARCH,
    SUBSCRIBE,
    ON_SUBSCRIBE,
    NOTIFY,
    UNSUBSCRIBE,
    ON_UNSUBSCRIBE,
    TXN_STATUS,
    TXN_ON_STATUS,
    SYNC_SEARCH,
    SYNC_TXN_STATUS,
];

pub(super) const OF_IBR: &[Endpoint] = &[
    SEARCH,
    ON_SEARCH,
    SUBSCRIBE,
    ON_SUBSCRIBE,
    NOTIFY,
    UNSUBSCRIBE,
    ON_UNSUBSCRIBE,
    TXN_STATUS,
    TXN_ON_STATUS,
    SYNC_SEARCH,
    sync(
        "/registry/sync/enrollment/updates",
        Action::Notify,
        Action::Notify,
    ),
    sync("/registry/sync/enrolled", Action::Search, Action::OnSearch),
    SYNC_TXN_STATUS,
];

pub(super) const OF_DR: &[Endpoint] = &[
    SEARCH,
    ON_SEARCH,
    SUBSCRIBE,
    ON_SUBSCRIBE,
    NOTIFY,
    UNSUBSCRIBE,
    ON_UNSUBSCRIBE,
    SYNC_SEARCH,
    sync(
        "/registry/sync/get-disability-support",
        Action::Search,
        Action::OnSearch,
    ),
    sync(
        "/registry/sync/get-disability-details",
        Action::Search,
        Action::OnSearch,
    ),
    sync("/registry/sync/disabled", Action::Search, Action::OnSearch),
];
