//! The kit, on every verifier of this crate.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::InMemory;
use solidarity_core::{
    ActorId, Change, ChangeFeed, Channel, Language, MessageForm, Page, Paged, PersonId, Pii,
    Purpose, Retry, SafeContact, Sharing, StoreFault,
};

use super::*;
use crate::conformance::verifier::VerifierBench;
use crate::*;

/// What can break, and with which advice.
#[derive(Debug)]
struct Wire {
    broken: AtomicBool,
    retry: Retry,
}

impl Wire {
    fn new(retry: Retry) -> Arc<Self> {
        Arc::new(Self {
            broken: AtomicBool::new(false),
            retry,
        })
    }

    fn check(&self) -> Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(StoreFault::new("answer", self.retry, "no line").into());
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Wired<S>(S, Arc<Wire>);

#[async_trait]
impl FactSource for Wired<MemoryFactSource> {
    fn code(&self) -> SourceCode {
        self.0.code()
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>> {
        self.1.check()?;
        self.0.facts(person, wanted).await
    }
}

#[async_trait]
impl CodeStore for Wired<MemoryCodeStore> {
    fn rules(&self) -> CodeRules {
        self.0.rules()
    }

    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
        self.1.check()?;
        self.0.issue(id, new, stamp).await
    }

    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
        self.1.check()?;
        self.0.find(id).await
    }

    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer> {
        self.1.check()?;
        self.0.attempt(id, attempt, tag, stamp).await
    }

    async fn withdraw(&self, id: ChallengeId) -> Result<()> {
        self.0.withdraw(id).await
    }

    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        self.0.forget(at).await
    }
}

#[async_trait]
impl ChangeFeed for Wired<MemoryExceptionRegister> {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        self.0.changes_since(page).await
    }
}

#[async_trait]
impl ExceptionRegister for Wired<MemoryExceptionRegister> {
    fn rules(&self) -> ExceptionRules {
        self.0.rules()
    }

    async fn grant(&self, id: ExceptionId, new: NewException, stamp: &Stamp) -> Result<Exception> {
        self.0.grant(id, new, stamp).await
    }

    async fn get(&self, id: ExceptionId) -> Result<Exception> {
        self.1.check()?;
        self.0.get(id).await
    }

    async fn find_valid(&self, person: PersonId, at: DateTime<Utc>) -> Result<Option<Exception>> {
        self.0.find_valid(person, at).await
    }

    async fn use_once(
        &self,
        person: PersonId,
        id: ExceptionUseId,
        stamp: &Stamp,
    ) -> Result<Option<ExceptionUse>> {
        // The use is counted, and its answer is lost.
        let used = self.0.use_once(person, id, stamp).await;
        self.1.check()?;
        used
    }

    async fn revoke(
        &self,
        id: ExceptionId,
        reason: RevocationReason,
        stamp: &Stamp,
    ) -> Result<Exception> {
        self.0.revoke(id, reason, stamp).await
    }

    async fn list(&self, person: PersonId, page: &Page) -> Result<Paged<Exception>> {
        self.0.list(person, page).await
    }

    async fn due_for_review(&self, at: DateTime<Utc>, page: &Page) -> Result<Paged<Exception>> {
        self.0.due_for_review(at, page).await
    }

    async fn tally(&self, attester: ActorId, at: DateTime<Utc>) -> Result<AttesterTally> {
        self.0.tally(attester, at).await
    }
}

fn stamp() -> Stamp {
    // A moment before the kit's own.
    let at = DateTime::from_timestamp_micros(1_780_000_000_000_000).unwrap();
    Stamp::new(at, ActorId::generate(), Purpose::from_static("test"))
}

fn fresh(person: PersonId) -> Claim {
    Claim::new(ClaimId::generate(), person)
}

#[derive(Debug)]
struct Facing {
    wire: Arc<Wire>,
    verifier: Arc<dyn Verifier>,
    person: PersonId,
    ask: Ask,
}

/// How the bench of each method makes its claims.
#[derive(Debug)]
enum Ask {
    Facts,
    Code(
        Arc<OneTimeCode>,
        Arc<MemoryCodeDelivery>,
        Arc<MemoryContactSource>,
        AtomicU32,
    ),
    Exception,
}

#[async_trait]
impl VerifierBench for Facing {
    fn verifier(&self) -> Arc<dyn Verifier> {
        self.verifier.clone()
    }

    async fn genuine(&self) -> Claim {
        match &self.ask {
            Ask::Facts => fresh(self.person)
                .with_name("Genuine Person")
                .with_birth_date("1984-05-12".parse().unwrap()),
            Ask::Code(..) => {
                let (person, challenge, code) = self.sent().await;
                fresh(person).with_code(challenge, code.expose())
            }
            Ask::Exception => fresh(self.person),
        }
    }

    async fn impostor(&self) -> Option<Claim> {
        match &self.ask {
            Ask::Facts => Some(self.genuine().await.with_name("Another Person")),
            Ask::Code(..) => {
                let (person, challenge, code) = self.sent().await;
                let wrong = code.expose().replace(['0', '1', '2'], "9");
                Some(fresh(person).with_code(challenge, format!("{wrong}1")))
            }
            Ask::Exception => None,
        }
    }

    async fn unprovided(&self) -> Claim {
        match &self.ask {
            Ask::Facts => fresh(PersonId::generate()).with_name("Unknown Person"),
            Ask::Code(..) | Ask::Exception => fresh(PersonId::generate()),
        }
    }

    async fn break_down(&self) {
        self.wire.broken.store(true, Ordering::Relaxed);
    }

    async fn mend(&self) {
        self.wire.broken.store(false, Ordering::Relaxed);
    }
}

impl Facing {
    /// A code that was sent to somebody new.
    async fn sent(&self) -> (PersonId, ChallengeId, Pii<String>) {
        let Ask::Code(verifier, gateway, contacts, count) = &self.ask else {
            panic!("no code is sent here")
        };
        let (person, challenge) = (PersonId::generate(), ChallengeId::generate());
        let number = count.fetch_add(1, Ordering::Relaxed);
        let language = Language::from_static("sw");
        let contact = SafeContact::new(Channel::Sms, language, MessageForm::Text, Sharing::Private);
        contacts.hold(person, contact.with_address(format!("{number}")).unwrap());
        let sending = verifier.send(challenge, person, &stamp()).await.unwrap();
        assert!(matches!(sending, Sending::Sent { .. }));
        (
            person,
            challenge,
            gateway.delivered().last().unwrap().code().clone(),
        )
    }
}

fn facts(retry: Retry) -> Arc<dyn VerifierBench> {
    let (wire, person) = (Wire::new(retry), PersonId::generate());
    let source = MemoryFactSource::new(SourceCode::from_static("civil-register"));
    let held = fresh(person)
        .with_name("person genuine")
        .with_birth_date("1984-05-12".parse().unwrap());
    source.hold(person, held.facts);
    let source = Arc::new(Wired(source, wire.clone()));
    Arc::new(Facing {
        wire,
        verifier: Arc::new(DemographicVerifier::new(source, MatchPolicy::default())),
        person,
        ask: Ask::Facts,
    })
}

fn code() -> Arc<dyn VerifierBench> {
    let wire = Wire::new(Retry::Later);
    let contacts = Arc::new(MemoryContactSource::new());
    let gateway = Arc::new(MemoryCodeDelivery::new());
    let store = MemoryCodeStore::new(CodeRules::default()).unwrap();
    let verifier = Arc::new(OneTimeCode::new(
        CodeKey::new(&[3; 32]).unwrap(),
        Arc::new(Wired(store, wire.clone())),
        contacts.clone(),
        gateway.clone(),
    ));
    Arc::new(Facing {
        wire,
        verifier: verifier.clone(),
        person: PersonId::generate(),
        ask: Ask::Code(verifier, gateway, contacts, AtomicU32::new(0)),
    })
}

fn exception() -> Arc<dyn VerifierBench> {
    let (wire, person) = (Wire::new(Retry::AfterInquiry), PersonId::generate());
    let register = MemoryExceptionRegister::new(ExceptionRules::default()).unwrap();
    let until = stamp().at() + TimeDelta::days(1);
    let new = NewException::new(
        person,
        ExceptionBasis::NO_DOCUMENT,
        Attester::new(ActorId::generate()),
        ExceptionLimit::new(1, until),
        until.date_naive(),
    );
    let stamp = stamp();
    let granted = register.grant(ExceptionId::generate(), new, &stamp);
    solidarity_core::testing::block_on(granted).unwrap();
    let register = Arc::new(Wired(register, wire.clone()));
    Arc::new(Facing {
        wire,
        verifier: Arc::new(ExceptionVerifier::new(register)),
        person,
        ask: Ask::Exception,
    })
}

mod demographic {
    use super::*;
    crate::verifier_conformance!(InMemory::new(|| facts(Retry::Later)));
}

mod demographic_whose_source_never_answers {
    use super::*;
    crate::verifier_conformance!(InMemory::new(|| facts(Retry::Never)));
}

mod one_time_code {
    use super::*;
    crate::verifier_conformance!(InMemory::new(code));
}

mod exceptions {
    use super::*;
    crate::verifier_conformance!(InMemory::new(exception));
}
