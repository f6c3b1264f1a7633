use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use solidarity_core::testing::block_on;
use solidarity_core::{ActorId, Channel, Language, MessageForm, Purpose, Sharing, StoreFault};

use super::*;
use crate::{ClaimId, CodeRules, MemoryCodeDelivery, MemoryCodeStore, MemoryContactSource};

/// Gives 0, 1, 2, … so that a test knows the codes.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl CodeSource for Counting {
    fn draw(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Gateway(Retry);

#[async_trait]
impl CodeDelivery for Gateway {
    async fn deliver(&self, _: &CodeMessage) -> Result<()> {
        Err(Error::unavailable("the gateway", self.0, "no signal"))
    }
}

struct Office {
    person: PersonId,
    store: Arc<MemoryCodeStore>,
    contacts: Arc<MemoryContactSource>,
    gateway: Arc<MemoryCodeDelivery>,
    verifier: OneTimeCode,
}

fn stamp(seconds: i64) -> Stamp {
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
    Stamp::new(at, ActorId::generate(), Purpose::from_static("test"))
}

fn contact(sharing: Sharing) -> SafeContact {
    let language = Language::from_static("am");
    let contact = SafeContact::new(Channel::Sms, language, MessageForm::Text, sharing);
    contact.with_address("+251911000000").unwrap()
}

fn office(sharing: &[Sharing]) -> Office {
    let person = PersonId::generate();
    let contacts = Arc::new(MemoryContactSource::new());
    for sharing in sharing {
        contacts.hold(person, contact(*sharing));
    }
    let store = Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap());
    let gateway = Arc::new(MemoryCodeDelivery::new());
    let verifier = OneTimeCode::new(
        CodeKey::new(&[1; 32]).unwrap(),
        store.clone(),
        contacts.clone(),
        gateway.clone(),
    )
    .with_codes(Arc::new(Counting::default()));
    Office {
        person,
        store,
        contacts,
        gateway,
        verifier,
    }
}

impl Office {
    fn send(&self, seconds: i64) -> (ChallengeId, Sending) {
        let id = ChallengeId::generate();
        let sending = block_on(self.verifier.send(id, self.person, &stamp(seconds))).unwrap();
        (id, sending)
    }

    fn answer(&self, challenge: ChallengeId, code: &str, seconds: i64) -> Verification {
        let claim = Claim::new(ClaimId::generate(), self.person).with_code(challenge, code);
        block_on(self.verifier.verify(&claim, &stamp(seconds))).unwrap()
    }
}

fn obstacle(answer: &Verification) -> Option<&Obstacle> {
    match answer {
        Verification::CouldNotTry { reason, .. } => Some(reason),
        _ => None,
    }
}

fn verified(answer: &Verification) -> bool {
    matches!(answer, Verification::Verified { .. })
}

#[test]
fn a_code_is_read_in_any_digits_and_grouping() {
    for text in ["000000", " 000 000 ", "٠٠٠٠٠٠", "code: 000-000.", "००००००"] {
        let office = office(&[Sharing::Private]);
        let (id, _) = office.send(0);
        assert!(verified(&office.answer(id, text, 0)), "{text}");
    }
    assert_eq!(read_digits("١٢٣ ۴۵۶ ७८९ ០ x"), "1234567890");
}

#[test]
fn nothing_is_not_a_code_and_uses_up_no_try() {
    let office = office(&[Sharing::Private]);
    let (id, _) = office.send(0);
    for nothing in ["", " ", "\u{200B}", "null", "-"] {
        let answer = office.answer(id, nothing, 0);
        assert_eq!(
            obstacle(&answer),
            Some(&Obstacle::NothingPresented),
            "{nothing:?}"
        );
    }
    let without = Claim::new(ClaimId::generate(), office.person);
    let answer = block_on(office.verifier.verify(&without, &stamp(0))).unwrap();
    assert_eq!(obstacle(&answer), Some(&Obstacle::NothingPresented));
    assert_eq!(block_on(office.store.find(id)).unwrap().unwrap().tries(), 0);
    assert!(verified(&office.answer(id, "000000", 0)));
}

#[test]
fn a_resend_works_after_a_wrong_first_try() {
    let office = office(&[Sharing::Private]);
    let (first, _) = office.send(0);
    assert!(matches!(
        office.answer(first, "999999", 1),
        Verification::NotVerified {
            reason: Mismatch::CodeWrong,
            ..
        }
    ));
    let (second, _) = office.send(2);
    let stale = office.answer(first, "000000", 3);
    assert_eq!(obstacle(&stale), Some(&Obstacle::NoCode));
    assert!(verified(&office.answer(second, "000001", 3)));
}

#[test]
fn a_code_is_right_once_and_in_its_time() {
    let office = office(&[Sharing::Private]);
    let (first, _) = office.send(0);
    assert!(verified(&office.answer(first, "000000", 299)));
    let again = office.answer(first, "000000", 299);
    assert_eq!(obstacle(&again), Some(&Obstacle::CodeUsed));
    let (second, _) = office.send(300);
    let late = office.answer(second, "000001", 600);
    assert_eq!(obstacle(&late), Some(&Obstacle::CodeExpired));
}

#[test]
fn the_right_code_comes_too_late_after_the_last_try() {
    let office = office(&[Sharing::Private]);
    let (id, _) = office.send(0);
    for _ in 0..CodeRules::default().tries {
        let wrong = office.answer(id, "123456", 0);
        assert!(matches!(wrong, Verification::NotVerified { .. }));
    }
    let right = office.answer(id, "000000", 0);
    assert_eq!(obstacle(&right), Some(&Obstacle::TooManyTries));
}

#[test]
fn the_same_claim_again_has_the_same_answer_and_counts_once() {
    let office = office(&[Sharing::Private]);
    let (id, _) = office.send(0);
    let stamp = stamp(0);
    for (code, tries) in [("999999", 1), ("000000", 2)] {
        let claim = Claim::new(ClaimId::generate(), office.person).with_code(id, code);
        let first = block_on(office.verifier.verify(&claim, &stamp)).unwrap();
        let again = block_on(office.verifier.verify(&claim, &stamp)).unwrap();
        assert_eq!(first, again);
        assert_eq!(
            block_on(office.store.find(id)).unwrap().unwrap().tries(),
            tries
        );
    }
}

#[test]
fn a_code_goes_only_where_nobody_else_reads() {
    for (sharing, sent) in [
        (vec![], false),
        (vec![Sharing::Shared], false),
        (vec![Sharing::Shared, Sharing::Private], true),
    ] {
        let office = office(&sharing);
        let (_, sending) = office.send(0);
        assert_eq!(matches!(sending, Sending::Sent { .. }), sent);
        let delivered = office.gateway.delivered();
        assert_eq!(delivered.len(), usize::from(sent));
        assert!(
            delivered
                .iter()
                .all(|m| m.contact().sharing() == Sharing::Private)
        );
        if let Sending::CouldNotTry { reason, .. } = sending {
            assert_eq!(reason, Obstacle::Lacks(Means::Phone));
        }
    }
}

#[test]
fn the_code_of_one_person_says_nothing_about_another() {
    let office = office(&[Sharing::Private]);
    let (id, _) = office.send(0);
    let stranger = Claim::new(ClaimId::generate(), PersonId::generate()).with_code(id, "000000");
    let answer = block_on(office.verifier.verify(&stranger, &stamp(0))).unwrap();
    assert_eq!(obstacle(&answer), Some(&Obstacle::NoCode));
    let taken = block_on(office.verifier.send(id, stranger.person, &stamp(0)));
    assert!(matches!(taken, Err(Error::AlreadyExists { .. })));
}

#[test]
fn a_gateway_that_is_down_costs_the_person_nothing() {
    let Office {
        person,
        store,
        contacts,
        gateway,
        ..
    } = office(&[Sharing::Private]);
    let key = || CodeKey::new(&[1; 32]).unwrap();
    for (retry, sent) in [
        (Retry::Later, false),
        (Retry::Never, false),
        (Retry::AfterInquiry, true),
    ] {
        let broken = OneTimeCode::new(
            key(),
            store.clone(),
            contacts.clone(),
            Arc::new(Gateway(retry)),
        );
        for _ in 0..if sent { 1 } else { 20 } {
            let id = ChallengeId::generate();
            let sending = block_on(broken.send(id, person, &stamp(0))).unwrap();
            let again = block_on(broken.send(id, person, &stamp(0))).unwrap();
            assert_eq!(sending, again);
            match sending {
                Sending::Sent { .. } => assert!(sent),
                Sending::CouldNotTry { reason, .. } => {
                    assert_eq!((reason, sent), (Obstacle::NotDelivered, false));
                }
            }
        }
    }
    let mended = OneTimeCode::new(key(), store, contacts, gateway);
    let sending = block_on(mended.send(ChallengeId::generate(), person, &stamp(0))).unwrap();
    assert!(matches!(sending, Sending::Sent { .. }));
}

#[test]
fn a_flood_is_stopped_and_the_person_is_told_what_else_there_is() {
    let office = office(&[Sharing::Private]);
    for _ in 0..CodeRules::default().sends {
        assert!(matches!(office.send(0).1, Sending::Sent { .. }));
    }
    match office.send(0).1 {
        Sending::CouldNotTry {
            reason,
            alternatives,
        } => {
            assert_eq!(reason, Obstacle::TooManyCodes);
            assert!(alternatives.contains(&Method::IN_PERSON));
        }
        sent @ Sending::Sent { .. } => panic!("{sent:?}"),
    }
    assert_eq!(office.gateway.delivered().len(), 3);
    assert!(matches!(office.send(900).1, Sending::Sent { .. }));
}

#[test]
fn a_code_keeps_its_leading_zeros() {
    let office = office(&[Sharing::Private]);
    office.send(0);
    assert_eq!(office.gateway.delivered()[0].code().expose(), "000000");
}

/// A store that is out of reach, or does not know.
#[derive(Debug)]
struct Unreachable(Retry);

#[async_trait]
impl ContactSource for Unreachable {
    async fn contacts(&self, _: PersonId) -> Result<Vec<SafeContact>> {
        Err(StoreFault::new("read contacts", self.0, "down").into())
    }
}

#[test]
fn what_fails_beneath_is_told_by_its_advice() {
    let office = office(&[]);
    for (retry, told) in [
        (Retry::Later, true),
        (Retry::Never, false),
        (Retry::AfterInquiry, false),
    ] {
        let verifier = OneTimeCode::new(
            CodeKey::new(&[1; 32]).unwrap(),
            office.store.clone(),
            Arc::new(Unreachable(retry)),
            office.gateway.clone(),
        );
        let sending = block_on(verifier.send(ChallengeId::generate(), office.person, &stamp(0)));
        match sending {
            Ok(Sending::CouldNotTry { reason, .. }) => {
                assert_eq!((reason, told), (Obstacle::SourceDown, true));
            }
            Err(error) => assert_eq!((error.retry(), told), (retry, false)),
            Ok(sent) => panic!("{sent:?}"),
        }
    }
}

#[test]
fn a_key_that_is_too_short_is_refused_and_none_shows_itself() {
    for (length, fits) in [(0, false), (31, false), (32, true), (200, true)] {
        assert_eq!(CodeKey::new(&vec![9; length]).is_ok(), fits, "{length}");
    }
    assert_eq!(
        format!("{:?}", CodeKey::new(&[9; 32]).unwrap()),
        "CodeKey(..)"
    );
}

#[test]
fn a_tag_is_bound_to_key_challenge_person_and_code() {
    let (key, other) = (
        CodeKey::new(&[1; 32]).unwrap(),
        CodeKey::new(&[2; 32]).unwrap(),
    );
    let (id, person) = (ChallengeId::generate(), PersonId::generate());
    let tag = key.tag(id, person, "123456");
    assert_eq!(tag, key.tag(id, person, "123456"));
    for different in [
        other.tag(id, person, "123456"),
        key.tag(ChallengeId::generate(), person, "123456"),
        key.tag(id, PersonId::generate(), "123456"),
        key.tag(id, person, "123457"),
        key.tag(id, person, ""),
    ] {
        assert_ne!(tag, different);
    }
}

/// Between our look and our issue another process sends the same challenge:
/// one code is on its way, and both say so.
#[test]
fn two_that_send_one_challenge_send_one_code() {
    #[derive(Debug)]
    struct Late(OneTimeCode, ChallengeId, Arc<MemoryContactSource>);

    #[async_trait]
    impl ContactSource for Late {
        async fn contacts(&self, person: PersonId) -> Result<Vec<SafeContact>> {
            self.0.send(self.1, person, &stamp(0)).await?;
            self.2.contacts(person).await
        }
    }

    let office = office(&[Sharing::Private]);
    let id = ChallengeId::generate();
    let first = office.verifier;
    let (store, gateway) = (office.store.clone(), office.gateway.clone());
    let late = Arc::new(Late(first, id, office.contacts.clone()));
    let second = OneTimeCode::new(CodeKey::new(&[1; 32]).unwrap(), store, late, gateway);
    let sending = block_on(second.send(id, office.person, &stamp(0))).unwrap();
    assert!(matches!(sending, Sending::Sent { challenge, .. } if challenge == id));
    assert_eq!(office.gateway.delivered().len(), 1);

    // Under the id of somebody else's challenge nothing is sent.
    let other = block_on(second.send(id, PersonId::generate(), &stamp(0)));
    assert!(matches!(other, Err(Error::AlreadyExists { .. })));
}
