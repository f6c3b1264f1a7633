use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::Page;
use solidarity_core::testing::{Harness, Random};

use super::{account, account_id, at, transfer_id};
use crate::{
    AMOUNT_MAX, AccountFilter, AccountFlags, Ledger, LedgerNumber, MemoryLedger, NewAccount,
    NewTransfer, Side, Timestamp, TransferCode, TransferFlags, TransferId,
};

/// Does the same `steps` random things to the subject and to a
/// [`MemoryLedger`], and expects the same answers after every one.
///
/// Everything is drawn from small pools, so that ids are used again,
/// reservations settled twice, limits met, chains broken and timeouts over.
///
/// # Panics
///
/// If the two ever differ.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn Ledger>, seed: u64, steps: usize) {
    println!("seed {seed}");
    let mut draw = Draw {
        random: Random::new(seed),
        now: at(0),
        fresh: 0,
        sent: Vec::new(),
    };
    let (mut subject, memory) = (harness.open().await, MemoryLedger::new());
    for step in 0..steps {
        let now = draw.time();
        let context = || format!("seed {seed}, step {step}");
        match draw.random.below(20) {
            0..=2 => {
                let batch = draw.accounts();
                let answers = subject.create_accounts(&batch, now).await.unwrap();
                let expected = memory.create_accounts(&batch, now).await.unwrap();
                assert_eq!(answers, expected, "{}: {batch:?}", context());
            }
            3 if draw.random.chance(20) => subject = harness.reopen(subject).await,
            _ => {
                let batch = draw.transfers();
                let answers = subject.create_transfers(&batch, now).await.unwrap();
                let expected = memory.create_transfers(&batch, now).await.unwrap();
                assert_eq!(answers, expected, "{}: {batch:?}", context());
                let ids: Vec<_> = batch.iter().map(|transfer| transfer.id).collect();
                assert_eq!(
                    subject.transfers(&ids).await.unwrap(),
                    memory.transfers(&ids).await.unwrap(),
                    "{}",
                    context()
                );
            }
        }
        same_reads(&subject, &memory, &mut draw, now, &context()).await;
    }
}

/// Reads the same of both.
async fn same_reads(
    subject: &Arc<dyn Ledger>,
    memory: &MemoryLedger,
    draw: &mut Draw,
    now: DateTime<Utc>,
    context: &str,
) {
    let ids: Vec<_> = ACCOUNTS.map(account_id).collect();
    let later = now + TimeDelta::seconds(i64::from(draw.small(4)));
    assert_eq!(
        subject.accounts(&ids, later).await.unwrap(),
        memory.accounts(&ids, later).await.unwrap(),
        "{context}: accounts at {later}"
    );
    let (filter, mut page) = (draw.filter(), Page::of(3).unwrap());
    for _ in 0..3 {
        let transfers = subject.account_transfers(&filter, &page).await.unwrap();
        let balances = subject.account_balances(&filter, &page).await.unwrap();
        let expected = memory.account_transfers(&filter, &page).await.unwrap();
        assert_eq!(transfers, expected, "{context}: {filter:?}");
        let expected = memory.account_balances(&filter, &page).await.unwrap();
        assert_eq!(balances, expected, "{context}: {filter:?}");
        match transfers.next() {
            Some(cursor) => page = page.after(cursor.clone()),
            None => break,
        }
    }
}

const ACCOUNTS: RangeInclusive<u128> = 0..=9;

/// Draws what to do next.
struct Draw {
    random: Random,
    now: DateTime<Utc>,
    /// The last transfer id that was new.
    fresh: u128,
    /// The transfers sent last, to be sent again and settled.
    sent: Vec<NewTransfer>,
}

impl Draw {
    /// Mostly a little later, sometimes back.
    fn time(&mut self) -> DateTime<Utc> {
        let step = i64::from(self.small(700));
        self.now += TimeDelta::milliseconds(step);
        if self.random.chance(5) {
            return self.now - TimeDelta::seconds(10);
        }
        self.now
    }

    fn small(&mut self, bound: u64) -> u32 {
        u32::try_from(self.random.below(bound)).unwrap_or_default()
    }

    /// Each of the bits, with its chance in a hundred.
    fn flags(&mut self, each: &[(u16, u64)]) -> u16 {
        each.iter().fold(0, |bits, (flag, percent)| {
            if self.random.chance(*percent) {
                bits | flag
            } else {
                bits
            }
        })
    }

    fn account_number(&mut self) -> u128 {
        if self.random.chance(2) {
            return 0;
        }
        1 + u128::from(self.random.below(9))
    }

    fn ledger(&mut self) -> LedgerNumber {
        LedgerNumber::new(if self.random.chance(3) {
            self.small(3)
        } else {
            404
        })
    }

    /// Around now, where imported events are decided.
    fn imported_time(&mut self, imported: bool) -> Timestamp {
        if !imported && !self.random.chance(1) {
            return Timestamp::ZERO;
        }
        let now = Timestamp::try_from(self.now).map_or(0, Timestamp::nanos);
        Timestamp::from_nanos((now + self.random.below(43)).saturating_sub(40))
    }

    fn accounts(&mut self) -> Vec<NewAccount> {
        let imported = self.random.chance(20);
        (0..self.small(5))
            .map(|_| {
                let bits = self.flags(&[
                    (AccountFlags::LINKED.bits(), 10),
                    (AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS.bits(), 30),
                    (AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS.bits(), 10),
                    (AccountFlags::HISTORY.bits(), 50),
                    (AccountFlags::IMPORTED.bits(), if imported { 95 } else { 2 }),
                    (AccountFlags::CLOSED.bits(), 1),
                    (1 << 12, 1),
                ]);
                let mut new = account(self.account_number(), AccountFlags::from_bits(bits));
                new.ledger = self.ledger();
                new.user_data_32 = u32::from(self.random.chance(5));
                new.timestamp = self.imported_time(new.flags.contains(AccountFlags::IMPORTED));
                new
            })
            .collect()
    }

    fn transfers(&mut self) -> Vec<NewTransfer> {
        let imported = self.random.chance(10);
        let batch: Vec<NewTransfer> = (0..self.small(7))
            .map(|_| {
                let mut new = match self.random.below(10) {
                    0 => self.again(),
                    1..=3 => self.settling(),
                    _ => self.moving(),
                };
                self.spoil(&mut new, imported);
                new
            })
            .collect();
        self.sent.extend(&batch);
        let old = self.sent.len().saturating_sub(60);
        self.sent.drain(..old);
        batch
    }

    fn id(&mut self) -> TransferId {
        if self.random.chance(96) {
            self.fresh += 1;
        }
        transfer_id(self.fresh)
    }

    fn amount(&mut self) -> u128 {
        match self.random.below(100) {
            0 => AMOUNT_MAX,
            1 => AMOUNT_MAX - u128::from(self.random.below(100)),
            _ => u128::from(self.random.below(50)),
        }
    }

    /// One that was sent before, at times with something changed.
    fn again(&mut self) -> NewTransfer {
        let Some(mut new) = self.random.pick(&self.sent).copied() else {
            return self.moving();
        };
        match self.random.below(12) {
            0 => new.amount = self.amount(),
            1 => new.code = TransferCode::new(2),
            2 => new.credit_account = account_id(self.account_number()),
            3 => new.user_data_128 = 1,
            4 => new.timeout_seconds += 1,
            _ => {}
        }
        new
    }

    /// A post or void of what was sent before.
    fn settling(&mut self) -> NewTransfer {
        let pending = self.sent.iter().rev();
        let pending: Vec<NewTransfer> = pending
            .filter(|sent| sent.flags.contains(TransferFlags::PENDING))
            .take(12)
            .copied()
            .collect();
        let Some(pending) = self.random.pick(&pending).copied() else {
            return self.moving();
        };
        let amount = match self.random.below(4) {
            0 => self.amount(),
            1 => pending.amount,
            _ => AMOUNT_MAX,
        };
        let mut new = if self.random.chance(70) {
            NewTransfer::post(self.id(), pending.id, amount)
        } else {
            NewTransfer::void(self.id(), pending.id)
        };
        match self.random.below(20) {
            0 => new.debit_account = account_id(self.account_number()),
            1 => new.credit_account = pending.credit_account,
            2 => new.ledger = self.ledger(),
            3 => new.pending_id = self.random.pick(&self.sent).map(|sent| sent.id),
            _ => {}
        }
        new
    }

    fn moving(&mut self) -> NewTransfer {
        let (debit, credit) = (self.account_number(), self.account_number());
        let mut new = super::transfer(0, debit, credit, self.amount());
        new.id = self.id();
        if self.random.chance(45) {
            let timeout = self.small(5);
            new = new.as_pending(timeout);
        }
        let bits = self.flags(&[
            (TransferFlags::BALANCING_DEBIT.bits(), 8),
            (TransferFlags::BALANCING_CREDIT.bits(), 8),
            (TransferFlags::CLOSING_DEBIT.bits(), 1),
            (TransferFlags::CLOSING_CREDIT.bits(), 1),
        ]);
        new.with_flags(TransferFlags::from_bits(bits))
    }

    /// Links, marks and breaks what is otherwise right.
    fn spoil(&mut self, new: &mut NewTransfer, imported: bool) {
        let bits = self.flags(&[
            (TransferFlags::LINKED.bits(), 15),
            (
                TransferFlags::IMPORTED.bits(),
                if imported { 95 } else { 1 },
            ),
            (1 << 13, 1),
        ]);
        new.flags = new.flags.with(TransferFlags::from_bits(bits));
        new.timestamp = self.imported_time(new.flags.contains(TransferFlags::IMPORTED));
        if imported && self.random.chance(80) {
            new.timeout_seconds = 0;
        }
        if self.random.chance(5) {
            new.user_data_64 = 1;
        }
        if self.random.chance(1) {
            new.id = transfer_id(0);
        }
    }

    fn filter(&mut self) -> AccountFilter {
        let mut filter = AccountFilter::new(account_id(self.account_number()));
        filter.side = match self.random.below(4) {
            0 => Side::Debit,
            1 => Side::Credit,
            _ => Side::Both,
        };
        filter.latest_first = self.random.chance(50);
        if self.random.chance(10) {
            filter.user_data_64 = Some(self.random.below(2));
        }
        if self.random.chance(10) {
            filter.code = Some(TransferCode::new(2));
        }
        let now = Timestamp::try_from(self.now).unwrap_or_default();
        let back = Timestamp::from_nanos(now.nanos().saturating_sub(10_000_000_000));
        if self.random.chance(20) {
            filter.from = Some(back);
        }
        if self.random.chance(20) {
            filter.until = Some(back);
        }
        filter
    }
}
