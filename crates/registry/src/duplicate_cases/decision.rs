//! What becomes of a proposal and of a judgement: pure functions, for every
//! store.
//!
//! A store loads the cases that a call touches, decides, and writes down the
//! cases that come out with their news, all in one transaction. It reads no
//! clock and holds no rule of its own.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use solidarity_core::limits::BATCH_MAX;
use solidarity_core::{
    ChangeKind, Commitment, EntityKind, Invalid, NewChange, Retry, Salt, Stamp, StoreFault, Version,
};

use super::{
    DuplicateCase, DuplicateCaseId, Judged, Judgement, JudgementReason, NewDuplicateCase, Proposed,
};
use crate::attribute::check_count;
use crate::limits::JUDGEMENTS_MAX;
use crate::{Error, Result};

/// A case as it is after a write, and the news of the write.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a store takes it apart")]
pub struct Written {
    /// The case. The version before it is the one that is replaced.
    pub case: DuplicateCase,
    /// The news.
    pub news: NewChange,
}

/// What becomes of a batch of proposals.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a store takes it apart")]
pub struct Decided {
    /// One for each pair, in order.
    pub outcomes: Vec<Proposed>,
    /// What is to be written, in order; a case may come more than once.
    pub written: Vec<Written>,
}

/// Checks that a batch is one that a store takes.
///
/// # Errors
///
/// [`Invalid`] for more than [`BATCH_MAX`] pairs, or for the first pair that
/// breaks a rule, by its position.
pub fn check_batch(batch: &[NewDuplicateCase]) -> Result<(), Invalid> {
    check_count("pairs", batch.len(), BATCH_MAX)?;
    batch
        .iter()
        .enumerate()
        .try_for_each(|(position, pair)| pair.check().map_err(|invalid| invalid.at(position)))
}

/// Decides `batch`, pair by pair; each sees what those before it did. `known`
/// are the cases of its pairs that there are.
///
/// `salt` gives a fresh salt for each write.
///
/// # Errors
///
/// [`Error::Store`] if a finding cannot be written out.
pub fn propose(
    batch: &[NewDuplicateCase],
    mut known: HashMap<DuplicateCaseId, DuplicateCase>,
    stamp: &Stamp,
    salt: &mut dyn FnMut() -> Salt,
) -> Result<Decided> {
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut written = Vec::new();
    for pair in batch {
        let id = pair.id();
        let case = known.get(&id);
        let (outcome, kind) = propose_one(case, pair);
        outcomes.push(outcome);
        let Some(kind) = kind else { continue };
        let case = match case {
            None => opened(id, pair, stamp, salt()),
            Some(case) => shown_anew(case, pair, stamp, salt()),
        };
        let news = news(&case, stamp, kind, case.commitment()?);
        known.insert(id, case.clone());
        written.push(Written { case, news });
    }
    Ok(Decided { outcomes, written })
}

/// What becomes of one pair, and what kind of write that is, if it is one.
fn propose_one(
    known: Option<&DuplicateCase>,
    pair: &NewDuplicateCase,
) -> (Proposed, Option<&'static str>) {
    let Some(case) = known else {
        return (Proposed::Opened, Some("open"));
    };
    let newer = pair.is_newer_than(&case.finding);
    match case.judgement().map(Judged::judgement) {
        None => (Proposed::KnownOpen, newer.then_some("refresh")),
        Some(Judgement::Different) if newer => {
            (Proposed::ReopenedBecauseFactsChanged, Some("reopen"))
        }
        Some(judgement) => (Proposed::AlreadyDecided(judgement), None),
    }
}

fn opened(
    id: DuplicateCaseId,
    pair: &NewDuplicateCase,
    stamp: &Stamp,
    salt: Salt,
) -> DuplicateCase {
    DuplicateCase {
        id,
        version: Version::FIRST,
        finding: pair.clone(),
        found: stamp.clone(),
        open_since: stamp.at(),
        judgements: Vec::new(),
        salt,
    }
}

/// The case with a later finding. It is open since then, unless it was before.
fn shown_anew(
    case: &DuplicateCase,
    pair: &NewDuplicateCase,
    stamp: &Stamp,
    salt: Salt,
) -> DuplicateCase {
    DuplicateCase {
        version: case.version.next(),
        finding: pair.clone(),
        found: stamp.clone(),
        open_since: open_since(case, stamp),
        salt,
        ..case.clone()
    }
}

/// Since when `case` is open, if it is after a write of `stamp`.
fn open_since(case: &DuplicateCase, stamp: &Stamp) -> DateTime<Utc> {
    if case.is_open() {
        case.open_since
    } else {
        stamp.at()
    }
}

/// Judges `case`, as it was read at version `expected`: the judgement, and
/// what is to be written, unless it was written before.
///
/// # Errors
///
/// - [`Error::CaseConflict`] if the case is at another version.
/// - [`Error::OwnFinding`] if the actor put the finding up.
/// - [`Error::Invalid`] if it was judged [`JUDGEMENTS_MAX`] times.
pub fn judge(
    case: &DuplicateCase,
    expected: Version,
    judgement: Judgement,
    reason: JudgementReason,
    stamp: &Stamp,
    salt: Salt,
) -> Result<(Judged, Option<Written>)> {
    let version = expected.next();
    let repeated = case.judgements.iter().find(|before| {
        before.version == version
            && before.judgement == judgement
            && before.reason == reason
            && before.stamp.actor() == stamp.actor()
    });
    if let Some(before) = repeated {
        return Ok((before.clone(), None));
    }
    if case.version != expected {
        return Err(Error::case_conflict(case.id, expected, case.version));
    }
    if case.found.actor() == stamp.actor() {
        return Err(Error::own_finding(case.id));
    }
    check_count("judgements", case.judgements.len() + 1, JUDGEMENTS_MAX)?;
    let judged = Judged {
        version,
        judgement,
        reason,
        versions: case.finding.versions,
        stamp: stamp.clone(),
        salt,
    };
    let mut after = case.clone();
    after.version = version;
    if judgement == Judgement::Unsure {
        after.open_since = open_since(case, stamp);
    }
    after.judgements.push(judged.clone());
    let news = news(&after, stamp, "judge", judged.commitment()?);
    let written = Written { case: after, news };
    Ok((judged, Some(written)))
}

impl DuplicateCase {
    /// What the change feed commits to when the finding is put up.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if it cannot be written out.
    pub fn commitment(&self) -> Result<Commitment> {
        commitment(&self.salt, &self.finding)
    }
}

impl Judged {
    /// What the change feed commits to when it is judged.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if it cannot be written out.
    pub fn commitment(&self) -> Result<Commitment> {
        commitment(&self.salt, &(self.judgement, &self.reason, self.versions))
    }
}

fn commitment(salt: &Salt, content: &impl Serialize) -> Result<Commitment> {
    let bytes = serde_json::to_vec(content)
        .map_err(|cause| StoreFault::new("write a duplicate case out", Retry::Never, cause))?;
    Ok(Commitment::to(salt, &bytes))
}

fn news(
    case: &DuplicateCase,
    stamp: &Stamp,
    kind: &'static str,
    commitment: Commitment,
) -> NewChange {
    NewChange::new(
        stamp.clone(),
        EntityKind::from_static("duplicate_case"),
        &case.id,
        ChangeKind::from_static(kind),
        commitment,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use solidarity_core::{ActorId, PersonId, Purpose};
    use uuid::Uuid;

    use super::*;
    use crate::duplicate_cases::{Evidence, EvidenceField, Finder};

    fn stamp(actor: u128, second: i64) -> Stamp {
        Stamp::new(
            DateTime::from_timestamp(second, 0).unwrap(),
            ActorId::from_uuid(Uuid::from_u128(actor)),
            Purpose::from_static("test"),
        )
    }

    /// The pair of the two people, compared at these versions.
    fn pair(one: u64, other: u64) -> NewDuplicateCase {
        let record = |n, version| {
            let version = Version::from_count(version).unwrap();
            (PersonId::from_uuid(Uuid::from_u128(n)), version)
        };
        let field = EvidenceField::from_static("name");
        NewDuplicateCase::new(
            [record(1, one), record(2, other)],
            5,
            Finder::from_static("x"),
        )
        .with_evidence(Evidence::new(field, None, -3))
    }

    fn salted() -> Salt {
        Salt::from_bytes([7; 16])
    }

    fn proposed(
        case: Option<&DuplicateCase>,
        pair: NewDuplicateCase,
        at: &Stamp,
    ) -> (Proposed, Option<Written>) {
        let known = case
            .map(|case| (case.id, case.clone()))
            .into_iter()
            .collect();
        let mut decided = propose(&[pair], known, at, &mut salted).unwrap();
        assert!(decided.written.len() <= 1);
        (decided.outcomes[0], decided.written.pop())
    }

    /// The case of versions 3 and 3, judged so by several people in turn.
    fn case(judgements: &[Judgement]) -> DuplicateCase {
        let mut case = proposed(None, pair(3, 3), &stamp(0, 0)).1.unwrap().case;
        for (by, judgement) in (1..).zip(judgements) {
            let reason = JudgementReason::from_static("seen");
            let judged = judge(
                &case,
                case.version,
                *judgement,
                reason,
                &stamp(by, 1),
                salted(),
            );
            case = judged.unwrap().1.unwrap().case;
        }
        case
    }

    /// Every state of a case, and every way in which a finding may compare.
    #[test]
    fn a_pair_is_asked_again_only_if_it_was_different_and_facts_changed() {
        use Judgement::{Different, Same, Unsure};
        use Proposed::{AlreadyDecided, KnownOpen, ReopenedBecauseFactsChanged};
        let newer = [(4, 3), (3, 4), (4, 4), (9, 3)];
        let not_newer = [(3, 3), (2, 3), (3, 2), (1, 1), (4, 2), (2, 9)];
        for (judgements, if_newer, kind, if_not) in [
            (&[][..], KnownOpen, Some("refresh"), KnownOpen),
            (&[Unsure], KnownOpen, Some("refresh"), KnownOpen),
            (
                &[Different],
                ReopenedBecauseFactsChanged,
                Some("reopen"),
                AlreadyDecided(Different),
            ),
            (
                &[Unsure, Different],
                ReopenedBecauseFactsChanged,
                Some("reopen"),
                AlreadyDecided(Different),
            ),
            (&[Same], AlreadyDecided(Same), None, AlreadyDecided(Same)),
            (
                &[Different, Same],
                AlreadyDecided(Same),
                None,
                AlreadyDecided(Same),
            ),
            (&[Same, Unsure], KnownOpen, Some("refresh"), KnownOpen),
        ] {
            let case = case(judgements);
            for (one, other) in not_newer {
                let (outcome, written) = proposed(Some(&case), pair(one, other), &stamp(0, 9));
                assert_eq!(outcome, if_not, "{judgements:?} {one} {other}");
                assert!(written.is_none(), "{judgements:?} {one} {other}");
            }
            for (one, other) in newer {
                let (outcome, written) = proposed(Some(&case), pair(one, other), &stamp(0, 9));
                assert_eq!(outcome, if_newer, "{judgements:?} {one} {other}");
                let told = written.as_ref().map(|w| w.news.kind.as_str());
                assert_eq!(told, kind, "{judgements:?} {one} {other}");
                let Some(Written { case: after, .. }) = written else {
                    continue;
                };
                assert!(after.is_open(), "{judgements:?} {one} {other}");
                assert_eq!(after.finding, pair(one, other));
                assert_eq!(after.version, case.version.next());
                assert_eq!(
                    after.judgements, case.judgements,
                    "a judgement was forgotten"
                );
            }
        }
    }

    #[test]
    fn a_case_is_open_since_it_was_last_opened() {
        use Judgement::{Different, Same, Unsure};
        let seconds = |case: &DuplicateCase| case.open_since.timestamp();
        for (judgements, expected) in [
            (&[][..], 0),
            (&[Unsure], 0),
            (&[Different], 0),
            (&[Different, Same], 0),
            (&[Different, Unsure], 1),
            (&[Different, Unsure, Unsure], 1),
        ] {
            assert_eq!(seconds(&case(judgements)), expected, "{judgements:?}");
        }
        let again = |judgements: &[Judgement]| {
            let (_, written) = proposed(Some(&case(judgements)), pair(4, 3), &stamp(0, 9));
            seconds(&written.unwrap().case)
        };
        assert_eq!((again(&[]), again(&[Different])), (0, 9));
    }

    proptest! {
        /// However often and late proposals are sent again, they change
        /// nothing, and no order of them loses sight of the latest records.
        #[test]
        fn what_is_sent_again_changes_nothing(
            sent in prop::collection::vec((1_u64..5, 1_u64..5), 1..12),
            close in any::<bool>(),
        ) {
            let batch: Vec<_> = sent.iter().map(|(one, other)| pair(*one, *other)).collect();
            let decided = propose(&batch, HashMap::new(), &stamp(0, 0), &mut salted).unwrap();
            let mut last = decided.written.last().unwrap().case.clone();
            prop_assert!(batch.iter().all(|pair| !pair.is_newer_than(&last.finding)));
            if close {
                let reason = JudgementReason::from_static("seen");
                let judged = judge(&last, last.version, Judgement::Different, reason, &stamp(1, 1), salted());
                last = judged.unwrap().1.unwrap().case;
            }
            let known = HashMap::from([(last.id, last)]);
            let again = propose(&batch, known, &stamp(0, 2), &mut salted).unwrap();
            prop_assert!(again.written.is_empty());
        }
    }
}
