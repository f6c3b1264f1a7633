//! Statements against what we know, as pure functions.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use solidarity_core::{Money, PaymentId};

use crate::{
    EntryId, EntryKind, EventKind, Line, LineEvent, LineState, RailCode, Reason, StatementEntry,
    transition,
};

/// What one entry of a statement, or the want of one, means.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "finding")]
#[non_exhaustive]
pub enum Finding {
    /// The payee was credited what was asked for.
    #[non_exhaustive]
    Exact {
        /// The payment.
        payment: PaymentId,
        /// The entry.
        entry: EntryId,
    },
    /// Another amount moved than was asked for: the payment is unresolved.
    #[non_exhaustive]
    AmountDiffers {
        /// The payment.
        payment: PaymentId,
        /// The entry.
        entry: EntryId,
        /// What was asked for.
        asked: Money,
        /// What moved.
        moved: Money,
    },
    /// The payment was booked before: reported twice, or paid twice. Ask the
    /// rail which.
    #[non_exhaustive]
    Duplicate {
        /// The payment.
        payment: PaymentId,
        /// The later entry.
        entry: EntryId,
        /// The earlier one.
        first: EntryId,
    },
    /// The money came back.
    #[non_exhaustive]
    Returned {
        /// The payment.
        payment: PaymentId,
        /// The entry.
        entry: EntryId,
        /// Why.
        reason: Reason,
    },
    /// The entry cannot follow what the rail said before, or what we did: the
    /// payment is unresolved.
    #[non_exhaustive]
    Contradiction {
        /// The payment.
        payment: PaymentId,
        /// The entry.
        entry: EntryId,
    },
    /// The entry names no payment of ours on this rail.
    #[non_exhaustive]
    UnknownPayment {
        /// The entry.
        entry: EntryId,
        /// How much moved.
        amount: Money,
    },
    /// A fee.
    #[non_exhaustive]
    Fee {
        /// The payment that it was charged for, if the entry names one.
        payment: Option<PaymentId>,
        /// The entry.
        entry: EntryId,
        /// How much.
        amount: Money,
    },
    /// The fee is not booked: the budget does not cover it.
    #[non_exhaustive]
    FeeNotCovered {
        /// The entry.
        entry: EntryId,
    },
    /// The rail told an entry twice, and not the same. Nothing is made of it.
    #[non_exhaustive]
    Altered {
        /// The entry.
        entry: EntryId,
    },
    /// No word of a payment that was handed over long ago.
    #[non_exhaustive]
    Missing {
        /// The payment.
        payment: PaymentId,
        /// When it was handed over.
        since: DateTime<Utc>,
    },
}

/// What a statement comes to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reconciliation {
    /// What each entry means, by the time of booking.
    pub findings: Vec<Finding>,
    /// What is to be recorded of which entry, in that order. An event's id
    /// follows from the rail and the entry: recorded again, it changes
    /// nothing.
    pub events: Vec<(EntryId, LineEvent)>,
}

/// Compares `entries` of `rail`'s statement with `lines`, those of the
/// payments that the entries name.
///
/// The order of the entries and of the lines does not matter, nor how often
/// an entry is told. Amounts are always compared.
#[must_use]
pub fn reconcile(rail: &RailCode, lines: &[Line], entries: &[StatementEntry]) -> Reconciliation {
    let mut known: HashMap<PaymentId, Line> = lines
        .iter()
        .filter(|line| line.instruction().address.rail() == rail)
        .map(|line| (line.id(), line.clone()))
        .collect();
    let mut told: BTreeMap<&EntryId, Vec<&StatementEntry>> = BTreeMap::new();
    for entry in entries {
        let tellings = told.entry(&entry.id).or_default();
        if !tellings.iter().any(|known| same(known, entry)) {
            tellings.push(entry);
        }
    }
    let mut all = Reconciliation::default();
    let mut entries = Vec::new();
    for (id, tellings) in told {
        match tellings.as_slice() {
            [once] => entries.push(*once),
            _ => all.findings.push(Finding::Altered { entry: id.clone() }),
        }
    }
    entries.sort_by(|a, b| (a.booked_at, &a.id).cmp(&(b.booked_at, &b.id)));
    for entry in entries {
        let line = entry.payment.and_then(|payment| known.get_mut(&payment));
        match line {
            None => all.findings.push(stray(entry)),
            Some(line) => {
                let event = event(rail, line.id(), entry);
                let before = line.clone();
                if let Ok(after) = transition(line, &event, entry.booked_at) {
                    *line = after;
                }
                all.findings.push(finding(&before, line, entry));
                all.events.push((entry.id.clone(), event));
            }
        }
    }
    all
}

/// The payments among `lines` that were handed over `patience` ago or longer
/// and of which nothing is known yet.
#[must_use]
pub fn missing(lines: &[Line], now: DateTime<Utc>, patience: TimeDelta) -> Vec<Finding> {
    lines
        .iter()
        .filter(|line| match line.state() {
            LineState::Submitting | LineState::InFlight | LineState::Unknown => true,
            LineState::Prepared
            | LineState::Credited
            | LineState::Rejected
            | LineState::Returned
            | LineState::Cancelled
            | LineState::Unresolved => false,
        })
        .filter_map(|line| {
            let since = line.submitted_at()?;
            let payment = line.id();
            (now - since >= patience).then_some(Finding::Missing { payment, since })
        })
        .collect()
}

/// Whether two tellings of an entry say the same, wherever they stand.
fn same(one: &StatementEntry, other: &StatementEntry) -> bool {
    let said = |e: &StatementEntry| (e.booked_at, e.payment, e.amount);
    said(one) == said(other) && one.kind == other.kind
}

fn stray(entry: &StatementEntry) -> Finding {
    let (id, amount) = (entry.id.clone(), entry.amount);
    match entry.kind {
        EntryKind::Fee => Finding::Fee {
            payment: None,
            entry: id,
            amount,
        },
        EntryKind::Credit | EntryKind::Return { .. } => {
            Finding::UnknownPayment { entry: id, amount }
        }
    }
}

fn event(rail: &RailCode, payment: PaymentId, entry: &StatementEntry) -> LineEvent {
    let amount = entry.amount;
    let named = Some(entry.id.clone());
    let kind = match &entry.kind {
        EntryKind::Credit => EventKind::Credited {
            amount,
            entry: named,
        },
        EntryKind::Return { reason } => EventKind::Returned {
            amount,
            reason: reason.clone(),
            entry: named,
        },
        EntryKind::Fee => EventKind::FeeCharged { amount },
    };
    let source = format!("{rail}:statement:{}", entry.id);
    LineEvent::news(payment, &source, entry.booked_at, kind)
}

/// What `entry` means, which made `after` of `before`.
fn finding(before: &Line, after: &Line, entry: &StatementEntry) -> Finding {
    let (payment, id, amount) = (before.id(), entry.id.clone(), entry.amount);
    let first = match &entry.kind {
        EntryKind::Fee => {
            return Finding::Fee {
                payment: Some(payment),
                entry: id,
                amount,
            };
        }
        EntryKind::Credit => before.credited_by(),
        EntryKind::Return { .. } => before.returned_by(),
    };
    if amount != before.amount() {
        return Finding::AmountDiffers {
            payment,
            entry: id,
            asked: before.amount(),
            moved: amount,
        };
    }
    if let Some(first) = first.filter(|first| **first != id) {
        let (entry, first) = (id, first.clone());
        return Finding::Duplicate {
            payment,
            entry,
            first,
        };
    }
    if after.state() == LineState::Unresolved {
        return Finding::Contradiction { payment, entry: id };
    }
    match &entry.kind {
        EntryKind::Return { reason } => Finding::Returned {
            payment,
            entry: id,
            reason: reason.clone(),
        },
        _ => Finding::Exact { payment, entry: id },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use solidarity_core::{Cursor, EntitlementId, PersonId, ProgrammeId, Version};

    use super::*;
    use crate::{BatchId, Bucket, EventId, FinancialAddress, Instruction};

    const BANK: RailCode = RailCode::from_static("bank");

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn money(minor: i128) -> Money {
        Money::from_minor(minor, "KES".parse().unwrap()).unwrap()
    }

    fn payment(n: u8) -> PaymentId {
        PaymentId::derive(&PersonId::from_uuid(Default::default()), &n.to_string())
    }

    /// Payment `n` of 10.00, in `state` since hour 10.
    fn line(n: u8, state: LineState) -> Line {
        let person = PersonId::derive(&payment(n), "payee");
        let batch = BatchId::derive(&person, "batch");
        let instruction = Instruction::new(
            payment(n),
            person,
            FinancialAddress::account(BANK, "1").unwrap(),
            money(1_000),
            EntitlementId::derive(&person, "entitlement"),
        );
        let programme = ProgrammeId::derive(&person, "programme");
        let mut line = Line::begin(instruction, batch, programme, batch, at(10));
        line.state = state;
        line.submitted_at = Some(at(10));
        line.trail = vec![(Version::FIRST, state.bucket())];
        line
    }

    fn entry(id: &str, n: u8, hours: i64, kind: EntryKind, minor: i128) -> StatementEntry {
        let cursor = Cursor::new("x").unwrap();
        let id = EntryId::new(id).unwrap();
        StatementEntry::new(id, cursor, at(hours), kind, Some(payment(n)), money(minor))
    }

    fn back() -> EntryKind {
        EntryKind::Return {
            reason: Reason::AccountClosed,
        }
    }

    fn name(finding: &Finding) -> String {
        let json = serde_json::to_value(finding).unwrap();
        json["finding"].as_str().unwrap().to_owned()
    }

    #[test]
    fn every_entry_is_explained() {
        use EntryKind::{Credit, Fee};
        use LineState::{Cancelled, Credited, InFlight, Prepared, Rejected, Unknown};
        for (state, entries, expected) in [
            (
                InFlight,
                vec![entry("a", 1, 20, Credit, 1_000)],
                vec!["exact"],
            ),
            (
                Unknown,
                vec![entry("a", 1, 20, Credit, 1_000)],
                vec!["exact"],
            ),
            (
                InFlight,
                vec![entry("a", 1, 20, Credit, 999)],
                vec!["amount_differs"],
            ),
            (
                InFlight,
                vec![entry("a", 1, 20, Credit, 1_001)],
                vec!["amount_differs"],
            ),
            (
                InFlight,
                vec![entry("a", 9, 20, Credit, 1_000)],
                vec!["unknown_payment"],
            ),
            (
                Prepared,
                vec![entry("a", 1, 20, Credit, 1_000)],
                vec!["contradiction"],
            ),
            (
                Cancelled,
                vec![entry("a", 1, 20, Credit, 1_000)],
                vec!["contradiction"],
            ),
            (
                Rejected,
                vec![entry("a", 1, 20, Credit, 1_000)],
                vec!["contradiction"],
            ),
            (
                Credited,
                vec![entry("a", 1, 20, back(), 1_000)],
                vec!["returned"],
            ),
            (
                Credited,
                vec![entry("a", 1, 20, back(), 400)],
                vec!["amount_differs"],
            ),
            (InFlight, vec![entry("a", 1, 20, Fee, 15)], vec!["fee"]),
            (InFlight, vec![entry("a", 9, 20, Fee, 15)], vec!["fee"]),
            (
                InFlight,
                vec![
                    entry("a", 1, 20, Credit, 1_000),
                    entry("b", 1, 21, Credit, 1_000),
                ],
                vec!["exact", "duplicate"],
            ),
            (
                InFlight,
                vec![
                    entry("b", 1, 30, back(), 1_000),
                    entry("a", 1, 20, Credit, 1_000),
                ],
                vec!["exact", "returned"],
            ),
            (
                InFlight,
                vec![
                    entry("a", 1, 20, Credit, 1_000),
                    entry("a", 1, 20, Credit, 1_000),
                ],
                vec!["exact"],
            ),
            (
                InFlight,
                vec![
                    entry("a", 1, 20, Credit, 1_000),
                    entry("a", 1, 20, Credit, 900),
                ],
                vec!["altered"],
            ),
        ] {
            let result = reconcile(&BANK, &[line(1, state)], &entries);
            let names: Vec<_> = result.findings.iter().map(name).collect();
            assert_eq!(names, expected, "{state:?} {entries:?}");
        }
    }

    #[test]
    fn another_rail_s_payment_is_not_this_one_s() {
        let entries = [entry("a", 1, 20, EntryKind::Credit, 1_000)];
        let other = RailCode::from_static("post");
        let result = reconcile(&other, &[line(1, LineState::InFlight)], &entries);
        assert_eq!(name(&result.findings[0]), "unknown_payment");
        assert!(result.events.is_empty());
    }

    #[test]
    fn what_is_long_without_news_is_missing() {
        let days = TimeDelta::days(5);
        for state in LineState::ALL {
            let found = |hours| missing(&[line(1, state)], at(hours), days).len();
            let open = matches!(state.bucket(), Bucket::InFlight) || state == LineState::Unknown;
            assert_eq!(
                (found(129), found(130)),
                (0, usize::from(open)),
                "{state:?}"
            );
        }
    }

    /// What a store makes of the events: each id once.
    fn apply(lines: &[Line], known: &mut HashSet<EventId>, result: &Reconciliation) -> Vec<Line> {
        let mut lines = lines.to_vec();
        for (_, event) in &result.events {
            if !known.insert(event.id) {
                continue;
            }
            let line = lines
                .iter_mut()
                .find(|line| line.id() == event.payment)
                .unwrap();
            *line = transition(line, event, at(0)).unwrap_or_else(|_| line.clone());
        }
        lines
    }

    fn any_entry() -> impl Strategy<Value = StatementEntry> {
        let kinds = prop_oneof![
            4 => Just(EntryKind::Credit),
            2 => Just(back()),
            1 => Just(EntryKind::Fee),
        ];
        let amounts = prop_oneof![5 => Just(1_000), 1 => Just(999_i128)];
        (0_u8..30, 0_u8..4, 15_i64..30, kinds, amounts)
            .prop_map(|(id, n, hours, kind, minor)| entry(&id.to_string(), n, hours, kind, minor))
    }

    fn any_lines() -> impl Strategy<Value = Vec<Line>> {
        proptest::collection::vec(0_usize..LineState::ALL.len(), 3).prop_map(|states| {
            (0..)
                .zip(states)
                .map(|(n, s)| line(n, LineState::ALL[s]))
                .collect()
        })
    }

    proptest! {
        /// The order of entries and lines, and how often an entry is told, do
        /// not matter.
        #[test]
        fn the_order_does_not_matter(
            lines in any_lines(),
            (entries, shuffled) in proptest::collection::vec(any_entry(), 0..12)
                .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle())),
        ) {
            let once = reconcile(&BANK, &lines, &entries);
            let mut twice = shuffled.clone();
            twice.extend(shuffled);
            let turned: Vec<Line> = lines.iter().rev().cloned().collect();
            prop_assert_eq!(&once, &reconcile(&BANK, &turned, &twice));
            // Every entry has a finding, and each finding its entry.
            let told: HashSet<_> = entries.iter().map(|entry| entry.id.clone()).collect();
            prop_assert_eq!(once.findings.len(), told.len());
        }

        /// Recorded and reconciled again, nothing more happens.
        #[test]
        fn again_changes_nothing(
            lines in any_lines(),
            entries in proptest::collection::vec(any_entry(), 0..12),
        ) {
            let mut known = HashSet::new();
            let first = reconcile(&BANK, &lines, &entries);
            let after = apply(&lines, &mut known, &first);
            let second = reconcile(&BANK, &after, &entries);
            prop_assert_eq!(apply(&after, &mut known, &second), after);
        }

        /// Only an amount that is exactly what was asked for is ever credited.
        #[test]
        fn nothing_is_credited_but_what_was_asked_for(
            entries in proptest::collection::vec(any_entry(), 0..12),
        ) {
            let lines: Vec<Line> = (0..3).map(|n| line(n, LineState::InFlight)).collect();
            let result = reconcile(&BANK, &lines, &entries);
            for line in apply(&lines, &mut HashSet::new(), &result) {
                let of = |entry: &&StatementEntry| {
                    entry.payment == Some(line.id()) && entry.kind != EntryKind::Fee
                };
                if line.state() == LineState::Credited {
                    let altered = |e: &&StatementEntry| {
                        entries.iter().any(|other| other.id == e.id && !same(other, e))
                    };
                    let all = entries.iter().filter(of).filter(|e| !altered(e));
                    prop_assert!(all.clone().all(|e| e.amount == line.amount()));
                    prop_assert!(all.clone().all(|e| e.kind == EntryKind::Credit));
                    prop_assert!(all.count() > 0);
                }
            }
        }
    }
}
