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
        EntryKind::Credit | EntryKind::Return { .. } => Finding::UnknownPayment { entry: id, amount },
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
