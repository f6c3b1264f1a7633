use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use solidarity_core::{Retry, StoreFault};

use crate::ledger::{
    AccountFlags, CreateAccountStatus, CreateTransferStatus, Ledger, NewAccount, NewTransfer,
    TransferFlags,
};
use crate::{Error, Result};

const OPERATION: &str = "book a batch";

pub(super) type Answer<E> = Result<Vec<<E as Event>::Status>>;

/// What one caller asked for.
pub(super) struct Request<E: Event> {
    pub(super) events: Vec<E>,
    pub(super) at: DateTime<Utc>,
    pub(super) reply: oneshot::Sender<Answer<E>>,
}

/// Requests that are booked together, all of one kind.
pub(super) enum Batch {
    Accounts(Vec<Request<NewAccount>>),
    Transfers(Vec<Request<NewTransfer>>),
}

/// An account or a transfer to be created.
pub(super) trait Event: Copy + Send + Sync + 'static {
    type Status: Send + 'static;

    fn is_linked(&self) -> bool;
    fn is_imported(&self) -> bool;
    fn batch(requests: Vec<Request<Self>>) -> Batch;
    fn requests(batch: &mut Batch) -> Option<&mut Vec<Request<Self>>>;
    fn create(
        ledger: &impl Ledger,
        events: &[Self],
        at: DateTime<Utc>,
    ) -> impl Future<Output = Answer<Self>> + Send;
}

impl<E: Event> Request<E> {
    fn answer(self, answer: Answer<E>) {
        // A caller that went away does not mind.
        let _gone = self.reply.send(answer);
    }

    /// How much room it takes. One without events is still somebody waiting.
    pub(super) fn size(&self) -> usize {
        self.events.len().max(1)
    }

    /// Whether `next` is answered the same behind this one as in a batch of
    /// its own. What follows an open chain would be a part of it, and the
    /// first event decides whether a batch is of imported ones.
    fn may_precede(&self, next: &Self) -> bool {
        let is_imported = |request: &Self| request.events.first().is_some_and(E::is_imported);
        !self.events.last().is_some_and(E::is_linked) && is_imported(self) == is_imported(next)
    }
}

impl Batch {
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Accounts(requests) => requests.iter().map(Request::size).sum(),
            Self::Transfers(requests) => requests.iter().map(Request::size).sum(),
        }
    }

    /// Adds `request`, or gives it back if it belongs in another batch.
    pub(super) fn join<E: Event>(&mut self, request: Request<E>) -> Result<(), Request<E>> {
        match E::requests(self) {
            Some(requests) if requests.last().is_none_or(|l| l.may_precede(&request)) => {
                requests.push(request);
                Ok(())
            }
            _ => Err(request),
        }
    }

    /// Books it, and answers whoever waits.
    pub(super) async fn book(self, ledger: &impl Ledger) {
        match self {
            Self::Accounts(requests) => book(ledger, requests).await,
            Self::Transfers(requests) => book(ledger, requests).await,
        }
    }

    /// Answers everybody that nothing was booked, nor will be.
    pub(super) fn refuse(self) {
        fn each<E: Event>(requests: Vec<Request<E>>) {
            for request in requests {
                request.answer(Err(stopped()));
            }
        }
        match self {
            Self::Accounts(requests) => each(requests),
            Self::Transfers(requests) => each(requests),
        }
    }
}

async fn book<E: Event>(ledger: &impl Ledger, mut requests: Vec<Request<E>>) {
    // Who went away before it began is not waiting for it.
    requests.retain(|request| !request.reply.is_closed());
    let latest = requests.iter().map(|request| request.at).max();
    let (Some(at), 2..) = (latest, requests.len()) else {
        return book_apart(ledger, requests).await;
    };
    let events: Vec<E> = requests.iter().flat_map(|r| &r.events).copied().collect();
    match E::create(ledger, &events, at).await {
        Ok(statuses) if statuses.len() == events.len() => {
            let mut statuses = statuses.into_iter();
            for request in requests {
                let own = statuses.by_ref().take(request.events.len()).collect();
                request.answer(Ok(own));
            }
        }
        Ok(_) => share(
            requests,
            unknown("the ledger gave another number of answers"),
        ),
        Err(error) => match error.retry() {
            // Whatever it was refused for, not everybody said it.
            Retry::Never => book_apart(ledger, requests).await,
            Retry::Later | Retry::AfterReread | Retry::AfterInquiry => share(requests, error),
        },
    }
}

/// Books each of `requests` by itself.
async fn book_apart<E: Event>(ledger: &impl Ledger, requests: Vec<Request<E>>) {
    for request in requests {
        let answer = E::create(ledger, &request.events, request.at).await;
        request.answer(answer);
    }
}

/// Answers `error` to each of `requests`.
fn share<E: Event>(requests: Vec<Request<E>>, error: Error) {
    let (retry, error) = (error.retry(), Arc::new(error));
    for request in requests {
        let own = StoreFault::new(OPERATION, retry, Arc::clone(&error));
        request.answer(Err(own.into()));
    }
}

/// It is not begun, and nobody is there to do it.
pub(super) fn stopped() -> Error {
    StoreFault::new(OPERATION, Retry::Later, "the driver is gone").into()
}

/// It may be booked or not: `why`.
pub(super) fn unknown(why: &'static str) -> Error {
    StoreFault::new(OPERATION, Retry::AfterInquiry, why).into()
}

impl Event for NewAccount {
    type Status = CreateAccountStatus;

    fn is_linked(&self) -> bool {
        self.flags.contains(AccountFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(AccountFlags::IMPORTED)
    }

    fn batch(requests: Vec<Request<Self>>) -> Batch {
        Batch::Accounts(requests)
    }

    fn requests(batch: &mut Batch) -> Option<&mut Vec<Request<Self>>> {
        match batch {
            Batch::Accounts(requests) => Some(requests),
            Batch::Transfers(_) => None,
        }
    }

    async fn create(ledger: &impl Ledger, events: &[Self], at: DateTime<Utc>) -> Answer<Self> {
        ledger.create_accounts(events, at).await
    }
}

impl Event for NewTransfer {
    type Status = CreateTransferStatus;

    fn is_linked(&self) -> bool {
        self.flags.contains(TransferFlags::LINKED)
    }

    fn is_imported(&self) -> bool {
        self.flags.contains(TransferFlags::IMPORTED)
    }

    fn batch(requests: Vec<Request<Self>>) -> Batch {
        Batch::Transfers(requests)
    }

    fn requests(batch: &mut Batch) -> Option<&mut Vec<Request<Self>>> {
        match batch {
            Batch::Transfers(requests) => Some(requests),
            Batch::Accounts(_) => None,
        }
    }

    async fn create(ledger: &impl Ledger, events: &[Self], at: DateTime<Utc>) -> Answer<Self> {
        ledger.create_transfers(events, at).await
    }
}
