//! Stores of codes: a sound one, and careless ones.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::Stamp;
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_identity::conformance::{THREADS, code_store};
use solidarity_identity::{
    AttemptId, Challenge, ChallengeId, ChallengeState, CodeAnswer, CodeRules, CodeStore, CodeTag,
    Error, MemoryCodeStore, NewChallenge, Result, code_store_conformance,
};

use crate::meeting::Meeting;

mod sound {
    use super::*;
    code_store_conformance!(InMemory::new(|| {
        Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap()) as Arc<dyn CodeStore>
    }));
}

/// What a careless store of codes gets wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// It reads a code's tries, and writes back what it read, while others do.
    CountsTriesNotAtomically,
    /// It looks at what was sent first, and sends afterwards.
    CountsSendsNotAtomically,
    /// It does not write down that a code was right.
    LetsACodeBeUsedTwice,
    /// It looks at one try more than it says.
    LetsMoreTries,
    /// It still takes the code before the last.
    TakesTheCodeBefore,
    /// It counts the same try again.
    CountsTheSameTryTwice,
    /// It lets more codes through than it says.
    LetsAFloodThrough,
    /// It takes a code a second longer than it says.
    OutlivesItsTime,
    /// It answers the same challenge again with what became of it.
    AnswersOtherwise,
    /// It forgets what still counts.
    ForgetsTooSoon,
    /// It makes a code that never arrived count.
    CountsWhatNeverArrived,
    /// It takes what it never issued for a wrong code.
    KnowsWhatIsUnknown,
}

#[derive(Debug)]
struct Faulty {
    fault: Fault,
    rules: CodeRules,
    inner: MemoryCodeStore,
    /// What is counted beside the store, and not atomically.
    issued: Mutex<Vec<Challenge>>,
    readers: Meeting,
}

fn faulty(fault: Fault) -> impl Harness<dyn CodeStore> {
    InMemory::new(move || {
        let rules = CodeRules::default();
        let mut kept = rules;
        match fault {
            Fault::LetsAFloodThrough => kept.sends += 1,
            Fault::CountsSendsNotAtomically => kept.sends = 100,
            Fault::LetsMoreTries => kept.tries += 1,
            Fault::OutlivesItsTime => kept.lifetime_seconds += 1,
            _ => {}
        }
        Arc::new(Faulty {
            fault,
            rules,
            inner: MemoryCodeStore::new(kept).unwrap(),
            issued: Mutex::default(),
            readers: Meeting::default(),
        }) as Arc<dyn CodeStore>
    })
}

#[async_trait]
impl CodeStore for Faulty {
    fn rules(&self) -> CodeRules {
        self.rules
    }

    async fn issue(&self, id: ChallengeId, new: NewChallenge, stamp: &Stamp) -> Result<Challenge> {
        match self.fault {
            Fault::CountsSendsNotAtomically => {
                let read = self.issued.lock().unwrap().clone();
                self.readers.wait_for(THREADS);
                self.rules.issue(&read, id, &new, stamp)?;
            }
            Fault::AnswersOtherwise => {
                let known = self.inner.find(id).await?;
                if let Some(known) = known.filter(|known| known.began_as(&new)) {
                    return Ok(known);
                }
            }
            _ => {}
        }
        let issued = self.inner.issue(id, new, stamp).await?;
        self.issued.lock().unwrap().push(issued.clone());
        Ok(issued)
    }

    async fn find(&self, id: ChallengeId) -> Result<Option<Challenge>> {
        self.inner.find(id).await
    }

    async fn attempt(
        &self,
        id: ChallengeId,
        attempt: AttemptId,
        tag: &CodeTag,
        stamp: &Stamp,
    ) -> Result<CodeAnswer> {
        match self.fault {
            Fault::CountsTriesNotAtomically => {
                let read = self.issued.lock().unwrap().last().cloned().unwrap();
                self.readers.wait_for(THREADS);
                let (answer, after) = self.rules.attempt(&read, attempt, tag, stamp)?;
                self.issued.lock().unwrap().extend(after);
                Ok(answer)
            }
            Fault::LetsACodeBeUsedTwice => {
                let read = self.inner.find(id).await?.unwrap();
                match self.rules.attempt(&read.as_issued(), attempt, tag, stamp)? {
                    (CodeAnswer::Right, _) => Ok(CodeAnswer::Right),
                    _ => self.inner.attempt(id, attempt, tag, stamp).await,
                }
            }
            Fault::TakesTheCodeBefore => {
                let read = self.inner.find(id).await?.unwrap();
                if read.state() != ChallengeState::Superseded {
                    return self.inner.attempt(id, attempt, tag, stamp).await;
                }
                let (answer, _) = self.rules.attempt(&read.as_issued(), attempt, tag, stamp)?;
                Ok(answer)
            }
            Fault::CountsTheSameTryTwice => {
                let another = AttemptId::generate();
                self.inner.attempt(id, another, tag, stamp).await
            }
            _ => match self.inner.attempt(id, attempt, tag, stamp).await {
                Err(Error::ChallengeNotFound { .. }) if self.fault == Fault::KnowsWhatIsUnknown => {
                    Ok(CodeAnswer::Wrong)
                }
                answer => answer,
            },
        }
    }

    async fn withdraw(&self, id: ChallengeId) -> Result<()> {
        match self.fault {
            Fault::CountsWhatNeverArrived => Ok(()),
            _ => self.inner.withdraw(id).await,
        }
    }

    async fn forget(&self, at: DateTime<Utc>) -> Result<u64> {
        match self.fault {
            Fault::ForgetsTooSoon => self.inner.forget(at + TimeDelta::days(1)).await,
            _ => self.inner.forget(at).await,
        }
    }
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $case:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $test() {
            block_on(code_store::$case(&faulty(Fault::$fault)));
        }
    )+};
}

caught! {
    tries_that_are_not_counted_atomically: CountsTriesNotAtomically
        by tries_at_once_are_all_counted, "tries at once were not all counted";
    a_code_that_many_use_at_once: CountsTriesNotAtomically
        by a_code_tried_at_once_is_right_once, "a code was right twice";
    sends_that_are_not_counted_atomically: CountsSendsNotAtomically
        by sends_at_once_never_pass_the_limit, "codes sent at once were not all counted";
    a_code_that_is_used_twice: LetsACodeBeUsedTwice
        by a_code_is_right_once, "a code was right twice";
    a_try_too_many: LetsMoreTries
        by the_last_try_is_the_last, "a try too many was looked at";
    a_code_that_was_replaced: TakesTheCodeBefore
        by a_resend_has_all_its_tries, "left: Right";
    a_try_that_is_counted_twice: CountsTheSameTryTwice
        by the_same_try_again_counts_once, "the same try again had another answer";
    a_flood: LetsAFloodThrough by a_flood_is_stopped, "expected `TooManyCodes`";
    a_code_past_its_time: OutlivesItsTime by a_code_ends_with_its_time, "left: Right";
    a_repeat_with_another_answer: AnswersOtherwise
        by the_same_challenge_again_changes_nothing,
        "the same challenge again had another answer";
    what_is_forgotten_too_soon: ForgetsTooSoon by only_the_past_is_forgotten, "left: 2";
    what_counts_though_it_never_arrived: CountsWhatNeverArrived
        by what_never_arrived_does_not_count, "left: Right";
    a_challenge_that_nobody_issued: KnowsWhatIsUnknown
        by an_unknown_challenge_is_not_found, "matches!(tried";
}

/// A harness whose store is empty when it comes back.
struct LosesAll;

#[async_trait]
impl Harness<dyn CodeStore> for LosesAll {
    async fn open(&self) -> Arc<dyn CodeStore> {
        Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap())
    }

    async fn reopen(&self, _: Arc<dyn CodeStore>) -> Arc<dyn CodeStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "on a `None` value")]
fn tries_that_do_not_survive() {
    block_on(code_store::tries_survive_a_crash(&LosesAll));
}
