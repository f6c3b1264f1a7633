//! Who is to be paid what, and where; and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use solidarity_core::{CycleId, Paged, PaymentId, PersonId, Validity};
use solidarity_payments::{
    BatchId, Bucket, ControlTotals, FinancialAddress, Instruction, Line, LineState, Reason,
};
use solidarity_programme::{
    Cycle, CycleState, EnrolmentQuery, Entitlement, EntitlementQuery, Status,
};
use solidarity_registry::Person;

use crate::figures::{Count, Totals};
use crate::office::{Office, Result};
use crate::treasury::{POST, WALLET};

/// How many commands go to a store at once.
const CHUNK: usize = 1_000;

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
    let programmes = &office.programmes;
    let enrolled =
        Paged::every(|page| async move { programmes.list_enrolments(query, &page).await }).await?;
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
    let (programmes, query) = (&office.programmes, EntitlementQuery::Cycle(cycle));
    Ok(
        Paged::every(|page| async move { programmes.list_entitlements(query, &page).await })
            .await?,
    )
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

async fn lines(office: &Office, batch: BatchId, states: &[LineState]) -> Result<Vec<Line>> {
    let payments = &office.payments;
    Ok(Paged::every(|page| async move { payments.lines(batch, states, &page).await }).await?)
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

/// The payments that were credited.
pub(crate) async fn credited(office: &Office, batches: &[BatchId]) -> Result<BTreeSet<PaymentId>> {
    let lines = all_lines(office, batches).await?;
    let credited = lines
        .iter()
        .filter(|line| line.state() == LineState::Credited);
    Ok(credited.map(Line::id).collect())
}

/// Why payments are not credited at the end.
pub(crate) fn not_credited(lines: &[Line]) -> Vec<Count> {
    let mut counts: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for line in lines {
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
    counts.into_iter().map(line).collect()
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
