use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, Utc};

use super::request::{Answer, Batch, Event, Request, stopped};
use crate::Result;
use crate::ledger::LEDGER_BATCH_MAX;

/// What waits to be booked, first come, first served.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Batch>,
    /// The size of all of them.
    // INVARIANT: at most LEDGER_BATCH_MAX, so that none is over it by itself.
    size: usize,
    /// Callers for whom there was no room, by when they came.
    line: VecDeque<(u64, Waker)>,
    next_ticket: u64,
    driver: Option<Waker>,
    is_without_callers: bool,
    is_without_driver: bool,
}

impl Queue {
    /// The batch that goes next: all that fits into it of what has gathered.
    /// `None` once nothing waits and no caller is left.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Batch>> {
        let mut waiting = self.lock();
        let Some(batch) = waiting.batches.pop_front() else {
            if waiting.is_without_callers {
                return Poll::Ready(None);
            }
            waiting.driver = Some(cx.waker().clone());
            return Poll::Pending;
        };
        waiting.size = waiting.size.saturating_sub(batch.size());
        let first = waiting.first_in_line();
        drop(waiting);
        wake(first);
        Poll::Ready(Some(batch))
    }

    /// No caller will come any more.
    pub(super) fn leave_callers(&self) {
        let mut waiting = self.lock();
        waiting.is_without_callers = true;
        let driver = waiting.driver.take();
        drop(waiting);
        wake(driver);
    }

    /// Nobody books any more.
    pub(super) fn leave_driver(&self) {
        let mut waiting = self.lock();
        waiting.is_without_driver = true;
        let batches = std::mem::take(&mut waiting.batches);
        let line = std::mem::take(&mut waiting.line);
        drop(waiting);
        batches.into_iter().for_each(Batch::refuse);
        line.into_iter().for_each(|(_, caller)| caller.wake());
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No code panics while it holds the lock, so what waits is whole.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add<E: Event>(&mut self, request: Request<E>) {
        self.size = self.size.saturating_add(request.size());
        let request = match self.batches.back_mut() {
            Some(last) => last.join(request),
            None => Err(request),
        };
        if let Err(first) = request {
            self.batches.push_back(E::batch(vec![first]));
        }
    }

    fn first_in_line(&self) -> Option<Waker> {
        self.line.front().map(|(_, caller)| caller.clone())
    }
}

/// A caller on the way into the queue. Who finds no room stands in line until
/// there is, or until this is dropped.
pub(super) struct Entrance<'a> {
    queue: &'a Queue,
    ticket: Option<u64>,
}

impl<'a> Entrance<'a> {
    pub(super) const fn new(queue: &'a Queue) -> Self {
        Self {
            queue,
            ticket: None,
        }
    }

    /// Enters with `events`, and gives where they are answered.
    pub(super) fn poll_enter<E: Event>(
        &mut self,
        cx: &Context<'_>,
        events: &[E],
        at: DateTime<Utc>,
    ) -> Poll<Result<oneshot::Receiver<Answer<E>>>> {
        let mut waiting = self.queue.lock();
        if waiting.is_without_driver {
            self.ticket = None;
            return Poll::Ready(Err(stopped()));
        }
        let first = waiting.line.front().map(|(ticket, _)| *ticket);
        let size = events.len().max(1);
        if first != self.ticket || waiting.size.saturating_add(size) > LEDGER_BATCH_MAX {
            self.stand_in_line(&mut waiting, cx.waker());
            return Poll::Pending;
        }
        if self.ticket.take().is_some() {
            waiting.line.pop_front();
        }
        let (reply, answer) = oneshot::channel();
        let events = events.to_vec();
        waiting.add(Request { events, at, reply });
        let wakers = [waiting.driver.take(), waiting.first_in_line()];
        drop(waiting);
        wakers.into_iter().for_each(wake);
        Poll::Ready(Ok(answer))
    }

    fn stand_in_line(&mut self, waiting: &mut Waiting, caller: &Waker) {
        let line = &mut waiting.line;
        let Some(ticket) = self.ticket else {
            self.ticket = Some(waiting.next_ticket);
            line.push_back((waiting.next_ticket, caller.clone()));
            waiting.next_ticket += 1;
            return;
        };
        let place = line.binary_search_by_key(&ticket, |(ticket, _)| *ticket);
        if let Some((_, known)) = place.ok().and_then(|place| line.get_mut(place)) {
            known.clone_from(caller);
        }
    }
}

impl Drop for Entrance<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut waiting = self.queue.lock();
        waiting.line.retain(|(other, _)| *other != ticket);
        // It may have been too much for the room that there is, and the next
        // one is not.
        let first = waiting.first_in_line();
        drop(waiting);
        wake(first);
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
