//! The money: from the treasury to the payees, over two providers that fail
//! as real ones do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use solidarity_core::{Cursor, CycleId, Money, Page, PaymentId, PersonId, Uuid, Validity};
use solidarity_payments::{
    Batch, BatchId, Behavior, Bucket, Chart, ControlTotals, Decision, Disburser, EntryId, Error,
    FinancialAddress, Finding, Instruction, Line, LineState, Movement, NewBatch, Rail, RailCode,
    Reason, SimulatedRail, Terms, TransferId,
};
use solidarity_programme::{
    Cycle, CycleState, Enrolment, EnrolmentQuery, Entitlement, EntitlementQuery, Status,
};
use solidarity_registry::Person;

use crate::args::beside;
use crate::bank::Lines;
use crate::figures::{Count, Totals};
use crate::office::{Office, Result};
use crate::words::money;

const WALLET: RailCode = RailCode::from_static("wallet");
const POST: RailCode = RailCode::from_static("post");

/// How many commands go to a store at once.
const CHUNK: usize = 1_000;

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
    pub(crate) async fn counts(&self, office: &Office) -> Result<Vec<Count>> {
        let mut payments: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
        let mut page = Page::largest();
        loop {
            let told = office.payments.changes_since(&page).await?;
            for change in told.items() {
                payments
                    .entry(change.kind().to_string())
                    .or_default()
                    .insert(change.id());
            }
            match told.next() {
                Some(cursor) => page = page.after(cursor.clone()),
                None => break,
            }
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

pub(crate) fn chart(office: &Office) -> Chart {
    Chart::new(office.programme.id(), office.programme.currency())
}

/// The cycle that begins on the first day; later ones are for what was missed.
pub(crate) fn cycle(office: &Office, name: &str, first: u64, last: u64) -> Result<Cycle> {
    let id = CycleId::derive(&office.programme.id(), name);
    let period = Validity::new(office.day(first), Some(office.day(last)))?;
    Ok(Cycle::open(id, office.programme.id(), period))
}

/// Sets what every enrolled unit is entitled to in `cycle`, once, and closes
/// it: who is admitted later is owed arrears.
pub(crate) async fn entitle(office: &Office, cycle: &Cycle) -> Result<Vec<Entitlement>> {
    match office.programmes.get_cycle(cycle.id()).await {
        Ok(known) if known.state() == CycleState::Closed => {
            return entitlements(office, cycle.id()).await;
        }
        Ok(_) | Err(solidarity_programme::Error::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let query = EnrolmentQuery::Status {
        programme: office.programme.id(),
        status: Status::Enrolled,
        on: cycle.assessed_on(),
    };
    let mut enrolled: Vec<Enrolment> = Vec::new();
    let mut page = Page::largest();
    loop {
        let found = office.programmes.list_enrolments(query, &page).await?;
        let next = found.next().cloned();
        enrolled.extend(found.into_items());
        match next {
            Some(cursor) => page = page.after(cursor),
            None => break,
        }
    }
    let due: Vec<Entitlement> = enrolled
        .iter()
        .filter_map(|enrolment| Entitlement::regular(enrolment, cycle))
        .collect();
    set(office, cycle, &due).await?;
    let stamp = office.stamp("enrolment-officer", "entitlement");
    office
        .programmes
        .set_entitlements(&cycle.clone().closed(), &[], &stamp)
        .await?;
    entitlements(office, cycle.id()).await
}

/// Sets entitlements of `cycle`.
pub(crate) async fn set(office: &Office, cycle: &Cycle, due: &[Entitlement]) -> Result<()> {
    let stamp = office.stamp("enrolment-officer", "entitlement");
    for due in due.chunks(CHUNK) {
        for outcome in office
            .programmes
            .set_entitlements(cycle, due, &stamp)
            .await?
        {
            outcome?;
        }
    }
    Ok(())
}

pub(crate) async fn entitlements(office: &Office, cycle: CycleId) -> Result<Vec<Entitlement>> {
    let (mut all, mut page) = (Vec::new(), Page::largest());
    loop {
        let query = EntitlementQuery::Cycle(cycle);
        let found = office.programmes.list_entitlements(query, &page).await?;
        let next = found.next().cloned();
        all.extend(found.into_items());
        match next {
            Some(cursor) => page = page.after(cursor),
            None => return Ok(all),
        }
    }
}

/// Pays each entitlement to its payee: to a telephone of their own if they
/// have one, over the counter of a post office if not.
pub(crate) fn instructions(
    due: &[Entitlement],
    people: &BTreeMap<PersonId, &Person>,
) -> Result<Vec<Instruction>> {
    due.iter()
        .map(|due| {
            let person = people.get(&due.payee());
            let id = PaymentId::derive(&due.id(), "payment");
            let address = address(person.copied(), due.payee())?;
            Ok(Instruction::new(
                id,
                due.payee(),
                address,
                due.amount(),
                due.id(),
            ))
        })
        .collect()
}

fn address(person: Option<&Person>, payee: PersonId) -> Result<FinancialAddress> {
    let phones = person.map_or(&[][..], |person| &person.said().phones);
    let own = phones
        .iter()
        .find(|p| p.sharing == solidarity_core::Sharing::Private);
    match own {
        Some(phone) => Ok(FinancialAddress::phone(WALLET, phone.number.expose())?),
        None => counter(payee),
    }
}

fn counter(payee: PersonId) -> Result<FinancialAddress> {
    let point = format!("counter {}", payee.as_uuid().as_u128() % 40 + 1);
    Ok(FinancialAddress::cash_point(POST, point)?)
}

/// Pays again, over the counter, what a provider refused or brought back.
pub(crate) async fn reissues(office: &Office, batches: &[BatchId]) -> Result<Vec<Instruction>> {
    let mut again = Vec::new();
    for batch in batches {
        for line in lines(office, *batch, &[LineState::Rejected, LineState::Returned]).await? {
            if line.state().may_be_reissued() && line.replaced_by().is_none() {
                let payee = line.instruction().payee;
                again.push(line.instruction().reissue(counter(payee)?));
            }
        }
    }
    Ok(again)
}

pub(crate) async fn lines(
    office: &Office,
    batch: BatchId,
    states: &[LineState],
) -> Result<Vec<Line>> {
    let (mut all, mut page) = (Vec::new(), Page::largest());
    loop {
        let found = office.payments.lines(batch, states, &page).await?;
        let next = found.next().cloned();
        all.extend(found.into_items());
        match next {
            Some(cursor) => page = page.after(cursor),
            None => return Ok(all),
        }
    }
}

pub(crate) async fn all_lines(office: &Office, batches: &[BatchId]) -> Result<Vec<Line>> {
    let mut all = Vec::new();
    for batch in batches {
        all.extend(lines(office, *batch, &[]).await?);
    }
    Ok(all)
}

/// The control totals of all batches together: a reissue counts once.
pub(crate) async fn totals(office: &Office, batches: &[BatchId]) -> Result<ControlTotals> {
    let mut sum = ControlTotals::empty(office.programme.currency());
    for batch in batches {
        sum = sum.plus(&office.payments.totals(*batch).await?)?;
    }
    sum.check()?;
    Ok(sum)
}

impl From<&ControlTotals> for Totals {
    fn from(totals: &ControlTotals) -> Self {
        let of = |bucket| totals.bucket(bucket).amount;
        Self {
            envelope: totals.envelope().amount,
            credited: of(Bucket::Credited),
            in_flight: of(Bucket::InFlight),
            not_submitted: of(Bucket::NotSubmitted),
            rejected: of(Bucket::Rejected),
            returned: of(Bucket::Returned),
            cancelled: of(Bucket::Cancelled),
            unresolved: of(Bucket::Unresolved),
        }
    }
}

/// Why payments are not credited at the end.
pub(crate) async fn not_credited(office: &Office, batches: &[BatchId]) -> Result<Vec<Count>> {
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for line in all_lines(office, batches).await? {
        if line.state() == LineState::Credited || line.replaced_by().is_some() {
            continue;
        }
        let reason = line
            .reason()
            .map_or_else(String::new, |r| format!(": {}", words(r)));
        *counts.entry((line.state().name(), reason)).or_default() += 1;
    }
    let note = |state: &str| match state {
        "rejected" | "returned" => {
            "paid again in the next cycle, to an address that the payee gives"
        }
        "unknown" | "submitting" => "asked for every day; never sent again on a guess",
        "unresolved" => "a person settles it with the provider",
        _ => "on its way",
    };
    let line = |((state, reason), n): ((&str, String), u64)| {
        Count::new(
            format!("{}{reason}", state.replace('_', " ")),
            n,
            note(state),
        )
    };
    Ok(counts.into_iter().map(line).collect())
}

/// A reason in words, with its code of ISO 20022.
fn words(reason: &Reason) -> String {
    let name = serde_json::to_value(reason).ok();
    let name = name
        .as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or("other");
    format!("{} ({})", name.replace('_', " "), reason.code())
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
