//! The kits of signers and replay guards, and the faults that they catch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_signing::conformance::{replay_guard, signer};
use solidarity_signing::{
    Admission, Arrival, Error, KeyId, MemoryReplayGuard, PublicKey, ReplayGuard, Result, Signer,
    SigningKey,
};

mod shared {
    use super::*;

    solidarity_signing::replay_guard_conformance!(InMemory::new(|| {
        let guard = MemoryReplayGuard::new(replay_guard::window());
        Arc::new(Arc::new(guard)) as Arc<dyn ReplayGuard>
    }));
}

/// What a careless guard does wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    Nothing,
    /// It knows ids, whoever's they are.
    MixesSenders,
    /// It puts a sender and an id together without a mark between.
    RunsNamesTogether,
    /// It takes the same id with another time for another message.
    CountsTheTime,
    /// It compares without case.
    IgnoresCase,
    /// It takes what is from the future.
    TakesTheFuture,
    /// It takes what is too old.
    TakesTheOld,
    /// It looks at the window with whole seconds.
    RoundsTheEdges,
    /// It remembers the id of what it refuses.
    TakesTheRefused,
    /// It forgets by when a message came, and not by when it was sent.
    ForgetsEarly,
    /// It never forgets.
    NeverForgets,
    /// It does not remember that it has forgotten.
    OpensWhenTheClockGoesBack,
    /// It forgets what others sent, and remembers that for the one who sends.
    ForgetsForOthers,
    /// It has no patience with clocks that differ.
    MindsSmallSteps,
    /// It looks first and writes afterwards.
    ChecksThenWrites,
    /// It throws the oldest out when there are many.
    ThrowsOut,
}

#[derive(Debug)]
struct Careless {
    fault: Fault,
    state: Mutex<State>,
}

#[derive(Debug)]
struct Taken {
    sender: String,
    sent: DateTime<Utc>,
    came: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct State {
    taken: HashMap<String, Taken>,
    forgotten: HashMap<String, DateTime<Utc>>,
}

impl Careless {
    fn name(&self, message: &Arrival) -> String {
        let (sender, id) = (message.sender().as_str(), message.id().as_str());
        match self.fault {
            Fault::MixesSenders => id.to_owned(),
            Fault::RunsNamesTogether => format!("{sender}{id}"),
            Fault::CountsTheTime => format!("{sender} {id} {}", message.sent_at()),
            Fault::IgnoresCase => format!("{sender} {}", id.to_lowercase()),
            _ => format!("{sender} {id}"),
        }
    }

    fn refuses(&self, message: &Arrival, now: DateTime<Utc>) -> Option<Admission> {
        let refusal = if self.fault == Fault::RoundsTheEdges {
            let seconds = |at: DateTime<Utc>| DateTime::from_timestamp(at.timestamp(), 0).unwrap();
            let sent_at = seconds(message.sent_at());
            let rounded = Arrival::new(message.sender().clone(), message.id().clone(), sent_at);
            replay_guard::window().refuses(&rounded, seconds(now))
        } else {
            replay_guard::window().refuses(message, now)
        };
        let lets_in = match refusal {
            Some(Admission::FromTheFuture) => self.fault == Fault::TakesTheFuture,
            Some(Admission::TooOld) => self.fault == Fault::TakesTheOld,
            _ => false,
        };
        refusal.filter(|_| !lets_in)
    }

    fn forget(&self, state: &mut State, sender: &str, now: DateTime<Utc>) {
        let mut horizon = replay_guard::window().forgets_before(now);
        if self.fault == Fault::MindsSmallSteps {
            horizon += TimeDelta::minutes(1);
        }
        let anybody = self.fault == Fault::ForgetsForOthers;
        let expired = |taken: &Taken| match self.fault {
            _ if !anybody && taken.sender != sender => false,
            Fault::NeverForgets => false,
            Fault::ForgetsEarly => taken.came < now - TimeDelta::minutes(10),
            _ => taken.sent < horizon,
        };
        let gone = state.taken.extract_if(|_, taken| expired(taken));
        let latest = gone.map(|(_, taken)| taken.sent).max();
        if let Some(latest) = latest.filter(|_| self.fault != Fault::OpensWhenTheClockGoesBack) {
            let known = state.forgotten.entry(sender.to_owned()).or_insert(latest);
            *known = latest.max(*known);
        }
        // A clock with less patience says of times near the edge that it has
        // forgotten them.
        if self.fault == Fault::MindsSmallSteps {
            state.forgotten.insert(sender.to_owned(), horizon);
        }
    }
}

#[async_trait]
impl ReplayGuard for Careless {
    async fn take(&self, message: &Arrival, now: DateTime<Utc>) -> Result<Admission> {
        let (name, sender) = (self.name(message), message.sender().as_str());
        let taken = |sent| Taken {
            sender: sender.to_owned(),
            sent,
            came: now,
        };
        if let Some(refusal) = self.refuses(message, now) {
            if self.fault == Fault::TakesTheRefused {
                self.state.lock().unwrap().taken.insert(name, taken(now));
            }
            return Ok(refusal);
        }
        let mut state = self.state.lock().unwrap();
        self.forget(&mut state, sender, now);
        if state.taken.contains_key(&name) {
            return Ok(Admission::AlreadyTaken);
        }
        if state
            .forgotten
            .get(sender)
            .is_some_and(|at| message.sent_at() <= *at)
        {
            return Err(Error::ClockWentBack);
        }
        if self.fault == Fault::ChecksThenWrites {
            drop(state);
            (0..10_000).for_each(|_| thread::yield_now());
            state = self.state.lock().unwrap();
        }
        if self.fault == Fault::ThrowsOut && state.taken.len() >= 500 {
            let oldest = state.taken.iter().min_by_key(|(_, taken)| taken.sent);
            let oldest = oldest.map(|(name, _)| name.clone()).unwrap();
            state.taken.remove(&oldest);
        }
        state.taken.insert(name, taken(message.sent_at()));
        Ok(Admission::Fresh)
    }
}

fn careless(fault: Fault) -> InMemory<impl Fn() -> Arc<dyn ReplayGuard> + Send + Sync> {
    InMemory::new(move || {
        Arc::new(Careless {
            fault,
            state: Mutex::default(),
        }) as Arc<dyn ReplayGuard>
    })
}

/// But for its faults the careless one is sound.
mod nothing {
    use super::*;

    solidarity_signing::replay_guard_conformance!(careless(Fault::Nothing));
}

macro_rules! catches {
    ($($name:ident: $fault:ident by $case:ident;)+) => {$(
        #[test]
        #[should_panic]
        fn $name() {
            block_on(replay_guard::$case(&careless(Fault::$fault)));
        }
    )+};
}

catches! {
    senders_that_are_mixed: MixesSenders by senders_do_not_meet;
    names_that_run_together: RunsNamesTogether by senders_do_not_meet;
    an_id_that_counts_with_its_time: CountsTheTime by another_time_makes_no_other_message;
    an_id_without_case: IgnoresCase by ids_count_to_the_byte;
    a_message_from_the_future: TakesTheFuture by the_window_has_exact_edges;
    a_message_that_is_too_old: TakesTheOld by the_window_has_exact_edges;
    an_edge_that_is_rounded: RoundsTheEdges by the_window_has_exact_edges;
    a_refused_message_that_is_taken: TakesTheRefused by a_refused_message_is_not_taken;
    an_id_that_is_forgotten_early: ForgetsEarly by an_id_is_held_while_its_message_may_come;
    an_id_that_is_never_forgotten: NeverForgets by an_id_serves_again_after_its_time;
    a_clock_that_goes_back: OpensWhenTheClockGoesBack by a_clock_put_back_opens_nothing;
    a_clock_that_goes_back_and_a_crash: OpensWhenTheClockGoesBack by what_was_forgotten_survives_a_crash;
    a_clock_that_goes_back_for_another: ForgetsForOthers by a_clock_put_back_opens_nothing;
    a_small_step_that_is_minded: MindsSmallSteps by a_small_step_back_is_no_harm;
    a_look_before_the_write: ChecksThenWrites by of_many_at_once_one_is_taken;
    an_id_that_is_thrown_out: ThrowsOut by a_thousand_ids_are_held;
}

/// Every fault of one caller is found by the comparison with the reference,
/// too, but for those that need particular names or a thousand ids.
#[test]
fn no_fault_agrees_with_memory() {
    block_on(replay_guard::agrees_with_memory(
        &careless(Fault::Nothing),
        1,
        3_000,
    ));
    for fault in [
        Fault::MixesSenders,
        Fault::CountsTheTime,
        Fault::TakesTheFuture,
        Fault::TakesTheOld,
        Fault::TakesTheRefused,
        Fault::ForgetsEarly,
        Fault::NeverForgets,
        Fault::OpensWhenTheClockGoesBack,
        Fault::ForgetsForOthers,
        Fault::MindsSmallSteps,
    ] {
        let run = move || block_on(replay_guard::agrees_with_memory(&careless(fault), 1, 3_000));
        assert!(thread::spawn(run).join().is_err(), "{fault:?}");
    }
}

/// A guard that a crash empties.
struct Forgetful;

#[async_trait]
impl Harness<dyn ReplayGuard> for Forgetful {
    async fn open(&self) -> Arc<dyn ReplayGuard> {
        Arc::new(MemoryReplayGuard::new(replay_guard::window()))
    }

    async fn reopen(&self, _subject: Arc<dyn ReplayGuard>) -> Arc<dyn ReplayGuard> {
        self.open().await
    }
}

#[test]
#[should_panic]
fn a_message_that_a_crash_lets_in_again() {
    block_on(replay_guard::what_was_taken_survives_a_crash(&Forgetful));
}

/// What a careless signer does wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SignerFault {
    /// It signs the beginning of a long message.
    SignsTheBeginning,
    /// It gives signatures in DER.
    AnswersInDer,
    /// It keeps the message in a place that all callers share.
    SharesItsBuffer,
}

#[derive(Debug)]
struct CarelessSigner {
    fault: SignerFault,
    key: SigningKey,
    buffer: Mutex<Vec<u8>>,
}

#[async_trait]
impl Signer for CarelessSigner {
    fn public_key(&self) -> &PublicKey {
        self.key.public()
    }

    fn key_id(&self) -> &KeyId {
        self.key.id()
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self.fault {
            SignerFault::SignsTheBeginning => {
                self.key.sign_bytes(&message[..message.len().min(4_096)])
            }
            SignerFault::AnswersInDer => {
                let signature = self.key.sign_bytes(message)?;
                let number = |half: &[u8]| [&[2, 33, 0], half].concat();
                Ok([
                    &[0x30, 70][..],
                    &number(&signature[..32]),
                    &number(&signature[32..]),
                ]
                .concat())
            }
            SignerFault::SharesItsBuffer => {
                message.clone_into(&mut self.buffer.lock().unwrap());
                (0..100).for_each(|_| thread::yield_now());
                let message = self.buffer.lock().unwrap().clone();
                self.key.sign_bytes(&message)
            }
        }
    }
}

fn careless_signer(fault: SignerFault) -> InMemory<impl Fn() -> Arc<dyn Signer> + Send + Sync> {
    InMemory::new(move || {
        let key = SigningKey::generate_es256().unwrap();
        Arc::new(CarelessSigner {
            fault,
            key,
            buffer: Mutex::default(),
        }) as Arc<dyn Signer>
    })
}

#[test]
#[should_panic(expected = "a signature over 70000 bytes")]
fn a_message_that_is_signed_in_part() {
    block_on(signer::what_it_signs_is_valid(&careless_signer(
        SignerFault::SignsTheBeginning,
    )));
}

#[test]
#[should_panic(expected = "a signature over 0 bytes")]
fn a_signature_in_another_form() {
    block_on(signer::what_it_signs_is_valid(&careless_signer(
        SignerFault::AnswersInDer,
    )));
}

#[test]
#[should_panic]
fn messages_that_are_mixed_up() {
    block_on(signer::many_sign_at_once(&careless_signer(
        SignerFault::SharesItsBuffer,
    )));
}

/// A signer that has another key after a crash.
struct Rekeyed;

#[async_trait]
impl Harness<dyn Signer> for Rekeyed {
    async fn open(&self) -> Arc<dyn Signer> {
        Arc::new(SigningKey::generate_ed25519().unwrap())
    }

    async fn reopen(&self, _subject: Arc<dyn Signer>) -> Arc<dyn Signer> {
        self.open().await
    }
}

#[test]
#[should_panic]
fn a_key_that_is_another_after_a_crash() {
    block_on(signer::the_key_stays_the_same(&Rekeyed));
}
