use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use solidarity_core::{Currency, Money, MoneyError};

use crate::{Line, LineState, Receipt};

/// Where a payment counts. Every [`LineState`] has exactly one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the control totals are the sum of exactly these"
)]
pub enum Bucket {
    /// Paid out by the rail. Not *received*: only the payee says that.
    Credited,
    /// Handed to the rail, or being handed to it.
    InFlight,
    /// Not yet handed to the rail.
    NotSubmitted,
    /// Refused by the rail.
    Rejected,
    /// Come back.
    Returned,
    /// Given up.
    Cancelled,
    /// Unknown, or contradicted.
    Unresolved,
}

impl Bucket {
    /// Every bucket, in the order of the equation.
    pub const ALL: [Self; 7] = [
        Self::Credited,
        Self::InFlight,
        Self::NotSubmitted,
        Self::Rejected,
        Self::Returned,
        Self::Cancelled,
        Self::Unresolved,
    ];

    /// Its name: `in_flight`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credited => "credited",
            Self::InFlight => "in_flight",
            Self::NotSubmitted => "not_submitted",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Unresolved => "unresolved",
        }
    }
}

/// How many payments, and how much money.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// How many.
    pub payments: u64,
    /// How much.
    pub amount: Money,
}

impl Tally {
    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self {
            payments: 0,
            amount: Money::zero(currency),
        }
    }

    fn plus(self, other: Self) -> Result<Self, Imbalance> {
        Ok(Self {
            payments: self.payments + other.payments,
            amount: self.amount.checked_add(other.amount)?,
        })
    }

    fn minus(self, other: Self) -> Result<Self, Imbalance> {
        let amount = self.amount.checked_sub(other.amount)?;
        match self.payments.checked_sub(other.payments) {
            Some(payments) if amount.minor() >= 0 => Ok(Self { payments, amount }),
            _ => Err(Imbalance::Overdrawn { by: amount }),
        }
    }
}

/// The control totals do not add up.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Imbalance {
    /// The buckets do not add up to the envelope.
    #[error("the buckets are {by} and {payments} payments off the envelope of {envelope}")]
    #[non_exhaustive]
    Off {
        /// What there is to pay.
        envelope: Money,
        /// How much too much, or too little, the buckets hold.
        by: Money,
        /// How many payments too many, or too few.
        payments: i128,
    },
    /// A payment leaves a bucket that does not hold it.
    #[error("a bucket would hold {by}")]
    #[non_exhaustive]
    Overdrawn {
        /// What it would hold.
        by: Money,
    },
    /// Sums in two currencies, or beyond the largest amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What became of an envelope of money, to the last cent:
///
/// `envelope = credited + in_flight + not_submitted + rejected + returned + cancelled + unresolved`
///
/// The envelope is the sum of the entitlements that the batch was the first
/// to pay. A payment that stands in for another counts where that one's
/// entitlement was first paid, and the replaced one counts no more: a reissue
/// counts once, and no event changes an envelope. Fees are kept apart and
/// reduce nothing.
///
/// ```
/// use solidarity_core::Currency;
/// use solidarity_payments::{Bucket, ControlTotals};
///
/// let kes: Currency = "KES".parse()?;
/// let totals = ControlTotals::over(kes, [])?;
/// assert!(totals.check().is_ok());
/// assert_eq!(totals.bucket(Bucket::Credited).payments, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ControlTotals {
    envelope: Tally,
    #[serde(flatten)]
    buckets: BTreeMap<Bucket, Tally>,
    contested: Tally,
    fees: Money,
    confirmed_by_payee: Tally,
    denied_by_payee: Tally,
}

impl ControlTotals {
    /// The totals of an empty envelope.
    #[must_use]
    pub fn empty(currency: Currency) -> Self {
        let zero = Tally::zero(currency);
        Self {
            envelope: zero,
            buckets: Bucket::ALL.map(|bucket| (bucket, zero)).into(),
            contested: zero,
            fees: Money::zero(currency),
            confirmed_by_payee: zero,
            denied_by_payee: zero,
        }
    }

    /// The totals of `lines`: all those of one origin, or of several.
    ///
    /// # Errors
    ///
    /// [`Imbalance::Money`] if the lines are in another currency or too much;
    /// [`Imbalance::Off`] if a payment stands in for one that is not there.
    pub fn over<'a>(
        currency: Currency,
        lines: impl IntoIterator<Item = &'a Line>,
    ) -> Result<Self, Imbalance> {
        let mut totals = Self::empty(currency);
        for line in lines {
            if line.instruction().replaces.is_none() {
                totals.envelope = totals.envelope.plus(tally(line))?;
            }
            totals.count(line)?;
        }
        totals.check()?;
        Ok(totals)
    }

    /// These totals and `other`'s: of several batches, a whole cycle.
    ///
    /// # Errors
    ///
    /// [`Imbalance::Money`] for two currencies, or too much.
    pub fn plus(&self, other: &Self) -> Result<Self, Imbalance> {
        let mut sum = self.clone();
        sum.envelope = sum.envelope.plus(other.envelope)?;
        for (bucket, tally) in &mut sum.buckets {
            *tally = tally.plus(other.bucket(*bucket))?;
        }
        sum.contested = sum.contested.plus(other.contested)?;
        sum.fees = sum.fees.checked_add(other.fees)?;
        sum.confirmed_by_payee = sum.confirmed_by_payee.plus(other.confirmed_by_payee)?;
        sum.denied_by_payee = sum.denied_by_payee.plus(other.denied_by_payee)?;
        Ok(sum)
    }

    /// These totals once `before` has become `after`, if they still add up.
    /// Both are lines of one payment.
    ///
    /// # Errors
    ///
    /// [`Imbalance`], by how much.
    pub fn moved(&self, before: &Line, after: &Line) -> Result<Self, Imbalance> {
        self.changed(&[before], &[after])
    }

    /// These totals once the lines `out` no longer count as they did, and the
    /// lines `into` do.
    ///
    /// # Errors
    ///
    /// [`Imbalance`], by how much.
    pub(crate) fn changed(&self, out: &[&Line], into: &[&Line]) -> Result<Self, Imbalance> {
        let mut totals = self.clone();
        for line in out {
            totals.uncount(line)?;
        }
        for line in into {
            totals.count(line)?;
        }
        totals.check()?;
        Ok(totals)
    }

    fn count(&mut self, line: &Line) -> Result<(), Imbalance> {
        for part in self.parts(line) {
            *part = part.plus(tally(line))?;
        }
        self.fees = self.fees.checked_add(line.fees())?;
        Ok(())
    }

    fn uncount(&mut self, line: &Line) -> Result<(), Imbalance> {
        for part in self.parts(line) {
            *part = part.minus(tally(line))?;
        }
        self.fees = self.fees.checked_sub(line.fees())?;
        Ok(())
    }

    /// The parts of the totals that `line` counts in, besides the envelope
    /// and the fees.
    fn parts(&mut self, line: &Line) -> impl Iterator<Item = &mut Tally> {
        let bucket = line.bucket();
        let contested = bucket.is_none() && line.state() == LineState::Unresolved;
        let counted = bucket.and_then(|bucket| self.buckets.get_mut(&bucket));
        let receipt = match line.receipt() {
            Some(Receipt::Received) => Some(&mut self.confirmed_by_payee),
            Some(Receipt::NotReceived) => Some(&mut self.denied_by_payee),
            None => None,
        };
        let contested = contested.then_some(&mut self.contested);
        [counted, receipt, contested].into_iter().flatten()
    }

    /// Checks the equation, in money and in payments.
    ///
    /// # Errors
    ///
    /// [`Imbalance::Off`], by how much.
    pub fn check(&self) -> Result<(), Imbalance> {
        let mut sum = Tally::zero(self.envelope.amount.currency());
        for tally in self.buckets.values() {
            sum = sum.plus(*tally)?;
        }
        if sum == self.envelope {
            return Ok(());
        }
        Err(Imbalance::Off {
            envelope: self.envelope.amount,
            by: sum.amount.checked_sub(self.envelope.amount)?,
            payments: i128::from(sum.payments) - i128::from(self.envelope.payments),
        })
    }

    /// What there is to pay: each entitlement once.
    #[must_use]
    pub const fn envelope(&self) -> Tally {
        self.envelope
    }

    /// What counts in `bucket`.
    #[must_use]
    pub fn bucket(&self, bucket: Bucket) -> Tally {
        let zero = Tally::zero(self.envelope.amount.currency());
        self.buckets.get(&bucket).copied().unwrap_or(zero)
    }

    /// Replaced payments that a rail later contradicted, outside the
    /// equation: money that may have been paid twice, to be claimed back.
    #[must_use]
    pub const fn contested(&self) -> Tally {
        self.contested
    }

    /// What rails charged, outside the equation.
    #[must_use]
    pub const fn fees(&self) -> Money {
        self.fees
    }

    /// What payees say that they have, outside the equation.
    #[must_use]
    pub const fn confirmed_by_payee(&self) -> Tally {
        self.confirmed_by_payee
    }

    /// What payees say that they do not have, outside the equation.
    #[must_use]
    pub const fn denied_by_payee(&self) -> Tally {
        self.denied_by_payee
    }
}

/// The proof line: `120.00 KES = 90.00 credited + 30.00 in_flight`, without
/// the buckets that are empty.
impl fmt::Display for ControlTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} =", self.envelope.amount)?;
        let mut plus = "";
        for bucket in Bucket::ALL {
            let tally = self.bucket(bucket);
            if tally.payments > 0 {
                write!(f, "{plus} {} {}", tally.amount.amount(), bucket.name())?;
                plus = " +";
            }
        }
        if plus.is_empty() {
            f.write_str(" 0")?;
        }
        Ok(())
    }
}

fn tally(line: &Line) -> Tally {
    Tally {
        payments: 1,
        amount: line.amount(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;
    use solidarity_core::{EntitlementId, PaymentId, PersonId, ProgrammeId};

    use super::*;
    use crate::{
        BatchId, EventKind, FinancialAddress, Instruction, LineEvent, RailCode, RailReference,
        Reason, Resolution, transition,
    };

    fn kes() -> Currency {
        "KES".parse().unwrap()
    }

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn line(n: u8, minor: i128) -> Line {
        let person = PersonId::derive(&PersonId::from_uuid(Default::default()), &n.to_string());
        let batch = BatchId::derive(&PersonId::from_uuid(Default::default()), "batch");
        let instruction = Instruction::new(
            PaymentId::derive(&person, "payment"),
            person,
            FinancialAddress::account(RailCode::from_static("bank"), "1").unwrap(),
            Money::from_minor(minor, kes()).unwrap(),
            EntitlementId::derive(&person, "entitlement"),
        );
        let programme = ProgrammeId::derive(&person, "programme");
        Line::begin(instruction, batch, programme, batch, at(0))
    }

    fn event(n: u8, amount: Money) -> EventKind {
        let entry = None;
        match n {
            0 => EventKind::Submitting,
            1 => EventKind::AnswerLost,
            2 => EventKind::NotKnown,
            3 => EventKind::Accepted {
                reference: RailReference::from_static("r"),
            },
            4 => EventKind::Rejected {
                reason: Reason::AccountClosed,
            },
            5 => EventKind::Credited { amount, entry },
            6 => EventKind::Returned {
                amount,
                reason: Reason::NotCollected,
                entry,
            },
            7 => EventKind::Cancelled,
            8 => EventKind::FeeCharged { amount },
            9 => EventKind::ReceiptStated {
                receipt: Receipt::Received,
            },
            10 => EventKind::ReceiptStated {
                receipt: Receipt::NotReceived,
            },
            _ => EventKind::Resolved {
                to: Resolution::Credited,
            },
        }
    }

    proptest! {
        /// Whatever happens to whichever payment: the equation holds after
        /// every event, the envelope stands, and moving gives what counting
        /// gives.
        #[test]
        fn the_equation_holds_at_every_event(
            events in proptest::collection::vec((0_usize..4, 0_u8..12, 0_i64..9, 0_i128..3), 0..60),
        ) {
            let mut lines: Vec<Line> = (0..4).map(|n| line(n, 1_000 + i128::from(n))).collect();
            let mut totals = ControlTotals::over(kes(), &lines).unwrap();
            let envelope = totals.envelope();
            for (at_line, kind, hours, off) in events {
                let before = lines[at_line].clone();
                let other = Money::from_minor(before.amount().minor() + (off / 2), kes()).unwrap();
                let event = LineEvent::act(&before, at(hours), event(kind, other));
                let Ok(after) = transition(&before, &event, at(hours)) else {
                    continue;
                };
                totals = totals.moved(&before, &after).unwrap();
                lines[at_line] = after;
                prop_assert_eq!(totals.check(), Ok(()));
                prop_assert_eq!(totals.envelope(), envelope);
                prop_assert_eq!(&totals, &ControlTotals::over(kes(), &lines).unwrap());
            }
        }
    }

    #[test]
    fn every_state_has_a_bucket_and_every_bucket_a_state() {
        for bucket in Bucket::ALL {
            assert!(LineState::ALL.iter().any(|state| state.bucket() == bucket));
        }
        assert_ne!(
            LineState::Unknown.bucket(),
            Bucket::Rejected,
            "unknown is not failed"
        );
    }

    #[test]
    fn an_imbalance_says_by_how_much() {
        let (a, b) = (line(1, 1_000), line(2, 500));
        let totals = ControlTotals::over(kes(), [&a]).unwrap();
        match totals.changed(&[], &[&b]) {
            Err(Imbalance::Off {
                envelope,
                by,
                payments,
            }) => {
                let said = (envelope.to_string(), by.to_string(), payments);
                assert_eq!(said, ("10.00 KES".to_owned(), "5.00 KES".to_owned(), 1));
            }
            other => panic!("expected `Off`, got {other:?}"),
        }
        let short = totals.changed(&[&a], &[]);
        assert_eq!(
            short.unwrap_err().to_string(),
            "the buckets are -10.00 KES and -1 payments off the envelope of 10.00 KES"
        );
        let overdrawn = totals.changed(&[&a, &b], &[&b]);
        assert!(matches!(overdrawn, Err(Imbalance::Overdrawn { .. })));
    }

    #[test]
    fn totals_are_written_with_every_bucket_and_read_again() {
        let totals = ControlTotals::over(kes(), [&line(1, 1_000)]).unwrap();
        let json = serde_json::to_value(&totals).unwrap();
        for bucket in Bucket::ALL {
            assert!(json[bucket.name()]["amount"]["amount"].is_string());
        }
        assert_eq!(
            serde_json::from_value::<ControlTotals>(json).unwrap(),
            totals
        );
        assert_eq!(totals.to_string(), "10.00 KES = 10.00 not_submitted");
    }
}
