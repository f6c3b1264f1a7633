//! Verifies three people by one policy: one by the facts of a register, one
//! whose only telephone is the family's, and one who has nothing to show.
//!
//! `cargo run -p solidarity-examples --example verify_identity`

use std::error::Error;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{
    ActorId, Channel, Language, MessageForm, PersonId, Purpose, SafeContact, Sharing, Stamp,
};
use solidarity_identity::{
    Alternatives, AssuranceLevel, AttemptStatistics, Attester, Cell, ChallengeId, Claim, ClaimId,
    CodeKey, CodeRules, Count, DemographicVerifier, Evidence, EvidenceItem, ExceptionBasis,
    ExceptionId, ExceptionLimit, ExceptionRegister, ExceptionRules, ExceptionVerifier,
    FallbackPolicy, Group, MatchPolicy, Means, MemoryCodeDelivery, MemoryCodeStore,
    MemoryContactSource, MemoryExceptionRegister, MemoryFactSource, Method, NewException, Obstacle,
    OneTimeCode, Outcome, Sending, SourceCode, Verification, Verifier,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    print!("{}", verify_three()?);
    Ok(())
}

// ANCHOR: officer
/// An officer who looks at documents: a verifier of our own.
#[derive(Debug, Default)]
struct Desk(Mutex<Vec<ClaimId>>);

impl Desk {
    fn has_seen(&self, claim: &Claim) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(claim.id);
    }
}

#[async_trait]
impl Verifier for Desk {
    fn method(&self) -> Method {
        Method::DOCUMENT_SEEN
    }

    async fn verify(
        &self,
        claim: &Claim,
        stamp: &Stamp,
    ) -> solidarity_identity::Result<Verification> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(if seen.contains(&claim.id) {
            Verification::Verified {
                level: AssuranceLevel::Low,
                evidence: Evidence::of(EvidenceItem::new(claim, self.method(), stamp)),
            }
        } else {
            Verification::CouldNotTry {
                reason: Obstacle::NothingPresented,
                alternatives: Alternatives::default(),
            }
        })
    }
}
// ANCHOR_END: officer

/// An office: whom it knows, how it reaches them, and who answers for whom.
struct Office {
    register: Arc<MemoryFactSource>,
    contacts: Arc<MemoryContactSource>,
    gateway: Arc<MemoryCodeDelivery>,
    exceptions: Arc<MemoryExceptionRegister>,
    facts: DemographicVerifier,
    code: OneTimeCode,
    desk: Desk,
    exception: ExceptionVerifier,
    policy: FallbackPolicy,
    officer: ActorId,
    now: DateTime<Utc>,
}

impl Office {
    fn open() -> Result<Self> {
        let register = Arc::new(MemoryFactSource::new(SourceCode::new("social-register")?));
        let contacts = Arc::new(MemoryContactSource::new());
        let gateway = Arc::new(MemoryCodeDelivery::new());
        let rules = ExceptionRules::default();
        let exceptions = Arc::new(MemoryExceptionRegister::new(rules)?);
        let codes = Arc::new(MemoryCodeStore::new(CodeRules::default())?);
        let key = CodeKey::new(b"an example only: use random bytes")?;
        Ok(Self {
            facts: DemographicVerifier::new(register.clone(), MatchPolicy::default()),
            code: OneTimeCode::new(key, codes, contacts.clone(), gateway.clone()),
            desk: Desk::default(),
            exception: ExceptionVerifier::new(exceptions.clone()),
            // ANCHOR: policy
            policy: FallbackPolicy::of([
                Method::DEMOGRAPHIC,
                Method::ONE_TIME_CODE,
                Method::DOCUMENT_SEEN,
                Method::EXCEPTION,
            ])?,
            // ANCHOR_END: policy
            register,
            contacts,
            gateway,
            exceptions,
            officer: ActorId::generate(),
            now: "2026-11-23T09:00:00Z".parse()?,
        })
    }

    fn stamp(&self) -> Stamp {
        Stamp::new(self.now, self.officer, Purpose::from_static("payment"))
    }

    /// Holds what `person` said when they were registered.
    fn register(&self, person: PersonId, name: &str, born: &str) -> Result<()> {
        let said = Claim::new(ClaimId::generate(), person)
            .with_name(name)
            .with_birth_date(born.parse()?);
        self.register.hold(person, said.facts);
        Ok(())
    }

    // ANCHOR: run
    fn verify(&self, claim: &Claim) -> Result<Outcome> {
        let offered: [&dyn Verifier; 4] = [&self.facts, &self.code, &self.desk, &self.exception];
        Ok(block_on(self.policy.run(claim, &self.stamp(), &offered))?)
    }
    // ANCHOR_END: run
}

fn verify_three() -> Result<String> {
    let office = Office::open()?;
    let mut said = String::new();
    let mut statistics = AttemptStatistics::new();
    for (who, claim) in [
        ("the first", first(&office)?),
        ("the second", second(&office)?),
        ("the third", third(&office)?),
    ] {
        let outcome = office.verify(&claim)?;
        tell(&mut said, who, &outcome)?;
        statistics.count_all(&Group::everyone(), &outcome.attempts);
    }
    let sent = office.gateway.delivered().len();
    writeln!(said, "{sent} codes went to a telephone that others use")?;

    // Counts that would point at somebody are not told.
    let report = statistics.report(5)?;
    let hidden = |cell: &&Cell| matches!(cell.count, Count::FewerThan(_));
    let hidden = report.cells.iter().filter(hidden).count();
    writeln!(said, "{hidden} counts are too small to be told")?;
    Ok(said)
}

/// States the name in another order, and only the year of birth.
fn first(office: &Office) -> Result<Claim> {
    let person = PersonId::generate();
    office.register(person, "Person One", "1984-05-12")?;
    Ok(Claim::new(ClaimId::generate(), person)
        .with_name("one PERSON")
        .with_birth_date("1984".parse()?))
}

/// Is registered under another spelling. The telephone is the family's, and no
/// code goes there: an officer looks at a document.
fn second(office: &Office) -> Result<Claim> {
    let person = PersonId::generate();
    office.register(person, "Purson Too", "1990")?;
    let language = Language::new("sw")?;
    let family = SafeContact::new(Channel::Sms, language, MessageForm::Voice, Sharing::Shared);
    let family = family.with_address("the family's number")?;
    office.contacts.hold(person, family);
    let mut claim = Claim::new(ClaimId::generate(), person)
        .with_name("Person Two")
        .with_birth_date("1990".parse()?);
    let (challenge, stamp) = (ChallengeId::generate(), office.stamp());
    match block_on(office.code.send(challenge, person, &stamp))? {
        Sending::Sent { challenge, .. } => claim = claim.with_code(challenge, "as read out"),
        Sending::CouldNotTry {
            reason: Obstacle::Lacks(means),
            ..
        } => claim = claim.lacking(means),
        // Out of order, today: the policy tries the next method.
        Sending::CouldNotTry { .. } => {}
    }
    office.desk.has_seen(&claim);
    Ok(claim)
}

/// Has no record, no document and no telephone: an introducer vouches.
fn third(office: &Office) -> Result<Claim> {
    let person = PersonId::generate();
    vouch(office, person, Attester::new(ActorId::generate()))?;
    Ok(Claim::new(ClaimId::generate(), person)
        .lacking(Means::Record)
        .lacking(Means::Document)
        .lacking(Means::Phone))
}

// ANCHOR: vouch
fn vouch(office: &Office, person: PersonId, introducer: Attester) -> Result<()> {
    let until = office.now + TimeDelta::days(120);
    let asked_for = NewException::new(
        person,
        ExceptionBasis::NO_DOCUMENT,
        introducer,
        ExceptionLimit::new(3, until),
        (until - TimeDelta::days(30)).date_naive(),
    );
    let id = ExceptionId::generate();
    block_on(office.exceptions.grant(id, asked_for, &office.stamp()))?;
    Ok(())
}
// ANCHOR_END: vouch

fn tell(said: &mut String, who: &str, outcome: &Outcome) -> Result<()> {
    match &outcome.verification {
        Verification::Verified { level, evidence } => {
            let methods: Vec<String> = evidence.methods().iter().map(Method::to_string).collect();
            let facts = evidence.items().iter().map(|item| item.facts().len());
            let (methods, facts) = (methods.join(" and "), facts.sum::<usize>());
            writeln!(
                said,
                "{who}: verified ({level:?}) by {methods}, {facts} facts agree"
            )?;
        }
        Verification::Exception {
            basis,
            limit,
            review_by,
            ..
        } => writeln!(
            said,
            "{who}: served under an exception ({basis}), {} times at most, reviewed by {review_by}",
            limit.uses,
        )?,
        Verification::NotVerified { alternatives, .. }
        | Verification::CouldNotTry { alternatives, .. } => {
            let ways: Vec<&str> = alternatives.iter().map(Method::as_str).collect();
            writeln!(said, "{who}: not verified yet; offer {}", ways.join(", "))?;
        }
    }
    for attempt in &outcome.attempts {
        let ending = serde_json::to_string(&attempt.ending)?;
        writeln!(said, "    {}: {ending}", attempt.method)?;
    }
    Ok(())
}

#[test]
fn says_what_became_of_each() {
    let said = verify_three().unwrap();
    assert_eq!(
        said,
        r#"the first: verified (Low) by demographic, 2 facts agree
    demographic: "verified"
the second: verified (Low) by document_seen, 0 facts agree
    demographic: {"not_verified":"facts_differ"}
    one_time_code: {"could_not_try":{"lacks":"phone"}}
    document_seen: "verified"
the third: served under an exception (no_document), 3 times at most, reviewed by 2027-02-21
    demographic: {"could_not_try":{"lacks":"record"}}
    one_time_code: {"could_not_try":{"lacks":"phone"}}
    document_seen: {"could_not_try":{"lacks":"document"}}
    exception: {"exception":"no_document"}
0 codes went to a telephone that others use
7 counts are too small to be told
"#
    );
}
