//! Every message of G2P Connect, with only what is required or with all that
//! is optional too.

use serde_json::{Value, json};
use solidarity_core::Pii;
use solidarity_dci::json::Object;
use solidarity_dci::mapper::*;
use solidarity_dci::{
    CorrelationId, Locale, Note, ReferenceId, Status, Term, TransactionId, disburse,
};

use crate::messages::{Fill, at, written};

fn optional<T>(fill: Fill, value: T) -> Option<T> {
    (fill == Fill::Everything).then_some(value)
}

fn reference(text: &str) -> ReferenceId {
    ReferenceId::new(text).unwrap()
}

fn transaction() -> TransactionId {
    TransactionId::new("t-1").unwrap()
}

fn correlation() -> CorrelationId {
    CorrelationId::new("c-1").unwrap()
}

fn note() -> Note {
    Note::new("try again tomorrow").unwrap()
}

fn locale() -> Locale {
    Locale::new("eng").unwrap()
}

fn id() -> Address {
    Address::new("vid:54321@national-id").unwrap()
}

fn fa() -> Address {
    Address::new("account:12345@ABCD0000001.ifsc.pymt-rail").unwrap()
}

fn personal<T>(value: &str) -> Pii<T>
where
    T: From<String>,
{
    Pii::new(value.to_owned().into())
}

/// Attributes of every type that is written.
fn attributes(fill: Fill) -> Vec<Attribute> {
    let term = |text| Term::new(text).unwrap();
    let object: Object = serde_json::from_value(json!({"code": "7"})).unwrap();
    let all = vec![
        Attribute::text(term("branch"), "0042"),
        Attribute::flag(term("verified"), true),
        Attribute::object(term("area"), &object),
    ];
    optional(fill, all).unwrap_or_default()
}

/// The items: one, and where everything is filled in, one for each reason too.
fn items<T, R: Clone>(fill: Fill, item: T, reasons: &[R], rejected: fn(R) -> T) -> Vec<T> {
    let reasons = optional(fill, reasons).unwrap_or_default();
    let rejected = reasons.iter().cloned().map(rejected);
    std::iter::once(item).chain(rejected).collect()
}

pub(super) fn link(fill: Fill) -> LinkRequest {
    let mut item = LinkItem::new(reference("1"), at(), id(), fa());
    item.name = optional(fill, personal("A Name"));
    item.phone_number = optional(fill, personal("+1 (604) 555-1234;ext=5678"));
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    LinkRequest::new(transaction(), vec![item])
}

pub(super) fn on_link(fill: Fill) -> LinkResponse {
    let mut item = LinkResponseItem::new(reference("1"), at(), Status::Succeeded);
    item.fa = optional(fill, fa().into());
    item.status_reason_message = optional(fill, note());
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    let items = items(fill, item, LinkReason::ALL, |reason| {
        LinkResponseItem::rejected(reference("2"), at(), reason)
    });
    LinkResponse::new(transaction(), optional(fill, correlation()), items)
}

pub(super) fn update(fill: Fill) -> UpdateRequest {
    let mut item = UpdateItem::new(reference("1"), at(), id(), fa());
    item.name = optional(fill, personal("A Name"));
    item.phone_number = optional(fill, personal("+254700000001"));
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    UpdateRequest::new(transaction(), vec![item])
}

pub(super) fn on_update(fill: Fill) -> UpdateResponse {
    let mut item = UpdateResponseItem::new(reference("1"), at(), Status::Succeeded);
    item.id = optional(fill, id().into());
    item.status_reason_message = optional(fill, note());
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    let items = items(fill, item, UpdateReason::ALL, |reason| {
        UpdateResponseItem::rejected(reference("2"), at(), reason)
    });
    UpdateResponse::new(transaction(), optional(fill, correlation()), items)
}

pub(super) fn unlink(fill: Fill) -> UnlinkRequest {
    let mut item = UnlinkItem::new(reference("1"), at(), id());
    item.fa = optional(fill, fa().into());
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    UnlinkRequest::new(transaction(), vec![item])
}

pub(super) fn on_unlink(fill: Fill) -> UnlinkResponse {
    let mut item = UnlinkResponseItem::new(reference("1"), at(), Status::Succeeded);
    item.id = optional(fill, id().into());
    item.status_reason_message = optional(fill, note());
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    let items = items(fill, item, UnlinkReason::ALL, |reason| {
        UnlinkResponseItem::rejected(reference("2"), at(), reason)
    });
    UnlinkResponse::new(transaction(), optional(fill, correlation()), items)
}

pub(super) fn resolve(fill: Fill) -> ResolveRequest {
    let mut item = ResolveItem::of_person(reference("1"), at(), id());
    item.fa = optional(fill, fa().into());
    item.name = optional(fill, personal("A Name"));
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    let mut items = vec![item];
    if fill == Fill::Everything {
        let mut details = ResolveItem::of_pair(reference("2"), at(), id(), fa());
        details.scope = Scope::Details;
        items.push(details);
        items.push(ResolveItem::of_account(reference("3"), at(), fa()));
    }
    ResolveRequest::new(transaction(), items)
}

pub(super) fn on_resolve(fill: Fill) -> ResolveResponse {
    let mut item = ResolveResponseItem::new(reference("1"), at(), Status::Succeeded);
    item.fa = optional(fill, fa().into());
    item.id = optional(fill, id().into());
    let mut provider = AccountProvider::new("A Bank", "BANKXXX");
    provider.subcode = Some(personal("0042"));
    provider.additional_info = Some(note());
    item.account_provider_info = optional(fill, provider);
    item.status_reason_message = optional(fill, note());
    item.additional_info = attributes(fill);
    item.locale = optional(fill, locale());
    let items = items(fill, item, ResolveReason::ALL, |reason| {
        if reason.as_str().starts_with("succ.") {
            ResolveResponseItem::found(reference("2"), at(), reason)
        } else {
            ResolveResponseItem::rejected(reference("2"), at(), reason)
        }
    });
    ResolveResponse::new(transaction(), optional(fill, correlation()), items)
}

fn sought() -> [Sought; 3] {
    [
        Sought::Transaction(transaction()),
        Sought::References(vec![reference("1")]),
        Sought::Correlation(correlation()),
    ]
}

pub(super) fn mapper_status(fill: Fill) -> Vec<Value> {
    use TxnType::{Link, Resolve, Unlink, Update};
    let of = |txn_type| {
        sought().map(|sought| {
            let mut criteria = TxnStatusCriteria::new(reference("1"), txn_type, &sought);
            criteria.locale = optional(fill, locale());
            written(&TxnStatusRequest::new(transaction(), criteria), fill)
        })
    };
    [Link, Resolve, Update, Unlink]
        .into_iter()
        .flat_map(of)
        .collect()
}

pub(super) fn mapper_on_status(fill: Fill) -> Vec<Value> {
    let outcomes = [
        TxnOutcome::Link(on_link(fill)),
        TxnOutcome::Resolve(on_resolve(fill)),
        TxnOutcome::Update(on_update(fill)),
        TxnOutcome::Unlink(on_unlink(fill)),
    ];
    let message = |outcome| TxnStatusResponse::new(transaction(), correlation(), &outcome);
    outcomes
        .map(|outcome| written(&message(outcome), fill))
        .into()
}

fn short(text: &str) -> disburse::ShortNote {
    disburse::ShortNote::new(text).unwrap()
}

fn payment(fill: Fill) -> disburse::Disbursement {
    let amount = disburse::Amount::new("10.5").unwrap();
    let mut item = disburse::Disbursement::new(reference("1"), fa(), id(), amount);
    item.scheduled_timestamp = optional(fill, at().into());
    item.payer_name = optional(fill, personal("A Programme"));
    item.payee_name = optional(fill, personal("A Name"));
    item.note = optional(fill, short("March"));
    item.purpose = optional(fill, short("Farmer Relief 2023"));
    item.instruction = optional(fill, note());
    item.meta = optional(fill, Object::default());
    item.currency_code = optional(fill, disburse::CurrencyCode::new("KES").unwrap());
    item.locale = optional(fill, locale());
    item
}

pub(super) fn disbursement(fill: Fill) -> disburse::DisburseRequest {
    disburse::DisburseRequest::new(transaction(), vec![payment(fill)])
}

pub(super) fn on_disburse(fill: Fill) -> disburse::DisburseResponse {
    use disburse::{DisburseReason, DisbursementStatus};
    let mut item = match fill {
        Fill::Required => DisbursementStatus::new(reference("1"), at(), Status::Pending),
        Fill::Everything => DisbursementStatus::of(&payment(fill), at(), Status::Pending),
    };
    item.status_reason_message = optional(fill, note());
    item.instruction = optional(fill, note());
    item.payer_fa = optional(fill, fa().into());
    item.payer_name = optional(fill, personal("A Programme"));
    item.payee_fa = optional(fill, id().into());
    item.payee_name = optional(fill, personal("A Name"));
    item.locale = optional(fill, locale());
    let items = items(fill, item, DisburseReason::ALL, |reason| {
        DisbursementStatus::rejected(reference("2"), at(), reason)
    });
    disburse::DisburseResponse::new(transaction(), optional(fill, correlation()), items)
}

pub(super) fn search(fill: Fill) -> disburse::SearchRequest {
    use disburse::{Party, SearchItem};
    let item = |party| {
        let mut item = SearchItem::new(reference("1"), party, &fa());
        item.timestamp = optional(fill, at().into());
        item.locale = optional(fill, locale());
        item
    };
    let items = [Party::Payer, Party::Payee].map(item);
    disburse::SearchRequest::new(transaction(), items.into())
}

pub(super) fn on_search(fill: Fill) -> disburse::SearchResponse {
    use disburse::{SearchReason, SearchResponseItem};
    let mut item = SearchResponseItem::new(reference("1"), at(), Status::Succeeded);
    item.status_reason_message = optional(fill, note());
    item.locale = optional(fill, locale());
    let items = items(fill, item, SearchReason::ALL, |reason| {
        SearchResponseItem::rejected(reference("2"), at(), reason)
    });
    disburse::SearchResponse::new(transaction(), optional(fill, correlation()), items)
}

pub(super) fn disburse_status(fill: Fill) -> Vec<Value> {
    use disburse::TxnType::{Disburse, Search};
    let of = |txn_type| {
        sought().map(|sought| {
            let mut criteria = disburse::TxnStatusCriteria::new(reference("1"), txn_type, &sought);
            criteria.locale = optional(fill, locale());
            written(
                &disburse::TxnStatusRequest::new(transaction(), criteria),
                fill,
            )
        })
    };
    [Disburse, Search].into_iter().flat_map(of).collect()
}

pub(super) fn disburse_on_status(fill: Fill) -> Vec<Value> {
    use disburse::{TxnOutcome, TxnStatusResponse};
    let outcomes = [
        TxnOutcome::Disburse(on_disburse(fill)),
        TxnOutcome::Search(on_search(fill)),
    ];
    let message = |outcome| TxnStatusResponse::new(transaction(), correlation(), &outcome);
    outcomes
        .map(|outcome| written(&message(outcome), fill))
        .into()
}
