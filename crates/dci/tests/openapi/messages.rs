//! Every message of the registries, with only what is required or with all
//! that is optional too.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use solidarity_dci::json::Object;
use solidarity_dci::query::{Query, QueryType};
use solidarity_dci::registry::{dr::*, ibr::*, *};
use solidarity_dci::{
    Ack, Batch, CorrelationId, ErrorCode, Leniency, Locale, Message, Note, ReferenceId,
    ReplyHeader, RequestHeader, SearchReason, Status, SubscribeReason, SubscriptionCode, Term,
    TransactionId, UnsubscribeReason, Url, Version,
};
use solidarity_signing::{MessageId, PartyId};

/// How much of a message is filled in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fill {
    Required,
    Everything,
}

impl Fill {
    /// `value`, where everything is filled in.
    fn optional<T>(self, value: T) -> Option<T> {
        (self == Self::Everything).then_some(value)
    }
}

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_355_600, 0).unwrap()
}

fn term(text: &str) -> Term {
    Term::new(text).unwrap()
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

fn code() -> SubscriptionCode {
    SubscriptionCode::new("s-1").unwrap()
}

fn note() -> Note {
    Note::new("try again tomorrow").unwrap()
}

fn locale() -> Locale {
    Locale::new("eng").unwrap()
}

fn record() -> Object {
    serde_json::from_value(json!({"identifier": [{"identifier_type": "UIN"}]})).unwrap()
}

/// The headers, which the message beside them settles.
pub(crate) trait Headed {
    fn filled(fill: Fill) -> Self;
}

fn message_id() -> MessageId {
    MessageId::new("m-1").unwrap()
}

fn party(name: &str) -> PartyId {
    PartyId::new(name).unwrap()
}

impl Headed for RequestHeader {
    fn filled(fill: Fill) -> Self {
        let header = Self::new(message_id(), at(), party("sp.example"));
        if fill == Fill::Required {
            return header;
        }
        let url = Url::new("https://sp.example/callback").unwrap();
        let mut header = header.to(party("registry.example")).answered_at(url);
        header.meta = Some(record());
        header
    }
}

impl Headed for ReplyHeader {
    fn filled(fill: Fill) -> Self {
        let header = Self::new(
            message_id(),
            at(),
            party("registry.example"),
            Status::Succeeded,
        );
        if fill == Fill::Required {
            return header;
        }
        let reason = solidarity_dci::HeaderReason::ErrorsTooMany;
        let mut header = header.to(party("sp.example")).rejected_for(reason);
        header.status_reason_message = Some(note());
        header.completed_count = Some(1);
        header.meta = Some(record());
        header
    }
}

pub(crate) fn query(query_type: QueryType) -> Query {
    let conditions = json!({"$and": [{"poverty_score": {"$lt": 5}}]});
    let comparison = |operator| json!({"attribute_name": "birth_date", "operator": operator, "attribute_value": "2020"});
    let body = match query_type {
        QueryType::IdTypeValue => json!({"type": "UIN", "value": "TEST-001"}),
        QueryType::Expression => json!({
            "type": "ns:org:QueryType:expression",
            "value": {"expression": {"collection": "Group", "query": conditions}},
        }),
        QueryType::Predicate => json!([{
            "seq_num": 1, "expression1": comparison("gt"),
            "condition": "and", "expression2": comparison("le"),
        }]),
        QueryType::GraphQl => json!({
            "type": "ns:org:QueryType:graphql", "value": {"expression": "{ people { name } }"},
        }),
        other => panic!("a query of the type {other:?}"),
    };
    let criteria = json!({"query_type": query_type, "query": body});
    let criteria: SearchCriteria = serde_json::from_value(criteria).unwrap();
    criteria.query(&Leniency::none()).unwrap().value
}

fn purpose() -> Purpose {
    let mut purpose = Purpose::new(term("enrolment"));
    purpose.text = Some(Note::new("to enrol a household").unwrap());
    purpose.ref_uri = Some(Url::new("https://consent.example/receipts/1").unwrap());
    purpose
}

fn search_item(registry: Registry, query_type: QueryType, fill: Fill) -> SearchItem {
    let mut criteria = SearchCriteria::new(query(query_type));
    criteria.version = fill.optional(Version::V1_0_0);
    criteria.reg_type = fill.optional(registry.reg_type());
    criteria.reg_record_type = fill.optional(term("Person"));
    criteria.pagination = fill.optional(PageRequest::new(10, 1));
    criteria.consent = fill.optional(Consent::new(at(), purpose()));
    criteria.authorize = fill.optional(Authorize::new(at(), purpose()));
    if registry == Registry::Social {
        criteria.response_entity = fill.optional(ResponseEntity::Group);
    }
    if fill == Fill::Everything {
        criteria.sort = vec![Sort::new(term("birth_date"), SortOrder::Descending)];
    }
    registry.check_search(&criteria).unwrap();
    let mut item = SearchItem::new(reference("1"), at(), criteria);
    item.locale = fill.optional(locale());
    item
}

pub(crate) fn search(registry: Registry, fill: Fill) -> SearchRequest {
    let query_types = match fill {
        Fill::Required => &[QueryType::IdTypeValue][..],
        Fill::Everything => registry.query_types(),
    };
    let items = query_types
        .iter()
        .map(|kind| search_item(registry, *kind, fill));
    SearchRequest::new(transaction(), items.collect())
}

pub(crate) fn on_search(registry: Registry, fill: Fill) -> SearchResponse {
    let mut data = if registry == Registry::Disability {
        SearchData::one(term("DisabledPerson"), record())
    } else {
        SearchData::list(term("Person"), vec![record()])
    };
    data.version = fill.optional(Version::V1_0_0);
    data.reg_type = fill.optional(registry.reg_type());
    registry.check_data(&data).unwrap();
    let mut item = SearchResponseItem::found(reference("1"), at(), data);
    item.status_reason_message = fill.optional(note());
    item.pagination = fill.optional(Pagination::new(PageRequest::new(10, 1), 1));
    item.locale = fill.optional(locale());
    let mut items = vec![item];
    if fill == Fill::Everything {
        let rejected = |reason: &SearchReason| {
            SearchResponseItem::rejected(reference("2"), at(), reason.clone())
        };
        items.extend(SearchReason::ALL.iter().map(rejected));
    }
    SearchResponse::new(transaction(), correlation(), items)
}

fn frequency() -> EventFrequency {
    EventFrequency::new(at(), at(), term("0 0 * * *"))
}

fn event(registry: Registry) -> Term {
    let listed = registry.event_types().unwrap_or(&["LiveBirth"]);
    term(listed[0])
}

const FILTERS: [QueryType; 4] = [
    QueryType::IdTypeValue,
    QueryType::Expression,
    QueryType::Predicate,
    QueryType::GraphQl,
];

pub(crate) fn subscribe(registry: Registry, fill: Fill) -> SubscribeRequest {
    let item = |filter| {
        let mut criteria = SubscribeCriteria::new(event(registry), query(filter), term("Person"));
        criteria.version = fill.optional(Version::V1_0_0);
        criteria.reg_type = fill.optional(registry.reg_type());
        criteria.frequency = fill.optional(frequency());
        criteria.authorize = fill.optional(Authorize::new(at(), purpose()));
        registry.check_subscription(&criteria).unwrap();
        let mut item = SubscribeItem::new(reference("1"), at(), criteria);
        item.locale = fill.optional(locale());
        SubscribeRequest::check_item(&item, &Leniency::none()).unwrap();
        item
    };
    let filters = match fill {
        Fill::Required => &FILTERS[..1],
        Fill::Everything => &FILTERS,
    };
    SubscribeRequest::new(transaction(), filters.iter().copied().map(item).collect())
}

pub(crate) fn on_subscribe(registry: Registry, fill: Fill) -> SubscribeResponse {
    let mut told = Subscription::new(code(), SubscriptionStatus::Subscribe, at());
    if fill == Fill::Everything {
        told = told.of(query(QueryType::Predicate));
    }
    told.version = fill.optional(Version::V1_0_0);
    told.reg_type = fill.optional(registry.reg_type());
    told.reg_event_type = fill.optional(event(registry));
    told.frequency = fill.optional(frequency());
    told.notify_record_type = fill.optional(term("Person"));
    told.locale = fill.optional(locale());
    let mut item = SubscribeResponseItem::subscribed(reference("1"), at(), told);
    item.status_reason_message = fill.optional(note());
    item.pagination = fill.optional(Pagination::new(PageRequest::new(10, 1), 1));
    item.locale = fill.optional(locale());
    let mut items = vec![item];
    if fill == Fill::Everything {
        let rejected = |reason: &SubscribeReason| {
            SubscribeResponseItem::rejected(reference("2"), at(), reason.clone())
        };
        items.extend(SubscribeReason::ALL.iter().map(rejected));
    }
    SubscribeResponse::new(transaction(), correlation(), items)
}

pub(crate) fn notify(registry: Registry, fill: Fill) -> NotifyEventRequest {
    let mut data = NotifyData::new(event(registry), term("Person"), record());
    data.version = fill.optional(Version::V1_0_0);
    data.reg_type = fill.optional(registry.reg_type());
    registry.check_event(&data).unwrap();
    let mut event = NotifyEvent::new(reference("1"), at(), data);
    event.locale = fill.optional(locale());
    NotifyEventRequest::new(transaction(), vec![event])
}

pub(crate) fn unsubscribe() -> UnsubscribeRequest {
    UnsubscribeRequest::new(transaction(), at(), vec![code()])
}

/// One answer, or one for each reason.
pub(crate) fn on_unsubscribe(fill: Fill, reason: UnsubscribeReason) -> UnsubscribeResponse {
    let mut answer =
        UnsubscribeResponse::new(transaction(), correlation(), at(), Status::Succeeded);
    if fill == Fill::Everything {
        answer = answer.rejected_for(reason);
        let standing = SubscriptionStanding::new(code(), SubscriptionStatus::Unsubscribe);
        answer.subscription_status = vec![standing];
    }
    answer.status_reason_message = fill.optional(note());
    answer
}

pub(crate) fn txn_status(txn_type: TxnType, sought: Sought, fill: Fill) -> TxnStatusRequest {
    let mut criteria = TxnStatusCriteria::new(reference("1"), txn_type, sought);
    criteria.locale = fill.optional(locale());
    TxnStatusRequest::new(transaction(), criteria)
}

pub(crate) fn sought(registry: Registry) -> Vec<Sought> {
    let mut all = vec![
        Sought::Transaction(transaction()),
        Sought::References(vec![reference("1")]),
        Sought::Correlation(correlation()),
    ];
    if matches!(registry, Registry::Civil | Registry::Farmer) {
        all.push(Sought::Subscriptions(vec![code()]));
    }
    all
}

pub(crate) fn txn_on_status(
    registry: Registry,
    txn_type: TxnType,
    fill: Fill,
) -> TxnStatusResponse {
    let outcome = match txn_type {
        TxnType::Search => TxnOutcome::Search(on_search(registry, fill)),
        TxnType::Subscribe => TxnOutcome::Subscribe(on_subscribe(registry, fill)),
        TxnType::Unsubscribe => {
            let reason = UnsubscribeReason::RequesterInvalid;
            TxnOutcome::Unsubscribe(on_unsubscribe(fill, reason))
        }
        TxnType::Receipt => {
            let received = EnrolledUpdates::new(vec![record()]);
            TxnOutcome::Receipt(Receipt::new(transaction(), received))
        }
        other => panic!("a status of the type {other:?}"),
    };
    let status = TxnStatus::new(&outcome);
    assert_eq!(status.outcome(&Leniency::none()).unwrap().value, outcome);
    TxnStatusResponse::new(transaction(), correlation(), status)
}

pub(crate) fn enrolled(query_type: QueryType, fill: Fill) -> EnrolledRequest {
    let mut criteria = EnrolledCriteria::new(&query(query_type)).unwrap();
    criteria.response_entity = fill.optional(ResponseEntity::Member);
    EnrolledRequest::new(transaction(), criteria)
}

pub(crate) fn on_enrolled(fill: Fill) -> EnrolledResponse {
    let answered = EnrolledItem::answered(reference("1"), at(), YesNo::Yes);
    let rejected = EnrolledItem::rejected(reference("2"), at(), fill.optional(note()));
    EnrolledResponse::new(transaction(), correlation(), vec![answered, rejected])
}

pub(crate) fn enrollment_updates() -> EnrollmentUpdatesRequest {
    EnrollmentUpdatesRequest::new(transaction(), EnrolledUpdates::new(vec![record()]))
}

pub(crate) fn on_enrollment_updates(fill: Fill) -> EnrollmentUpdatesResponse {
    let mut item = EnrollmentUpdatesItem::new(reference("1"), at(), Status::Succeeded);
    item.status_reason_message = fill.optional(note());
    EnrollmentUpdatesResponse::new(transaction(), correlation(), vec![item])
}

fn disabled_criteria(query_type: QueryType) -> DisabledCriteria {
    DisabledCriteria::new(&query(query_type)).unwrap()
}

pub(crate) fn disabled(query_type: QueryType) -> DisabledRequest {
    DisabledRequest::new(transaction(), disabled_criteria(query_type))
}

pub(crate) fn on_disabled(fill: Fill) -> DisabledResponse {
    let answered = DisabledItem::answered(reference("1"), at(), YesNo::No);
    let rejected = DisabledItem::rejected(reference("2"), at(), fill.optional(note()));
    DisabledResponse::new(transaction(), correlation(), vec![answered, rejected])
}

pub(crate) fn disability_support(query_type: QueryType) -> GetDisabilitySupportRequest {
    GetDisabilitySupportRequest::new(transaction(), disabled_criteria(query_type))
}

pub(crate) fn on_disability<R>(record: R, fill: Fill) -> DisabilityResponse<R> {
    let mut item = DisabilityItem::found(reference("1"), at(), vec![record]);
    if let (Fill::Everything, Some(data)) = (fill, &mut item.data) {
        data.version = Some(Version::V1_0_0);
    }
    item.status_reason_code = fill.optional(SearchReason::TooManyRecordsFound);
    item.status_reason_message = fill.optional(note());
    item.pagination = fill.optional(Pagination::new(PageRequest::new(10, 1), 1));
    item.locale = fill.optional(locale());
    DisabilityResponse::new(transaction(), correlation(), vec![item])
}

pub(crate) fn disability_info(fill: Fill) -> GetDisabilityInfoResponse {
    on_disability(record(), fill)
}

pub(crate) fn disability_supports(fill: Fill) -> GetDisabilitySupportResponse {
    on_disability(vec![record()], fill)
}

/// Acknowledgements of every kind.
pub(crate) fn acks(fill: Fill) -> Vec<Value> {
    let refused = |code: &ErrorCode| {
        json!(Ack::refused(
            correlation(),
            at(),
            code.clone(),
            fill.optional(note())
        ))
    };
    let mut all = vec![json!(Ack::accepted(correlation(), at()))];
    if fill == Fill::Everything {
        all.push(json!(Ack::noted(correlation(), at())));
        all.extend(ErrorCode::ALL.iter().map(refused));
    }
    all
}

/// The items of a message, each under another reference.
fn with_references_of_their_own<M: Message>(message: &M) -> M {
    let mut message = serde_json::to_value(message).unwrap();
    let lists = message.as_object_mut().unwrap().values_mut();
    for list in lists.filter_map(Value::as_array_mut) {
        for (position, item) in list.iter_mut().enumerate() {
            if let Some(reference) = item.get_mut("reference_id") {
                *reference = json!(format!("{}-{position}", reference.as_str().unwrap()));
            }
        }
    }
    serde_json::from_value(message).unwrap()
}

/// `message` as it goes over the wire, and that it is read as it was written.
pub(crate) fn written<M: Message>(message: &M, fill: Fill) -> Value
where
    M::Header: Headed + std::fmt::Debug + PartialEq,
{
    let message = &with_references_of_their_own(message);
    let envelope = solidarity_dci::Envelope::new(M::Header::filled(fill), message.clone());
    let mut body: Value = serde_json::from_str(&envelope.unsigned().unwrap().body).unwrap();
    let header: M::Header = serde_json::from_value(body["header"].clone()).unwrap();
    assert_eq!(header, *envelope.header());
    let read: M = serde_json::from_value(body["message"].clone()).unwrap();
    assert_eq!(read, *message);
    let object: Object = serde_json::from_value(body["message"].clone()).unwrap();
    let read = object.read::<M>(&Leniency::none()).unwrap();
    assert_eq!((&read.value, read.deviations.len()), (message, 0));
    assert_eq!(message.check(&Leniency::none()), Ok(Vec::new()));
    if fill == Fill::Everything {
        body["signature"] = json!("Signature: …");
    }
    body
}
