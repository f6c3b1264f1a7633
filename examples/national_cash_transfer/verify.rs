//! Is it the right person who comes to collect? Whom the first way does not
//! find is offered the next, down to somebody's word.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use indicatif::ProgressBar;
use solidarity_core::testing::Random;
use solidarity_core::{ActorId, Clock, PersonId, Pii, Retry, SafeContact, Stamp};
use solidarity_identity::{
    Attester, ChallengeId, Claim, ClaimId, CodeKey, ContactSource, DemographicVerifier, Error,
    ExceptionBasis, ExceptionId, ExceptionLimit, ExceptionRegister, ExceptionVerifier, Fact,
    FactName, FactSource, Facts, FallbackPolicy, MatchPolicy, Means, Method, NewException,
    Obstacle, OneTimeCode, Sending, SourceCode, Verification, Verifier,
};
use solidarity_registry::{AsOf, Person, RecordStore, Registry};

use crate::bank::Telephones;
use crate::figures::Count;
use crate::office::{Office, Result};

/// An introducer vouches for no more people than the register's cap.
const VOUCHES: u64 = 20;

/// The register, as a source of facts and of safe contacts: the ports of the
/// identity block, which does not know the registry block.
#[derive(Debug)]
struct Known(Arc<dyn Registry>);

impl Known {
    async fn person(&self, id: PersonId) -> Result<Option<Person>, Error> {
        let found = self.0.people(&[id], AsOf::LATEST).await;
        let found =
            found.map_err(|e| Error::unavailable("look into the register", Retry::Later, e))?;
        Ok(found.into_iter().flatten().next())
    }
}

#[async_trait]
impl FactSource for Known {
    fn code(&self) -> SourceCode {
        SourceCode::from_static("social-register")
    }

    async fn facts(&self, person: PersonId, wanted: &[FactName]) -> Result<Option<Facts>, Error> {
        let Some(person) = self.person(person).await? else {
            return Ok(None);
        };
        let mut facts = stated(&person);
        facts.retain(|name, _| wanted.contains(name));
        Ok(Some(facts))
    }
}

#[async_trait]
impl ContactSource for Known {
    async fn contacts(&self, person: PersonId) -> Result<Vec<SafeContact>, Error> {
        let person = self.person(person).await?;
        Ok(person
            .and_then(|person| person.said().safe_contact.clone())
            .into_iter()
            .collect())
    }
}

/// What a person told the register about themself.
fn stated(person: &Person) -> Facts {
    let said = person.said();
    let name = said
        .names
        .first()
        .map(|name| (FactName::NAME, Fact::Name(name.full.clone())));
    let born = said
        .born
        .map(|born| (FactName::BIRTH_DATE, Fact::Date(born)));
    name.into_iter().chain(born).collect()
}

/// The counter where payees show who they are.
#[derive(Debug)]
struct Counter {
    policy: FallbackPolicy,
    facts: DemographicVerifier,
    code: OneTimeCode,
    exception: ExceptionVerifier,
    telephones: Arc<Telephones>,
}

impl Counter {
    fn open(office: &Office, telephones: Telephones) -> Result<Self> {
        let telephones = Arc::new(telephones);
        let known = Arc::new(Known(office.register.clone()));
        // A real one is random, and kept apart from the database.
        let key = CodeKey::new(office.programme.digest().as_bytes())?;
        Ok(Self {
            policy: FallbackPolicy::of([
                Method::DEMOGRAPHIC,
                Method::ONE_TIME_CODE,
                Method::EXCEPTION,
            ])?,
            facts: DemographicVerifier::new(known.clone(), MatchPolicy::default()),
            code: OneTimeCode::new(key, office.codes.clone(), known, telephones.clone()),
            exception: ExceptionVerifier::new(office.exceptions.clone()),
            telephones,
        })
    }

    async fn verify(&self, claim: &Claim, stamp: &Stamp) -> Result<Verification> {
        let ways: [&dyn Verifier; 3] = [&self.facts, &self.code, &self.exception];
        Ok(self.policy.run(claim, stamp, &ways).await?.verification)
    }

    /// The same claim, with a code if the person has a telephone of their own.
    async fn with_code(
        &self,
        claim: Claim,
        contact: Option<&SafeContact>,
        stamp: &Stamp,
    ) -> Result<Claim> {
        let id = ChallengeId::derive(&claim.person, "collect");
        match self.code.send(id, claim.person, stamp).await? {
            Sending::Sent { challenge, .. } => {
                let number = contact.and_then(SafeContact::address).map(Pii::expose);
                let code = match number {
                    Some(number) => self.telephones.last_code(number)?,
                    None => None,
                };
                Ok(match code {
                    Some(code) => claim.with_code(challenge, code),
                    None => claim,
                })
            }
            Sending::CouldNotTry {
                reason: Obstacle::Lacks(Means::Phone),
                ..
            } => Ok(claim.lacking(Means::Phone)),
            Sending::CouldNotTry { .. } => Ok(claim),
        }
    }
}

/// How the payees were verified.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    pub(crate) exceptions: u64,
    facts: u64,
    codes: u64,
    left: u64,
}

/// Verifies who collects. The people who come are simulated: most state what
/// the register holds, some are there under another spelling.
pub(crate) async fn verify(
    office: &Office,
    payees: &[PersonId],
    people: &[Person],
    seed: u64,
    telephones: Telephones,
    bar: &ProgressBar,
) -> Result<Verified> {
    let counter = Counter::open(office, telephones)?;
    let people: BTreeMap<PersonId, &Person> = people.iter().map(|p| (p.id(), p)).collect();
    let mut verified = Verified::default();
    for payee in payees {
        let Some(person) = people.get(payee) else {
            continue;
        };
        verified.one(office, &counter, person, seed).await?;
        bar.inc(1);
    }
    Ok(verified)
}

impl Verified {
    async fn one(
        &mut self,
        office: &Office,
        counter: &Counter,
        person: &Person,
        seed: u64,
    ) -> Result<()> {
        let stamp = office.stamp("payment-clerk", "payment");
        let id = ClaimId::derive(&person.id(), "collect");
        let mut claim = Claim::new(id, person.id());
        claim.facts = said_at_the_counter(person, seed);
        let stated = counter.facts.verify(&claim, &stamp).await?;
        let known = matches!(stated, Verification::Verified { .. });
        if !known {
            let contact = person.said().safe_contact.as_ref();
            claim = counter.with_code(claim, contact, &stamp).await?;
            if claim.code.is_none() {
                self.vouch(office, person).await?;
            }
        }
        match counter.verify(&claim, &stamp).await? {
            Verification::Verified { .. } if known => self.facts += 1,
            Verification::Verified { .. } => self.codes += 1,
            Verification::Exception { .. } => self.exceptions += 1,
            Verification::NotVerified { .. } | Verification::CouldNotTry { .. } => self.left += 1,
        }
        Ok(())
    }

    /// A neighbor of standing vouches: bounded in number, in time and in use.
    async fn vouch(&self, office: &Office, person: &Person) -> Result<()> {
        let stamp = office.stamp("exceptions-officer", "payment");
        let now = office.clock.now();
        let basis = match person.said() {
            said if said.documents.is_empty() => ExceptionBasis::NO_DOCUMENT,
            _ => ExceptionBasis::NO_SERVICE,
        };
        let introducer = format!("introducer {}", self.exceptions / VOUCHES);
        let until = now + TimeDelta::days(120);
        let asked_for = NewException::new(
            person.id(),
            basis,
            Attester::new(ActorId::derive(&office.programme.id(), &introducer)),
            ExceptionLimit::new(6, until),
            (until - TimeDelta::days(30)).date_naive(),
        );
        let id = ExceptionId::derive(&person.id(), "collect");
        office.exceptions.grant(id, asked_for, &stamp).await?;
        Ok(())
    }

    pub(crate) fn counts(&self) -> Vec<Count> {
        vec![
            Count::new(
                "facts",
                self.facts,
                "name and birth, as the register has them",
            ),
            Count::new(
                "a code",
                self.codes,
                "sent to a telephone that nobody else uses",
            ),
            Count::new(
                "an exception",
                self.exceptions,
                "somebody who is known vouches for them, within bounds",
            ),
            Count::new(
                "none yet",
                self.left,
                "paid all the same; an officer visits them",
            ),
        ]
    }
}

/// One in ten is registered under another spelling than they use; one in
/// twenty does not know their date of birth.
fn said_at_the_counter(person: &Person, seed: u64) -> Facts {
    let (high, low) = person.id().as_uuid().as_u64_pair();
    let mut random = Random::new(seed ^ high ^ low);
    let mut facts = stated(person);
    if random.chance(10)
        && let Some(Fact::Name(name)) = facts.get_mut(&FactName::NAME)
    {
        let other: String = name.expose().chars().rev().collect();
        *name = Pii::new(other);
    }
    if random.chance(5) {
        facts.remove(&FactName::BIRTH_DATE);
    }
    facts
}
