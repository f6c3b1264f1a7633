//! What the run found: the figures of the summary, the page and `--json`.

use serde::Serialize;
use solidarity_core::Money;

/// The figures that `--json` prints.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) people: u64,
    pub(crate) units: u64,
    pub(crate) eligible: u64,
    pub(crate) ineligible: u64,
    pub(crate) undetermined: u64,
    pub(crate) waiting: u64,
    pub(crate) enrolled: u64,
    pub(crate) exceptions: u64,
    pub(crate) complaints: u64,
    pub(crate) appeals_upheld: u64,
    pub(crate) seconds: u64,
    pub(crate) control_totals: Totals,
}

/// Where the money is: every unit of it in one bucket.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Totals {
    #[serde(serialize_with = "amount")]
    pub(crate) envelope: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) credited: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) in_flight: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) not_submitted: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) rejected: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) returned: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) cancelled: Money,
    #[serde(serialize_with = "amount")]
    pub(crate) unresolved: Money,
}

fn amount<S: serde::Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&money.amount())
}

impl Totals {
    /// The buckets that add up to the envelope, with what each means.
    pub(crate) fn buckets(&self) -> [(&'static str, &'static str, Money); 7] {
        [
            (
                "credited",
                "on the payee's account, says the provider; not yet confirmed by the payee",
                self.credited,
            ),
            (
                "in flight",
                "taken by the provider, not yet booked",
                self.in_flight,
            ),
            (
                "not submitted",
                "not yet given to the provider",
                self.not_submitted,
            ),
            (
                "rejected",
                "refused by the provider, to be paid another way",
                self.rejected,
            ),
            (
                "returned",
                "came back, to be paid another way",
                self.returned,
            ),
            ("cancelled", "withdrawn before it was sent", self.cancelled),
            (
                "unresolved",
                "the provider's answers do not settle it: a person looks",
                self.unresolved,
            ),
        ]
    }

    /// Whether the buckets add up to the envelope.
    pub(crate) fn balance(&self) -> bool {
        let buckets = self.buckets().map(|(_, _, money)| money);
        Money::sum(self.envelope.currency(), buckets).is_ok_and(|sum| sum == self.envelope)
    }
}

/// A line of a table: what, how many, and what it means for the people.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) what: String,
    pub(crate) count: u64,
    pub(crate) note: String,
}

impl Count {
    pub(crate) fn new(what: impl Into<String>, count: u64, note: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            count,
            note: note.into(),
        }
    }
}

/// All that the page shows.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    pub(crate) programme: String,
    pub(crate) source: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) summary: Summary,
    /// What the import did with each row.
    pub(crate) import: Vec<Count>,
    /// What is missing or weak in the register.
    pub(crate) quality: Vec<Count>,
    /// Pairs that may be one person, by what they share.
    pub(crate) duplicates: Vec<Count>,
    /// Some of these pairs, with their evidence.
    pub(crate) pairs: Vec<PairRow>,
    /// Lawful basis, and what was asked and answered.
    pub(crate) consent: Vec<Count>,
    /// Why each unit was decided as it was.
    pub(crate) reasons: Vec<Count>,
    /// How the payees were verified, exceptions among them.
    pub(crate) verification: Vec<Count>,
    /// What happened to the payments, silence and returns among it.
    pub(crate) payments: Vec<Count>,
    /// Why a payment is not credited, and what comes next.
    pub(crate) not_credited: Vec<Count>,
    /// Where the money went.
    pub(crate) districts: Vec<DistrictRow>,
    /// The programme's accounts at the end.
    pub(crate) accounts: Vec<(String, String)>,
    /// Complaints by category, with their clocks.
    pub(crate) complaints: Vec<ComplaintRow>,
}

/// A pair that a person compares: how likely it is one person, in percent, and
/// what speaks for and against it, in bits.
#[derive(Clone, Debug)]
pub(crate) struct PairRow {
    pub(crate) probability: u32,
    pub(crate) evidence: Vec<String>,
}

/// The payments to one district.
#[derive(Clone, Debug)]
pub(crate) struct DistrictRow {
    pub(crate) name: String,
    pub(crate) payments: u64,
    pub(crate) credited: u64,
    pub(crate) amount: Money,
}

/// The complaints of one category.
#[derive(Clone, Debug, Default)]
pub(crate) struct ComplaintRow {
    pub(crate) category: String,
    pub(crate) received: u64,
    pub(crate) answered: u64,
    pub(crate) open_on_time: u64,
    pub(crate) overdue: u64,
    pub(crate) upheld: u64,
}
