//! A second ledger, so small that it is obviously right: it keeps what was
//! said, and adds everything up afresh whenever it is asked. The state machine
//! agrees with it on random histories.

use std::collections::BTreeMap;

use solidarity_core::testing::{Random, seed};
use uuid::Uuid;

use super::CreateTransferStatus::{self as Status, Created, LinkedEventFailed};
use super::{
    AMOUNT_MAX, AccountCode, AccountFlags, AccountId, Balances, LedgerNumber, LedgerState,
    NewAccount, NewTransfer, Timestamp, TransferCode, TransferId,
};

const MILLISECOND: u64 = 1_000_000;
const LEDGERS: [u32; 2] = [404, 800];
/// Account n is in ledger n % 2; two thirds have a limit.
const ACCOUNTS: u8 = 6;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Move {
        from: u8,
        to: u8,
        amount: i128,
    },
    Reserve {
        from: u8,
        to: u8,
        amount: i128,
        seconds: u64,
    },
    Post {
        of: u8,
        amount: Option<i128>,
    },
    Void {
        of: u8,
    },
}

#[derive(Clone, Copy, Debug)]
struct Said {
    id: u8,
    act: Act,
    linked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Posted,
    Voided,
    Expired,
}

#[derive(Clone, Default)]
struct Model {
    booked: BTreeMap<u8, (Act, u64)>,
    fates: BTreeMap<u8, Fate>,
    burnt: Vec<u8>,
}

fn limit(account: u8) -> AccountFlags {
    match account % 3 {
        0 => AccountFlags::NONE,
        1 => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        _ => AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS,
    }
}

impl Model {
    /// `[debits pending, debits posted, credits pending, credits posted]`.
    fn balances(&self, account: u8) -> [i128; 4] {
        let mut sums = [0; 4];
        let mut add = |pending: bool, from: u8, to: u8, amount: i128| {
            if from == account {
                sums[usize::from(!pending)] += amount;
            }
            if to == account {
                sums[2 + usize::from(!pending)] += amount;
            }
        };
        for (id, (act, _)) in &self.booked {
            match *act {
                Act::Move { from, to, amount } => add(false, from, to, amount),
                Act::Reserve {
                    from, to, amount, ..
                } if !self.fates.contains_key(id) => {
                    add(true, from, to, amount);
                }
                Act::Post { of, amount } => {
                    let Act::Reserve { from, to, .. } = self.booked[&of].0 else {
                        unreachable!()
                    };
                    add(false, from, to, amount.unwrap());
                }
                Act::Reserve { .. } | Act::Void { .. } => {}
            }
        }
        sums
    }

    fn expire(&mut self, now: u64) {
        for (id, (act, at)) in &self.booked {
            if let Act::Reserve { seconds, .. } = act
                && *seconds > 0
                && now >= at + seconds * 1_000
            {
                self.fates.entry(*id).or_insert(Fate::Expired);
            }
        }
    }

    fn batch(&mut self, batch: &[Said], now: u64) -> Vec<Status> {
        self.expire(now);
        let mut statuses = Vec::new();
        for chain in batch.split_inclusive(|said| !said.linked) {
            let before = self.clone();
            let mut failed = None;
            for (n, said) in chain.iter().enumerate() {
                let status = self.one(*said, now);
                if status != Created {
                    failed = Some((n, status));
                    break;
                }
            }
            // The last of the batch may not be linked.
            let open = chain.last().is_some_and(|said| said.linked);
            if failed.is_none_or(|(n, _)| open && n + 1 == chain.len()) && open {
                failed = Some((chain.len() - 1, Status::LinkedEventChainOpen));
            }
            let Some((place, status)) = failed else {
                statuses.extend(vec![Created; chain.len()]);
                continue;
            };
            *self = before;
            if status.is_transient() {
                self.burnt.push(chain[place].id);
            }
            for n in 0..chain.len() {
                statuses.push(match n {
                    n if n == place => status,
                    n if open && n + 1 == chain.len() => Status::LinkedEventChainOpen,
                    _ => LinkedEventFailed,
                });
            }
        }
        statuses
    }

    fn one(&mut self, said: Said, now: u64) -> Status {
        // Ids say what they are: see `random_act`.
        if self.booked.contains_key(&said.id) {
            return Status::Exists;
        }
        if self.burnt.contains(&said.id) {
            return Status::IdAlreadyFailed;
        }
        let mut act = said.act;
        match &mut act {
            Act::Move { from, to, amount }
            | Act::Reserve {
                from, to, amount, ..
            } => {
                if from == to {
                    return Status::AccountsMustBeDifferent;
                }
                if *from >= ACCOUNTS {
                    return Status::DebitAccountNotFound;
                }
                if *to >= ACCOUNTS {
                    return Status::CreditAccountNotFound;
                }
                if *from % 2 != *to % 2 {
                    return Status::AccountsMustHaveTheSameLedger;
                }
                let [dp, d, _, c] = self.balances(*from);
                if *from % 3 == 1 && dp + d + *amount > c {
                    return Status::ExceedsCredits;
                }
                let [_, d, cp, c] = self.balances(*to);
                if *to % 3 == 2 && cp + c + *amount > d {
                    return Status::ExceedsDebits;
                }
            }
            Act::Post { of, .. } | Act::Void { of } => {
                let of = *of;
                if of == said.id {
                    return Status::PendingIdMustBeDifferent;
                }
                let Some((settled, _)) = self.booked.get(&of).copied() else {
                    return Status::PendingTransferNotFound;
                };
                let Act::Reserve { amount: most, .. } = settled else {
                    return Status::PendingTransferNotPending;
                };
                if let Act::Post { amount, .. } = &mut act {
                    let posted = amount.unwrap_or(most);
                    if posted > most {
                        return Status::ExceedsPendingTransferAmount;
                    }
                    *amount = Some(posted);
                }
                match self.fates.get(&of) {
                    Some(Fate::Posted) => return Status::PendingTransferAlreadyPosted,
                    Some(Fate::Voided) => return Status::PendingTransferAlreadyVoided,
                    Some(Fate::Expired) => return Status::PendingTransferExpired,
                    None => {}
                }
                let posted = matches!(act, Act::Post { .. });
                self.fates
                    .insert(of, if posted { Fate::Posted } else { Fate::Voided });
            }
        }
        self.booked.insert(said.id, (act, now));
        Created
    }
}

/// An id always says the same, so that a repeat is one.
fn random_act(history: u64, id: u8) -> Act {
    let mut random = Random::new(history.wrapping_mul(1_000_003) + u64::from(id));
    let mut below = |bound: u64| u8::try_from(random.below(bound)).unwrap();
    let (kind, from, to) = (below(10), below(7), below(7));
    let (amount, seconds) = (i128::from(below(20)), u64::from(below(4)));
    let of = id.saturating_sub(below(8));
    match kind {
        0..=3 => Act::Move { from, to, amount },
        4..=6 => Act::Reserve {
            from,
            to,
            amount,
            seconds,
        },
        7 => Act::Post {
            of,
            amount: Some(amount),
        },
        8 => Act::Post { of, amount: None },
        _ => Act::Void { of },
    }
}

fn account_id(n: u8) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(u128::from(n) + 1))
}

fn transfer_id(n: u8) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(u128::from(n) + 1))
}

fn ledger_of(account: u8) -> LedgerNumber {
    LedgerNumber::new(LEDGERS[usize::from(account % 2)])
}

fn new_transfer(said: Said) -> NewTransfer {
    let id = transfer_id(said.id);
    let amount = |amount: i128| amount.unsigned_abs();
    let code = TransferCode::new(1);
    let between = |from, to, sum| {
        NewTransfer::new(
            id,
            account_id(from),
            account_id(to),
            ledger_of(from),
            amount(sum),
            code,
        )
    };
    let new = match said.act {
        Act::Move { from, to, amount } => between(from, to, amount),
        Act::Reserve {
            from,
            to,
            amount,
            seconds,
        } => between(from, to, amount).as_pending(u32::try_from(seconds).unwrap()),
        Act::Post { of, amount: sum } => {
            NewTransfer::post(id, transfer_id(of), sum.map_or(AMOUNT_MAX, amount))
        }
        Act::Void { of } => NewTransfer::void(id, transfer_id(of)),
    };
    if said.linked { new.as_linked() } else { new }
}

/// What must hold after every step, whatever happened.
fn check_invariants(state: &LedgerState, now: Timestamp) {
    let accounts = state.accounts_at(&(0..ACCOUNTS).map(account_id).collect::<Vec<_>>(), now);
    for ledger in LEDGERS {
        let all: Vec<Balances> = accounts
            .iter()
            .flatten()
            .filter(|account| account.body().ledger.get() == ledger)
            .map(|account| account.balances())
            .collect();
        let sum = |of: fn(&Balances) -> u128| all.iter().map(of).sum::<u128>();
        assert_eq!(sum(|b| b.debits_posted), sum(|b| b.credits_posted));
        assert_eq!(sum(|b| b.debits_pending), sum(|b| b.credits_pending));
    }
    for account in accounts.iter().flatten() {
        let (flags, b) = (account.body().flags, account.balances());
        if flags.contains(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS) {
            assert!(b.debits_pending + b.debits_posted <= b.credits_posted);
        }
        if flags.contains(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS) {
            assert!(b.credits_pending + b.credits_posted <= b.debits_posted);
        }
    }
}

#[test]
fn the_machine_agrees_with_the_model_on_ten_thousand_histories() {
    let first = seed();
    for history in first..first + 10_000 {
        run(history, 50);
    }
}

fn run(history: u64, steps: usize) {
    let mut random = Random::new(history);
    let (mut state, mut model) = (LedgerState::new(), Model::default());
    let accounts: Vec<NewAccount> = (0..ACCOUNTS)
        .map(|n| {
            NewAccount::new(account_id(n), ledger_of(n), AccountCode::new(1)).with_flags(limit(n))
        })
        .collect();
    let mut now = 1_000_000;
    let at = |now: u64| Timestamp::from_nanos(now * MILLISECOND);
    state.create_accounts(&accounts, at(now)).unwrap();
    let mut fresh = 0_u8;
    for step in 0..steps {
        // Steps of 700 ms never add up to the whole seconds of a timeout.
        now += 700 * random.below(2);
        let batch: Vec<Said> = (0..=random.below(3))
            .map(|_| {
                if random.chance(75) {
                    fresh = fresh.saturating_add(1);
                }
                let id = fresh.saturating_sub(if random.chance(75) {
                    0
                } else {
                    u8::try_from(random.below(10)).unwrap()
                });
                let act = random_act(history, id);
                Said {
                    id,
                    act,
                    linked: random.chance(20) && !matches!(act, Act::Void { .. }),
                }
            })
            .collect();
        let transfers: Vec<NewTransfer> = batch.iter().copied().map(new_transfer).collect();
        let found = state.create_transfers(&transfers, at(now)).unwrap();
        let due = model.batch(&batch, now);
        // Whether it was linked takes part in what a transfer says.
        let same = |found: &Status, due: &Status| {
            found == due || (*found, *due) == (Status::ExistsWithDifferentFlags, Status::Exists)
        };
        let agree = found.len() == due.len() && found.iter().zip(&due).all(|(f, d)| same(f, d));
        assert!(
            agree,
            "history {history}, step {step}: {batch:?}: {found:?}, not {due:?}"
        );
        let ids: Vec<AccountId> = (0..ACCOUNTS).map(account_id).collect();
        for (n, account) in (0..ACCOUNTS).zip(state.accounts_at(&ids, at(now))) {
            let b = account.unwrap().balances();
            let sums = [
                b.debits_pending,
                b.debits_posted,
                b.credits_pending,
                b.credits_posted,
            ];
            let due = model.balances(n).map(i128::unsigned_abs);
            assert_eq!(sums, due, "history {history}, step {step}: account {n}");
        }
        check_invariants(&state, at(now));
    }
}
