//! What a payment's life means for the ledger, as a pure function.

use solidarity_core::{Money, PaymentId, Version};

use crate::{Bucket, Chart, EntryId, Line, Movement, NewTransfer, Result, TransferId};

/// Which account of the [`Chart`] holds a payment's amount.
///
/// What is not known, or contradicted, is with the rail until it is cleared
/// up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Holder {
    Envelope,
    InTransit,
    Credited,
    Returned,
}

const fn holder(bucket: Bucket) -> Holder {
    match bucket {
        Bucket::NotSubmitted | Bucket::Rejected | Bucket::Cancelled => Holder::Envelope,
        Bucket::InFlight | Bucket::Unresolved => Holder::InTransit,
        Bucket::Credited => Holder::Credited,
        Bucket::Returned => Holder::Returned,
    }
}

/// The chart by which `line` is paid.
const fn chart(line: &Line) -> Chart {
    Chart::new(line.programme(), line.amount().currency())
}

/// All transfers that follow from what became of `line` so far, in order.
///
/// Each has an id derived from the payment and the step, so that posting them
/// again, after a crash or with a new step at the end, books each once.
/// `replaced` is the line that this one stands in for.
pub(super) fn transfers(line: &Line, replaced: Option<&Line>) -> Result<Vec<NewTransfer>> {
    let chart = chart(line);
    let envelope = chart.envelope(&line.origin());
    let rail = line.instruction().address.rail();
    let last_of = |line: &Line| line.trail().last().map(|(_, bucket)| holder(*bucket));
    let mut at = replaced.and_then(last_of).unwrap_or(Holder::Envelope);
    let mut transfers = Vec::new();
    for (version, bucket) in line.trail() {
        let to = holder(*bucket);
        while at != to {
            let (next, name, movement) = match at {
                Holder::Envelope => {
                    let rail = rail.clone();
                    (
                        Holder::InTransit,
                        "submit",
                        Movement::Submit { envelope, rail },
                    )
                }
                Holder::InTransit if to == Holder::Envelope => {
                    let rail = rail.clone();
                    (
                        Holder::Envelope,
                        "reject",
                        Movement::Reject { envelope, rail },
                    )
                }
                Holder::InTransit => {
                    let rail = rail.clone();
                    (Holder::Credited, "credit", Movement::Credit { rail })
                }
                Holder::Credited => (Holder::Returned, "return", Movement::Return),
                Holder::Returned => (Holder::Envelope, "recover", Movement::Recover { envelope }),
            };
            let id = step(line.id(), *version, name);
            transfers.push(book(&chart, id, &movement, line.amount(), line.id())?);
            at = next;
        }
    }
    Ok(transfers)
}

/// The transfer of a fee that `entry` of a statement charged for `line`.
pub(super) fn charge(line: &Line, entry: &EntryId, amount: Money) -> Result<NewTransfer> {
    let id = TransferId::derive(&line.id(), &format!("charge:{entry}"));
    book(&chart(line), id, &Movement::Charge, amount, line.id())
}

fn book(
    chart: &Chart,
    id: TransferId,
    movement: &Movement,
    amount: Money,
    payment: PaymentId,
) -> Result<NewTransfer> {
    let transfer = chart.transfer(id, movement, amount)?;
    Ok(transfer.with_user_data_128(payment.as_uuid().as_u128()))
}

fn step(payment: PaymentId, version: Version, name: &str) -> TransferId {
    TransferId::derive(&payment, &format!("{version}:{name}"))
}
