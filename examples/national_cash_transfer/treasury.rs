//! The treasury: two payment providers that fail as real ones do, the ledger,
//! and what the providers' statements and silences come to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use solidarity_core::{Cursor, Money, Paged, Uuid};
use solidarity_payments::{
    Batch, BatchId, Behavior, Chart, ControlTotals, Decision, Disburser, EntryId, Error, Finding,
    Instruction, Movement, NewBatch, Rail, RailCode, SimulatedRail, Terms, TransferId,
};
use solidarity_programme::Cycle;

use crate::args::beside;
use crate::bank::Lines;
use crate::figures::Count;
use crate::office::{Office, Result};
use crate::words::money;

/// Pays to telephones.
pub(crate) const WALLET: RailCode = RailCode::from_static("wallet");
/// Pays over counters.
pub(crate) const POST: RailCode = RailCode::from_static("post");

/// One disburser a rail, and where each one's statement was read to.
#[derive(Debug)]
pub(crate) struct Treasury {
    rails: Vec<(RailCode, Disburser)>,
    read_to: BTreeMap<RailCode, Cursor>,
    /// What the providers' statements came to, by entry.
    findings: BTreeMap<(&'static str, &'static str), BTreeSet<String>>,
}

impl Treasury {
    /// Opens both providers, whose books are files beside the database.
    pub(crate) fn open(office: &Office, db: &Path, seed: u64) -> Result<Self> {
        let fee = "12.00 KES".parse()?;
        let wallet = Behavior::troubled().charging(fee);
        let mut post = Behavior::honest();
        (post.slow, post.returns, post.rejects) = (40, 2, 2);
        (post.loses_answers, post.loses_requests, post.repeats_lines) = (3, 1, 1);
        let mut rails = Vec::new();
        for (code, behavior) in [(WALLET, wallet), (POST, post)] {
            let books = Arc::new(Lines::open(&beside(db, &format!("{code}.jsonl")))?);
            let rail =
                SimulatedRail::open(code.clone(), seed, behavior, books, office.clock.clone())?;
            // Nobody else pays from this database.
            let terms = Terms::default().with_patience(TimeDelta::zero());
            let (payments, ledger) = (office.payments.clone(), office.ledger.clone());
            let rail: Arc<dyn Rail> = Arc::new(rail);
            rails.push((code, Disburser::new(payments, ledger, rail, terms)));
        }
        Ok(Self {
            rails,
            read_to: BTreeMap::new(),
            findings: BTreeMap::new(),
        })
    }

    /// Puts `money` at the programme's disposal.
    pub(crate) async fn fund(&self, office: &Office, money: Money) -> Result<()> {
        let chart = chart(office);
        let now = office.stamp("treasury", "funding").at();
        let opened = office
            .ledger
            .create_accounts(&chart.accounts(&[WALLET, POST]), now)
            .await?;
        let id = TransferId::derive(&office.programme.id(), "appropriation");
        let fund = chart.transfer(id, &Movement::Fund, money)?;
        let funded = office.ledger.create_transfers(&[fund], now).await?;
        if opened.iter().all(|status| status.is_held()) && funded.iter().all(|s| s.is_held()) {
            return Ok(());
        }
        Err("the ledger does not take the appropriation".into())
    }

    /// Prepares the batch, has it approved by two people who did not prepare
    /// it, sets its money aside, and hands it over. Again is nothing.
    pub(crate) async fn pay(
        &self,
        office: &Office,
        cycle: &Cycle,
        name: &str,
        instructions: Vec<Instruction>,
    ) -> Result<Option<BatchId>> {
        let id = BatchId::derive(&cycle.id(), name);
        let (programme, currency) = (office.programme.id(), office.programme.currency());
        let batch: Batch = match office.payments.get(id).await {
            Ok(batch) => batch,
            Err(Error::NotFound { .. }) if instructions.is_empty() => return Ok(None),
            Err(Error::NotFound { .. }) => {
                let new = NewBatch::new(id, programme, cycle.id(), currency, instructions);
                let stamp = office.stamp("payments-officer", "payment");
                office.payments.draft(&new, None, &stamp).await?
            }
            Err(error) => return Err(error.into()),
        };
        for role in ["district-officer", "accountant"] {
            let stamp = office.stamp(role, "approval");
            office
                .payments
                .decide(id, batch.digest(), Decision::Approve, &stamp)
                .await?;
        }
        let stamp = office.stamp("paymaster", "payment");
        self.any()?.release(id, batch.digest(), &stamp).await?;
        Ok(Some(id))
    }

    /// A day's work: hand over what is due, ask about what is silent, read the
    /// statements.
    pub(crate) async fn work(&mut self, office: &Office, batches: &[BatchId]) -> Result<()> {
        let stamp = office.stamp("paymaster", "payment");
        for (code, disburser) in &self.rails {
            for batch in batches {
                disburser.resume(*batch, &stamp).await?;
                disburser.submit(*batch, &stamp).await?;
                disburser.inquire(*batch, &stamp).await?;
            }
            let settled = disburser
                .settle(self.read_to.get(code).cloned(), &stamp)
                .await?;
            for finding in &settled.findings {
                if let Some((what, entry)) = name(finding) {
                    self.findings
                        .entry(what)
                        .or_default()
                        .insert(format!("{code} {entry}"));
                }
            }
            if let Some(next) = settled.next {
                self.read_to.insert(code.clone(), next);
            }
        }
        Ok(())
    }

    /// Any of the disbursers, for what takes no rail.
    pub(crate) fn any(&self) -> Result<&Disburser> {
        let first = self.rails.first().map(|(_, disburser)| disburser);
        first.ok_or_else(|| "there is no rail".into())
    }

    /// What happened to the payments, by the store's own news.
    pub(crate) async fn counts(
        &self,
        office: &Office,
        totals: &ControlTotals,
    ) -> Result<Vec<Count>> {
        let mut payments: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
        let feed = &office.payments;
        for change in Paged::every(|page| async move { feed.changes_since(&page).await }).await? {
            payments
                .entry(change.kind().to_string())
                .or_default()
                .insert(change.id());
        }
        let of = |kind: &str| payments.get(kind).map_or(0, |ids| ids.len() as u64);
        let mut counts = vec![
            Count::new(
                "handed to a provider",
                of("submitting"),
                "recorded first, so that a crash in between is seen",
            ),
            Count::new(
                "no answer came",
                of("answer-lost"),
                "unknown: neither paid nor failed; asked about, not sent again",
            ),
            Count::new(
                "the provider did not know it",
                of("not-known"),
                "and only then it was sent again",
            ),
            Count::new("refused", of("rejected"), "reissued over the counter"),
            Count::new("credited", of("credited"), "booked by the provider"),
            Count::new(
                "returned days later",
                of("returned"),
                "reissued over the counter",
            ),
        ];
        for ((what, note), entries) in &self.findings {
            counts.push(Count::new(
                format!("statement: {what}"),
                entries.len() as u64,
                *note,
            ));
        }
        let said = [
            ("the payee says that it came", totals.confirmed_by_payee()),
            (
                "the payee says that it did not come",
                totals.denied_by_payee(),
            ),
        ];
        for (what, tally) in said {
            counts.push(Count::new(what, tally.payments, "only they can say so"));
        }
        Ok(counts)
    }
}

/// What an entry is called, and what it means.
fn name(finding: &Finding) -> Option<((&'static str, &'static str), &EntryId)> {
    Some(match finding {
        Finding::Exact { entry, .. } => (
            ("booked as asked", "our books and the provider's agree"),
            entry,
        ),
        Finding::AmountDiffers { entry, .. } => (
            (
                "booked another amount",
                "a person settles it with the provider",
            ),
            entry,
        ),
        Finding::Duplicate { entry, .. } => (
            (
                "one payment twice",
                "one payment was made; the second line is a mistake",
            ),
            entry,
        ),
        Finding::Returned { entry, .. } => (
            (
                "came back after it was credited",
                "credited is not received",
            ),
            entry,
        ),
        Finding::Contradiction { entry, .. } => (
            (
                "said refused, and booked all the same",
                "a person settles it with the provider",
            ),
            entry,
        ),
        Finding::UnknownPayment { entry, .. } => (
            (
                "booked, and not ours",
                "a person settles it with the provider",
            ),
            entry,
        ),
        Finding::Fee { entry, .. } => (
            (
                "a fee",
                "paid by the programme, never out of an entitlement",
            ),
            entry,
        ),
        Finding::FeeNotCovered { entry, .. } => (
            ("a fee that the budget does not cover", "a person looks"),
            entry,
        ),
        Finding::Altered { entry, .. } => (
            (
                "changed afterwards",
                "a person settles it with the provider",
            ),
            entry,
        ),
        _ => return None,
    })
}

fn chart(office: &Office) -> Chart {
    Chart::new(office.programme.id(), office.programme.currency())
}

/// The programme's accounts, and whether debits and credits are equal.
pub(crate) async fn accounts(
    office: &Office,
    batches: &[BatchId],
) -> Result<Vec<(String, String)>> {
    let chart = chart(office);
    let mut named = vec![
        ("treasury".to_owned(), chart.funding()),
        ("budget, not committed".to_owned(), chart.budget()),
    ];
    for (n, batch) in batches.iter().enumerate() {
        named.push((
            format!("envelope of batch {}", n + 1),
            chart.envelope(batch),
        ));
    }
    named.extend([
        ("in transit: wallet".to_owned(), chart.in_transit(&WALLET)),
        ("in transit: post".to_owned(), chart.in_transit(&POST)),
        ("credited".to_owned(), chart.credited()),
        ("returned, not paid again".to_owned(), chart.returned()),
        ("fees".to_owned(), chart.fees()),
    ]);
    let ids: Vec<_> = named.iter().map(|(_, id)| *id).collect();
    let found = office
        .ledger
        .accounts(&ids, office.stamp("auditor", "audit").at())
        .await?;
    let currency = office.programme.currency();
    let (mut shown, mut balances) = (Vec::new(), Vec::new());
    for ((name, _), account) in named.into_iter().zip(found) {
        let balance = match account {
            Some(account) => account.balance(currency)?,
            None => Money::zero(currency),
        };
        balances.push(balance);
        shown.push((name, money(balance)));
    }
    let sum = Money::sum(currency, balances)?;
    shown.push((
        "all together (what was given is somewhere)".to_owned(),
        money(sum),
    ));
    Ok(shown)
}
