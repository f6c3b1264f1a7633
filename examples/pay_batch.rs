//! Pays three people: two others approve what one prepared, the bank loses an
//! answer, and nobody takes that for a failure. Money that comes back is paid
//! again to a corrected account, and the control totals balance at every step.
//!
//! `cargo run -p solidarity-examples --example pay_batch`

use std::error::Error as StdError;
use std::sync::Arc;

use chrono::TimeDelta;
use solidarity_core::testing::block_on;
use solidarity_core::{
    ActorId, Clock, CycleId, EntitlementId, ManualClock, PaymentId, PersonId, ProgrammeId, Purpose,
    Stamp,
};
use solidarity_payments::{
    Batch, BatchId, Behavior, Booked, Chart, Decision, DisbursementStore, Disburser, Error, Fate,
    FinancialAddress, Finding, Instruction, Ledger, LedgerExt, MemoryBooks,
    MemoryDisbursementStore, MemoryLedger, Movement, NewBatch, Progress, RailBooks, RailCode,
    Reason, Receipt, SimulatedRail, Terms, TransferId,
};

type Result<T> = std::result::Result<T, Box<dyn StdError>>;

fn main() -> Result<()> {
    println!("{}", block_on(pay())?);
    Ok(())
}

/// A paying office: who works there, and what they work with.
struct Office {
    clock: Arc<ManualClock>,
    store: Arc<MemoryDisbursementStore>,
    ledger: Arc<MemoryLedger>,
    bank: Arc<MemoryBooks>,
    programme: ProgrammeId,
    cycle: CycleId,
    chart: Chart,
}

const BANK: RailCode = RailCode::from_static("bank");

impl Office {
    async fn open() -> Result<Self> {
        let programme = ProgrammeId::generate();
        let office = Self {
            clock: Arc::new(ManualClock::at("2026-11-23T09:00:00Z".parse()?)),
            store: Arc::new(MemoryDisbursementStore::new()),
            ledger: Arc::new(MemoryLedger::new()),
            bank: Arc::new(MemoryBooks::new()),
            programme,
            cycle: CycleId::generate(),
            chart: Chart::new(programme, "KES".parse()?),
        };
        // The year's grant.
        let (chart, now) = (office.chart, office.clock.now());
        let accounts = chart.accounts(&[BANK]);
        office.ledger.create_accounts(&accounts, now).await?;
        let id = TransferId::derive(&programme, "grant 2026");
        let grant = chart.transfer(id, &Movement::Fund, "10000.00 KES".parse()?)?;
        office.ledger.create_transfer(grant, now).await?;
        Ok(office)
    }

    fn by(&self, name: &str) -> Stamp {
        let actor = ActorId::derive(&self.programme, name);
        Stamp::new(self.clock.now(), actor, Purpose::from_static("payment"))
    }

    /// Pays over a simulated bank, which does to payments what it is told.
    fn disburser(&self, behavior: Behavior) -> Result<Disburser> {
        let (books, clock) = (self.bank.clone(), self.clock.clone());
        let rail = SimulatedRail::open(BANK, 7, behavior, books, clock)?;
        let (store, ledger) = (self.store.clone(), self.ledger.clone());
        Ok(Disburser::new(
            store,
            ledger,
            Arc::new(rail),
            Terms::default(),
        ))
    }

    // ANCHOR: approve
    /// Drafts a batch, and has it approved by two people who did not make it.
    async fn approved(&self, instructions: Vec<Instruction>) -> Result<Batch> {
        let (id, currency) = (BatchId::generate(), "KES".parse()?);
        let new = NewBatch::new(id, self.programme, self.cycle, currency, instructions);
        let mut batch = self.store.draft(&new, None, &self.by("maker")).await?;
        for who in ["a supervisor", "an accountant"] {
            // Exactly this: whatever is changed in it has another digest.
            let (digest, approve) = (batch.digest(), Decision::Approve);
            batch = self
                .store
                .decide(id, digest, approve, &self.by(who))
                .await?;
        }
        Ok(batch)
    }
    // ANCHOR_END: approve

    async fn totals(&self, batch: &Batch) -> Result<String> {
        let totals = self.store.totals(batch.id()).await?;
        totals.check()?;
        Ok(totals.to_string())
    }
}

fn instruction(account: &str) -> Result<Instruction> {
    let entitlement = EntitlementId::generate();
    Ok(Instruction::new(
        PaymentId::derive(&entitlement, "payment"), // the same, however often it is prepared
        PersonId::generate(),
        FinancialAddress::account(BANK, account)?,
        "1500.00 KES".parse()?,
        entitlement,
    ))
}

fn states(progress: &Progress) -> String {
    let counted = progress.iter().map(|(s, n)| format!("{n} {}", s.name()));
    counted.collect::<Vec<_>>().join(", ")
}

async fn pay() -> Result<String> {
    let office = Office::open().await?;
    let [first, second, third] = [instruction("1")?, instruction("2")?, instruction("3")?];
    let behavior = Behavior::honest()
        .with_fate(second.id, Fate::LosesAnswer)
        .with_fate(third.id, Fate::Returns(Reason::AccountClosed));
    let disburser = office.disburser(behavior)?;
    let mut said = Vec::new();

    // Two people approve it, and who made it is not one of them.
    let batch = office
        .approved(vec![first.clone(), second, third.clone()])
        .await?;
    let (id, digest, maker) = (batch.id(), batch.digest(), office.by("maker"));
    let own = office
        .store
        .decide(id, digest, Decision::Approve, &maker)
        .await;
    if let Err(Error::SelfApproval { .. }) = own {
        said.push("refused: the maker cannot approve".to_owned());
    }
    said.push(format!(
        "{:?} by {} people",
        batch.state(),
        batch.approvals().len()
    ));

    // ANCHOR: pay
    // The money is set aside, and the payments go.
    disburser
        .release(id, digest, &office.by("a cashier"))
        .await?;
    let sent = disburser.submit(id, &office.by("the service")).await?;
    said.push(format!("submitted: {}", states(&sent)));
    said.push(office.totals(&batch).await?);

    // No answer is not a failure. The bank is asked, and nothing is sent again.
    office.clock.advance(TimeDelta::minutes(20));
    let learnt = disburser.inquire(id, &office.by("the service")).await?;
    said.push(format!("inquired: {}", states(&learnt)));

    // Only the statement says what was paid out.
    office.clock.advance(TimeDelta::days(1));
    let settled = disburser.settle(None, &office.by("the service")).await?;
    said.push(office.totals(&batch).await?);
    // ANCHOR_END: pay

    // Days later one account turns out to be closed.
    office.clock.advance(TimeDelta::days(4));
    let settled = disburser
        .settle(settled.next, &office.by("the service"))
        .await?;
    for finding in &settled.findings {
        if let Finding::Returned { reason, .. } = finding {
            said.push(format!("returned: {} ({reason:?})", reason.code()));
        }
    }
    said.push(office.totals(&batch).await?);

    // ANCHOR: reissue
    // Another payment stands in for it, and counts once: where the first did.
    let corrected = FinancialAddress::account(BANK, "33")?;
    let again = office.approved(vec![third.reissue(corrected)]).await?;
    let cashier = office.by("a cashier");
    disburser
        .release(again.id(), again.digest(), &cashier)
        .await?;
    disburser
        .submit(again.id(), &office.by("the service"))
        .await?;
    office.clock.advance(TimeDelta::days(1));
    disburser
        .settle(settled.next, &office.by("the service"))
        .await?;
    said.push(format!("reissued: {}", office.totals(&batch).await?));
    // ANCHOR_END: reissue

    // What is credited is not received until the payee says so.
    let (receipt, caller) = (Receipt::Received, office.by("the hotline"));
    disburser
        .hear_payee(first.id, receipt, "a call", caller.at(), &caller)
        .await?;
    let confirmed = office.store.totals(id).await?.confirmed_by_payee();
    said.push(format!(
        "confirmed by {} of {}",
        confirmed.payments,
        batch.count()
    ));

    // The ledger and the bank's own books say the same.
    let now = office.clock.now();
    let account = office
        .ledger
        .find_account(office.chart.credited(), now)
        .await?;
    let credited = account.ok_or("no account")?.balance("KES".parse()?)?;
    said.push(format!("the ledger has {credited} credited"));
    let entries = office.bank.entries().map_err(|error| error.to_string())?;
    let paid = entries.iter().filter(|entry| entry.booked == Booked::Paid);
    let mut paid: Vec<PaymentId> = paid.map(|entry| entry.payment).collect();
    let times = paid.len();
    paid.sort();
    paid.dedup();
    said.push(format!(
        "the bank paid {times} times, {} payments",
        paid.len()
    ));
    Ok(said.join("\n"))
}

#[test]
fn says_what_it_did() {
    let expected = "\
refused: the maker cannot approve
Approved by 2 people
submitted: 2 in_flight, 1 unknown
4500.00 KES = 3000.00 in_flight + 1500.00 unresolved
inquired: 1 in_flight
4500.00 KES = 4500.00 credited
returned: AC04 (AccountClosed)
4500.00 KES = 3000.00 credited + 1500.00 returned
reissued: 4500.00 KES = 4500.00 credited
confirmed by 1 of 3
the ledger has 4500.00 KES credited
the bank paid 4 times, 4 payments";
    assert_eq!(block_on(pay()).unwrap(), expected);
}
