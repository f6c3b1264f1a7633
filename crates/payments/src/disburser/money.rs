//! The ledger's side of a [`Disburser`]: every transfer is derived, and
//! posting one again books nothing.

use std::collections::{BTreeSet, HashMap};

use solidarity_core::{Page, PaymentId, Stamp};

use super::{Disburser, posting};
use crate::{
    AMOUNT_MAX, Batch, BatchId, BatchState, Chart, CreateTransferStatus, EntryId, Error, Finding,
    LEDGER_BATCH_MAX, Line, Movement, NewTransfer, Result, TransferId,
};

/// How many ids a reservation has: the ledger never forgets one that it
/// refused or voided. Others spend the budget between our look and our
/// reservation only rarely.
const ATTEMPTS_MAX: usize = 16;

impl Disburser {
    /// Opens the accounts that `batch` is paid through, and sets its money
    /// aside: pending, until it is released.
    pub(super) async fn reserve(&self, batch: &Batch, stamp: &Stamp) -> Result<()> {
        let chart = Chart::new(batch.programme(), batch.currency());
        let mut accounts = chart.accounts(std::slice::from_ref(self.rail.code()));
        accounts.push(chart.envelope_account(&batch.id()));
        self.ledger.create_accounts(&accounts, stamp.at()).await?;
        let needed = self.store.totals(batch.id()).await?.envelope().amount;
        if !needed.is_positive() || self.reservation(batch).await?.is_some() {
            return Ok(());
        }
        let short = Error::InsufficientBudget {
            batch: batch.id(),
            needed,
        };
        let commit = Movement::Commit {
            envelope: chart.envelope(&batch.id()),
        };
        for id in attempts(batch) {
            // Asked first, because a refusal uses the id up.
            let budget = self.ledger.accounts(&[chart.budget()], stamp.at()).await?;
            let budget = budget.into_iter().flatten().next();
            let left = budget.map(|b| b.available(batch.currency())).transpose()?;
            if left.is_none_or(|left| left.minor() < needed.minor()) {
                break;
            }
            let pending = chart.transfer(id, &commit, needed)?.as_pending(0);
            match self.book(&[pending], stamp).await?.as_slice() {
                [(_, CreateTransferStatus::Created)] => return Ok(()),
                [(_, CreateTransferStatus::ExceedsCredits)] => break,
                // What there is may have been given back since.
                [(_, CreateTransferStatus::Exists)] => {
                    if self.reservation(batch).await?.is_some() {
                        return Ok(());
                    }
                }
                [(_, CreateTransferStatus::IdAlreadyFailed)] => {}
                refused => check(refused)?,
            }
        }
        // Another process may have spent the budget on this very batch.
        let reserved = self.reservation(batch).await?;
        reserved.map(|_| ()).ok_or(short)
    }

    /// Makes the reservation of a released batch real, if it is not.
    pub(super) async fn commit(&self, batch: &Batch, stamp: &Stamp) -> Result<()> {
        self.reserve(batch, stamp).await?;
        let Some(pending) = self.reservation(batch).await? else {
            return Ok(());
        };
        let id = TransferId::derive(&pending, "post");
        let post = NewTransfer::post(id, pending, AMOUNT_MAX);
        check(&self.book(&[post], stamp).await?)
    }

    /// Gives back what was set aside for a batch that is not released.
    pub(super) async fn unreserve(&self, batch: &Batch, stamp: &Stamp) -> Result<()> {
        let Some(pending) = self.reservation(batch).await? else {
            return Ok(());
        };
        let void = NewTransfer::void(TransferId::derive(&pending, "void"), pending);
        check(&self.book(&[void], stamp).await?)
    }

    /// The reservation of `batch`, as it is worded now, that was not voided.
    async fn reservation(&self, batch: &Batch) -> Result<Option<TransferId>> {
        let ids: Vec<TransferId> = attempts(batch).collect();
        let made: Vec<TransferId> = self
            .ledger
            .transfers(&ids)
            .await?
            .into_iter()
            .flatten()
            .map(|transfer| transfer.id())
            .collect();
        let voids: Vec<TransferId> = made
            .iter()
            .map(|id| TransferId::derive(id, "void"))
            .collect();
        let voided = self.ledger.transfers(&voids).await?;
        let mut standing = made.into_iter().zip(voided).filter(|(_, v)| v.is_none());
        Ok(standing.next().map(|(id, _)| id))
    }

    /// Posts all that follows from what became of `lines`.
    pub(super) async fn post(&self, lines: &[Line], stamp: &Stamp) -> Result<()> {
        let replaced: Vec<PaymentId> = lines
            .iter()
            .filter_map(|line| line.instruction().replaces)
            .collect();
        let replaced: HashMap<PaymentId, Line> = self
            .find(&replaced)
            .await?
            .into_iter()
            .map(|line| (line.id(), line))
            .collect();
        let mut transfers = Vec::new();
        for line in lines {
            let before = line.instruction().replaces.and_then(|id| replaced.get(&id));
            transfers.extend(posting::transfers(line, before)?);
        }
        check(&self.book(&transfers, stamp).await?)
    }

    /// Posts all that follows from what became of `batch`, or only of its
    /// reissues and what they stand in for.
    pub(super) async fn post_batch(
        &self,
        batch: &Batch,
        only_reissues: bool,
        stamp: &Stamp,
    ) -> Result<()> {
        let mut page = Page::largest();
        loop {
            let found = self.store.lines(batch.id(), &[], &page).await?;
            let next = found.next().cloned();
            let mut lines = found.into_items();
            lines.retain(|line| !only_reissues || line.instruction().replaces.is_some());
            let replaced: Vec<PaymentId> = lines
                .iter()
                .filter_map(|line| line.instruction().replaces)
                .collect();
            self.post(&self.find(&replaced).await?, stamp).await?;
            self.post(&lines, stamp).await?;
            match next {
                Some(cursor) => page = page.after(cursor),
                None => return Ok(()),
            }
        }
    }

    /// Books the fees among `findings`; a fee that the budget does not cover
    /// is told, and nothing else waits for it.
    pub(super) async fn charge(
        &self,
        findings: &mut Vec<Finding>,
        lines: &[Line],
        stamp: &Stamp,
    ) -> Result<()> {
        let lines: HashMap<PaymentId, &Line> = lines.iter().map(|l| (l.id(), l)).collect();
        let (mut entries, mut transfers) = (Vec::<EntryId>::new(), Vec::new());
        for finding in findings.iter() {
            let Finding::Fee {
                payment: Some(payment),
                entry,
                amount,
            } = finding
            else {
                continue;
            };
            let Some(line) = lines.get(payment) else {
                continue;
            };
            if amount.is_positive() && amount.currency() == line.amount().currency() {
                transfers.push(posting::charge(line, entry, *amount)?);
                entries.push(entry.clone());
            }
        }
        for (entry, (id, status)) in entries.into_iter().zip(self.book(&transfers, stamp).await?) {
            match status {
                CreateTransferStatus::ExceedsCredits | CreateTransferStatus::IdAlreadyFailed => {
                    findings.push(Finding::FeeNotCovered { entry });
                }
                status => check(&[(id, status)])?,
            }
        }
        Ok(())
    }

    /// Makes sure that what the released batches among those of `lines` pay
    /// with is set aside: a process may have been killed just before.
    pub(super) async fn commit_for(&self, lines: &[Line], stamp: &Stamp) -> Result<()> {
        let batches: BTreeSet<BatchId> = lines.iter().map(Line::origin).collect();
        for batch in batches {
            let batch = self.store.get(batch).await?;
            if batch.state() == BatchState::Released {
                self.commit(&batch, stamp).await?;
            }
        }
        Ok(())
    }

    async fn book(
        &self,
        transfers: &[NewTransfer],
        stamp: &Stamp,
    ) -> Result<Vec<(TransferId, CreateTransferStatus)>> {
        let mut answers = Vec::with_capacity(transfers.len());
        for chunk in transfers.chunks(LEDGER_BATCH_MAX) {
            let statuses = self.ledger.create_transfers(chunk, stamp.at()).await?;
            answers.extend(chunk.iter().map(|transfer| transfer.id).zip(statuses));
        }
        Ok(answers)
    }
}

fn attempts(batch: &Batch) -> impl Iterator<Item = TransferId> {
    let (id, digest) = (batch.id(), batch.digest());
    (0..ATTEMPTS_MAX).map(move |n| TransferId::derive(&id, &format!("commit:{digest}:{n}")))
}

/// Every transfer must be held: what it follows from is recorded.
fn check(answers: &[(TransferId, CreateTransferStatus)]) -> Result<()> {
    match answers.iter().find(|(_, status)| !status.is_held()) {
        None => Ok(()),
        Some((transfer, status)) => Err(Error::Ledger {
            transfer: *transfer,
            status: *status,
        }),
    }
}
