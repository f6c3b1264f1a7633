//! A programme asks a social registry for a person, and the registry answers:
//! signed and checked in each of the three ways of the field. Then somebody
//! changes the message on its way, sends it again, or sends what no search is,
//! and the registry says why it takes none of it.
//!
//! `cargo run --example sign_and_search`

use std::error::Error;
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use solidarity_core::testing::block_on;
use solidarity_dci::codes::{IdentifierType, RegistryRecordType, Sex};
use solidarity_dci::data::{Identifier, Name, Person};
use solidarity_dci::json::Object;
use solidarity_dci::query::{Attributes, Filter, Query, Test, Value};
use solidarity_dci::registry::{
    PageRequest, Pagination, SearchCriteria, SearchData, SearchItem, SearchRequest, SearchResponse,
    SearchResponseItem,
};
use solidarity_dci::{
    CorrelationId, Envelope, Incoming, Leniency, Partner, Profile, Reception, ReferenceId, Refusal,
    ReplyHeader, RequestHeader, SearchReason, SignaturePolicy, Status, Term, TransactionId, Wire,
};
use solidarity_signing::{
    Key, KeySet, MemoryReplayGuard, MessageId, PartyId, ReplayGuard, SigningKey, Window,
};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// What the registry takes in from a programme.
type Search = solidarity_dci::Received<SearchRequest, SearchReason>;

fn main() -> Result<()> {
    print!("{}", block_on(exchange())?);
    Ok(())
}

/// One of the two systems: who it is, how it signs, whom it believes.
struct System {
    id: PartyId,
    key: SigningKey,
    partner: KeySet,
    reception: Reception,
    guard: MemoryReplayGuard,
}

/// The programme and the registry, each with the other's public key.
fn systems() -> Result<(System, System)> {
    let window = Window::new(TimeDelta::minutes(10), TimeDelta::minutes(1))?;
    let programme = (
        PartyId::new("programme.example")?,
        SigningKey::generate_ed25519()?,
    );
    let registry = (
        PartyId::new("registry.example")?,
        SigningKey::generate_ed25519()?,
    );
    let keys = |(id, key): &(PartyId, SigningKey)| -> Result<KeySet> {
        let mut keys = KeySet::new(id.clone());
        keys.add(Key::new(key.public().clone()))?;
        Ok(keys)
    };
    let (programmes, registrys) = (keys(&programme)?, keys(&registry)?);
    let system = |(id, key): (PartyId, SigningKey), partner| System {
        reception: Reception::new(id.clone(), window).only_addressed(),
        guard: MemoryReplayGuard::new(window),
        id,
        key,
        partner,
    };
    Ok((system(programme, registrys), system(registry, programmes)))
}

impl System {
    /// What was agreed on with the other system.
    fn agreed(&self, profile: Profile) -> Partner {
        let id = self.partner.owner().clone();
        Partner::new(id, SignaturePolicy::Required(profile))
    }

    /// Checks a search: whose it is, that it is meant for this registry, and
    /// that it comes for the first time.
    async fn receive(&self, wire: &Wire, profile: Profile, now: DateTime<Utc>) -> Result<Search> {
        let incoming = Incoming::parse(wire.body.as_bytes(), wire.signature.as_deref())?;
        let partner = self.agreed(profile);
        let opened = self
            .reception
            .open(incoming, &partner, &self.partner, now)?;
        let search = opened.read_items::<SearchRequest>()?;
        match Refusal::of(self.guard.take(search.arrival(), now).await?) {
            None => Ok(search),
            Some(refusal) => Err(refusal.into()),
        }
    }
}

/// Made-up people, as the registry holds them.
fn people() -> Result<Vec<Person>> {
    let person = |id: &str, given: &str, sex, year| {
        let mut person = Person::default();
        person.identifier = vec![Identifier::new(IdentifierType::Uin, id)];
        person.name = Some(Name::new(given, "Example"));
        person.sex = Some(sex);
        person.birth_date =
            NaiveDate::from_ymd_opt(year, 5, 1).map(|day| solidarity_core::Pii::new(day.into()));
        person
    };
    Ok(vec![
        person("TEST-001", "First", Sex::Female, 1950),
        person("TEST-002", "Second", Sex::Male, 1951),
        person("TEST-003", "Third", Sex::Female, 2001),
    ])
}

/// What of a person may be searched, and what the person's record says of it.
fn attributes() -> Result<Attributes, solidarity_dci::Rule> {
    Attributes::new().id("UIN")?.text("sex")?.date("birth_date")
}

fn lookup(person: &Person, attribute: &Term) -> Vec<Value> {
    match attribute.as_str() {
        "UIN" => person
            .identifier
            .iter()
            .filter(|identifier| identifier.identifier_type == Some(IdentifierType::Uin))
            .filter_map(|identifier| identifier.identifier_value.as_ref())
            .map(|value| Value::Text(value.expose().clone()))
            .collect(),
        "sex" => person
            .sex
            .iter()
            .map(|sex| Value::from(sex.code()))
            .collect(),
        "birth_date" => person
            .birth_date
            .iter()
            .map(|date| Value::Date(date.expose().day()))
            .collect(),
        _ => Vec::new(),
    }
}

/// Two searches in one message: by an identifier, and by conditions.
fn search(id: &str, now: DateTime<Utc>) -> Result<SearchRequest> {
    let by_id = SearchCriteria::new(Query::id("UIN", "TEST-002")?);
    let day = NaiveDate::from_ymd_opt(1961, 3, 1).ok_or("no such day")?;
    let old = Filter::new(Term::new("birth_date")?, Test::Le(Value::Date(day)));
    let women = Filter::new(Term::new("sex")?, Test::Eq("female".into()));
    let filter = Filter::And(vec![old, women]);
    let mut by_conditions = SearchCriteria::new(filter.to_predicate()?);
    by_conditions.pagination = Some(PageRequest::new(10, 1));
    let items = vec![
        SearchItem::new(ReferenceId::new("by-id")?, now, by_id),
        SearchItem::new(ReferenceId::new("by-conditions")?, now, by_conditions),
    ];
    Ok(SearchRequest::new(TransactionId::new(id)?, items))
}

/// What the registry finds: an answer for each search, and one for each that
/// was not in order.
fn answer(search: &Search, now: DateTime<Utc>) -> Result<SearchResponse> {
    let (people, attributes) = (people()?, attributes()?);
    let mut items = Vec::new();
    for item in &search.message.search_request {
        let query = item.search_criteria.query(&Leniency::none())?.value;
        let reference = item.reference_id.clone();
        let Ok(filter) = query.filter(&attributes) else {
            let reason = SearchReason::SearchCriteriaInvalid;
            items.push(SearchResponseItem::rejected(reference, now, reason));
            continue;
        };
        let found = people
            .iter()
            .filter(|person| {
                filter
                    .matches(|attribute| lookup(person, attribute))
                    .is_true()
            })
            .map(Object::of)
            .collect::<Result<Vec<_>, _>>()?;
        let total = u32::try_from(found.len())?;
        let kind = Term::new(RegistryRecordType::Person.code())?;
        let mut found = SearchResponseItem::found(reference, now, SearchData::list(kind, found));
        let page = item
            .search_criteria
            .pagination
            .unwrap_or(PageRequest::new(10, 1));
        found.pagination = Some(Pagination::new(page, total));
        items.push(found);
    }
    // One whose own name cannot be read has no place in an answer: its fault
    // goes to the log, and to the partner's people.
    for rejected in &search.rejected {
        if let Some(reference) = rejected.reference_id.clone() {
            items.push(SearchResponseItem::rejected(
                reference,
                now,
                rejected.reason.clone(),
            ));
        }
    }
    let correlation = CorrelationId::new(format!("c-{}", search.header.message_id))?;
    Ok(SearchResponse::new(
        search.message.transaction_id.clone(),
        correlation,
        items,
    ))
}

async fn exchange() -> Result<String> {
    let mut out = String::new();
    let now = Utc::now();
    let (programme, registry) = systems()?;
    for profile in [Profile::Detached, Profile::Token, Profile::Digest] {
        writeln!(out, "{profile:?}")?;
        ask_and_answer(&mut out, &programme, &registry, profile, now).await?;
    }
    writeln!(out, "What the registry does not take")?;
    refusals(&mut out, &programme, &registry, now).await?;
    Ok(out)
}

/// A search, its answer, and the checks of both.
async fn ask_and_answer(
    out: &mut String,
    programme: &System,
    registry: &System,
    profile: Profile,
    now: DateTime<Utc>,
) -> Result<()> {
    let asked = search(&format!("t-{profile:?}"), now)?;
    let id = MessageId::new(format!("m-{profile:?}"))?;
    let header = RequestHeader::new(id, now, programme.id.clone()).to(registry.id.clone());
    let envelope = Envelope::new(header, asked.clone());
    let wire = envelope.sign(profile, &programme.key, now).await?;
    let place = if wire.signature.is_some() {
        "HTTP header"
    } else {
        "body"
    };
    writeln!(
        out,
        "  asked     {} bytes, signature in the {place}",
        wire.body.len()
    )?;

    let received = registry.receive(&wire, profile, now).await?;
    writeln!(
        out,
        "  received  {} searches, from {}",
        received.message.search_request.len(),
        registry.partner.owner()
    )?;

    let found = answer(&received, now)?;
    let correlation = found.correlation_id.clone();
    let id = MessageId::new(format!("r-{profile:?}"))?;
    let header = ReplyHeader::new(id, now, registry.id.clone(), Status::Succeeded);
    let reply = Envelope::new(header.to(programme.id.clone()), found);
    let wire = reply.sign(profile, &registry.key, now).await?;

    // The programme checks the answer as strictly, and that it is to its own
    // question.
    let incoming = Incoming::parse(wire.body.as_bytes(), wire.signature.as_deref())?;
    let partner = programme.agreed(profile);
    let opened = programme
        .reception
        .open(incoming, &partner, &programme.partner, now)?;
    let answered = opened.read::<SearchResponse>()?;
    answered.message.check_answers(&asked, Some(&correlation))?;
    for item in &answered.message.search_response {
        let records = item
            .data
            .as_ref()
            .map_or(0, |data| data.reg_records.as_slice().len());
        writeln!(out, "  answered  {}: {records} found", item.reference_id)?;
    }
    Ok(())
}

/// Messages that somebody has changed, and what the registry says to each.
async fn refusals(
    out: &mut String,
    programme: &System,
    registry: &System,
    now: DateTime<Utc>,
) -> Result<()> {
    let header = |id: &str| -> Result<RequestHeader> {
        let header = RequestHeader::new(MessageId::new(id)?, now, programme.id.clone());
        Ok(header.to(registry.id.clone()))
    };
    let profile = Profile::Detached;
    let good = Envelope::new(header("m-1")?, search("t-1", now)?);
    let wire = good.sign(profile, &programme.key, now).await?;

    let mut changed = wire.clone();
    changed.body = wire.body.replace("TEST-002", "TEST-001");
    let mut stripped = wire.clone();
    stripped.signature = None;
    let mut twice = wire.clone();
    twice.body = wire
        .body
        .replace(r#""action":"#, r#""action":"notify","action":"#);
    let mut cut = wire.clone();
    cut.body.truncate(wire.body.len() / 2);
    let late = now + TimeDelta::hours(1);
    let strangers = SigningKey::generate_ed25519()?;
    let stranger = good.sign(profile, &strangers, now).await?;
    let to_another = header("m-2")?.to(PartyId::new("another.example")?);
    let elsewhere = Envelope::new(to_another, search("t-2", now)?);
    let elsewhere = elsewhere.sign(profile, &programme.key, now).await?;

    let tries = [
        ("another person's number put in", &changed, now),
        ("the signature taken away", &stripped, now),
        ("signed by somebody else", &stranger, now),
        ("a name twice", &twice, now),
        ("half of it", &cut, now),
        ("an hour late", &wire, late),
        ("meant for another registry", &elsewhere, now),
        ("as it was sent", &wire, now),
        ("the same again", &wire, now),
    ];
    for (what, wire, now) in tries {
        let said = match registry.receive(wire, profile, now).await {
            Ok(_) => "taken".to_owned(),
            Err(refusal) => match refusal.downcast_ref::<Refusal>() {
                Some(refusal) => match refusal.reason() {
                    Some(reason) => format!("{refusal} ({reason})"),
                    None => refusal.to_string(),
                },
                None => return Err(refusal),
            },
        };
        writeln!(out, "  {what:<31} {said}")?;
    }
    one_search_of_two(out, programme, registry, now).await
}

/// Two searches, of which one is none: the other is answered all the same.
async fn one_search_of_two(
    out: &mut String,
    programme: &System,
    registry: &System,
    now: DateTime<Utc>,
) -> Result<()> {
    let profile = Profile::Detached;
    let id = MessageId::new("m-3")?;
    let header = RequestHeader::new(id, now, programme.id.clone()).to(registry.id.clone());
    let envelope = Envelope::new(header, search("t-3", now)?);
    // A partner's own software, with an operator that the standard lacks.
    let body = envelope
        .unsigned()?
        .body
        .replace(r#""operator":"le""#, r#""operator":"lte""#);
    let signature = solidarity_signing::jws::Draft::detached(body.as_bytes());
    let signature = Some(signature.sign(&programme.key).await?);
    let incoming = Incoming::parse(body.as_bytes(), signature.as_deref())?;
    let partner = registry.agreed(profile);
    let opened = registry
        .reception
        .open(incoming, &partner, &registry.partner, now)?;
    let received = opened.read_items::<SearchRequest>()?;
    for item in answer(&received, now)?.search_response {
        let code = item
            .status_reason_code
            .map_or("answered".to_owned(), |code| code.to_string());
        writeln!(
            out,
            "  one search of two is none: {}: {code}",
            item.reference_id
        )?;
    }
    for rejected in &received.rejected {
        writeln!(out, "    {}", rejected.fault)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_happened() {
        let said = block_on(exchange()).unwrap();
        for line in [
            "answered  by-id: 1 found",
            "answered  by-conditions: 1 found",
            "another person's number put in  err.signature.invalid",
            "the signature taken away        err.signature.missing",
            "half of it                      err.request.bad",
            "an hour late                    err.request.bad",
            "meant for another registry      err.receiver_id.invalid",
            "as it was sent                  taken",
            "(rjct.message_id.duplicate)",
            "by-conditions: rjct.search_criteria.invalid",
            "by-id: answered",
        ] {
            assert!(said.contains(line), "{line}\n{said}");
        }
    }
}
