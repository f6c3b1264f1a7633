use serde::{Deserialize, Serialize};
use solidarity_core::{Salt, Stamp};

use crate::batch::APPROVALS_NEEDED;
use crate::{Approval, Batch, BatchDigest, BatchState, Error, Result};

/// What somebody decides about a batch, by its digest.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a life cycle is matched whole")]
pub enum Decision {
    /// They approve exactly this.
    Approve,
    /// They let its lines go to the rail.
    Release,
    /// They give it up, before its release.
    Withdraw,
}

impl Decision {
    /// Its name, as the change feed has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Release => "release",
            Self::Withdraw => "withdraw",
        }
    }
}

/// `batch` after `decision` on exactly `digest`; `None` if it was decided
/// before, by the same person where it matters who.
///
/// The two-person rule: a batch is approved by
/// [`APPROVALS_NEEDED`](crate::APPROVALS_NEEDED) different people, none of
/// whom prepared or revised it, each over the digest of all that it says.
///
/// | from \ decision | approve | release | withdraw |
/// |---|---|---|---|
/// | draft | draft or approved | – | withdrawn |
/// | approved | = by who did | released | withdrawn |
/// | released | = by who did | = | – |
/// | withdrawn | – | – | = |
///
/// # Errors
///
/// - [`Error::DigestMismatch`] if the batch says something else.
/// - [`Error::SelfApproval`] if the approver had a hand in it.
/// - [`Error::NotApproved`] to release it too early.
/// - [`Error::BatchState`] where the table has a dash.
pub fn decide(
    batch: &Batch,
    digest: BatchDigest,
    decision: Decision,
    stamp: &Stamp,
) -> Result<Option<Batch>> {
    if digest != batch.digest() {
        return Err(Error::digest_mismatch(batch));
    }
    let mut after = batch.clone();
    match (batch.state(), decision) {
        (BatchState::Withdrawn, Decision::Withdraw) => return Ok(None),
        (BatchState::Released, Decision::Release) => return Ok(None),
        (BatchState::Draft | BatchState::Approved | BatchState::Released, Decision::Approve) => {
            if batch.makers().contains(&stamp.actor()) {
                return Err(Error::self_approval(batch.id(), stamp.actor()));
            }
            let by_them = |approval: &&Approval| approval.stamp.actor() == stamp.actor();
            if batch.approvals().iter().any(by_them) {
                return Ok(None);
            }
            if batch.state() != BatchState::Draft {
                return Err(Error::batch_state(batch));
            }
            after.approvals.push(Approval::new(digest, stamp.clone()));
            if after.approvals().len() >= APPROVALS_NEEDED {
                after.state = BatchState::Approved;
            }
        }
        (BatchState::Approved, Decision::Release) => {
            // Counted again: a stored state is not an approval.
            check_approved(batch)?;
            after.state = BatchState::Released;
        }
        (BatchState::Draft, Decision::Release) => return Err(not_approved(batch)),
        (BatchState::Draft | BatchState::Approved, Decision::Withdraw) => {
            after.state = BatchState::Withdrawn;
        }
        (BatchState::Withdrawn, Decision::Approve | Decision::Release)
        | (BatchState::Released, Decision::Withdraw) => return Err(Error::batch_state(batch)),
    }
    after.changed_at = stamp.at();
    after.salt = Salt::generate();
    Ok(Some(after))
}

/// Checks that enough different people approved what `batch` says now.
///
/// # Errors
///
/// [`Error::NotApproved`].
pub(crate) fn check_approved(batch: &Batch) -> Result<()> {
    if batch.approvals().len() < APPROVALS_NEEDED {
        return Err(not_approved(batch));
    }
    Ok(())
}

fn not_approved(batch: &Batch) -> Error {
    Error::not_approved(batch.id(), batch.approvals().len())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use solidarity_core::{ActorId, CycleId, Money, PersonId, ProgrammeId, Purpose};

    use super::*;
    use crate::BatchId;

    const STATES: [BatchState; 4] = [
        BatchState::Draft,
        BatchState::Approved,
        BatchState::Released,
        BatchState::Withdrawn,
    ];

    fn person(name: &str) -> ActorId {
        ActorId::derive(&PersonId::from_uuid(Default::default()), name)
    }

    fn by(name: &str) -> Stamp {
        let purpose = Purpose::from_static("payment");
        Stamp::new(DateTime::UNIX_EPOCH, person(name), purpose)
    }

    fn digest(byte: u8) -> BatchDigest {
        BatchDigest::from_bytes([byte; 32])
    }

    fn batch(state: BatchState, approvers: &[&str]) -> Batch {
        let cause = PersonId::from_uuid(Default::default());
        Batch {
            id: BatchId::derive(&cause, "batch"),
            programme: ProgrammeId::derive(&cause, "programme"),
            cycle: CycleId::derive(&cause, "cycle"),
            count: 1,
            total: Money::from_minor(5, "KES".parse().unwrap()).unwrap(),
            digest: digest(1),
            state,
            makers: vec![person("maker"), person("reviser")],
            approvals: approvers
                .iter()
                .map(|name| Approval::new(digest(1), by(name)))
                .collect(),
            changed_at: DateTime::UNIX_EPOCH,
            salt: Salt::generate(),
        }
    }

    /// Every state and every decision.
    #[test]
    fn the_table_is_the_one_documented() {
        use Decision::{Approve, Release, Withdraw};
        for (state, decision, expected) in [
            (BatchState::Draft, Approve, Some(BatchState::Draft)),
            (BatchState::Draft, Release, None),
            (BatchState::Draft, Withdraw, Some(BatchState::Withdrawn)),
            (BatchState::Approved, Approve, None),
            (BatchState::Approved, Release, Some(BatchState::Released)),
            (BatchState::Approved, Withdraw, Some(BatchState::Withdrawn)),
            (BatchState::Released, Approve, None),
            (BatchState::Released, Release, Some(BatchState::Released)),
            (BatchState::Released, Withdraw, None),
            (BatchState::Withdrawn, Approve, None),
            (BatchState::Withdrawn, Release, None),
            (BatchState::Withdrawn, Withdraw, Some(BatchState::Withdrawn)),
        ] {
            let approvers: &[&str] = if state == BatchState::Draft {
                &[]
            } else {
                &["a", "b"]
            };
            let before = batch(state, approvers);
            let after = decide(&before, digest(1), decision, &by("c"));
            let state = after.ok().map(|after| after.unwrap_or(before).state);
            assert_eq!(state, expected, "{decision:?}");
        }
    }

    #[test]
    fn two_different_people_who_did_not_make_it() {
        let draft = batch(BatchState::Draft, &[]);
        for maker in ["maker", "reviser"] {
            let refused = decide(&draft, digest(1), Decision::Approve, &by(maker));
            assert!(matches!(refused, Err(Error::SelfApproval { .. })));
        }
        let once = decide(&draft, digest(1), Decision::Approve, &by("a"))
            .unwrap()
            .unwrap();
        assert_eq!(once.state(), BatchState::Draft);
        let again = decide(&once, digest(1), Decision::Approve, &by("a")).unwrap();
        assert_eq!(again, None);
        assert!(matches!(
            decide(&once, digest(1), Decision::Release, &by("a")),
            Err(Error::NotApproved { have: 1, .. })
        ));
        let twice = decide(&once, digest(1), Decision::Approve, &by("b"))
            .unwrap()
            .unwrap();
        assert_eq!(twice.state(), BatchState::Approved);
    }

    #[test]
    fn another_digest_is_never_decided_on() {
        for state in STATES {
            for decision in [Decision::Approve, Decision::Release, Decision::Withdraw] {
                let refused = decide(&batch(state, &["a", "b"]), digest(2), decision, &by("c"));
                assert!(matches!(refused, Err(Error::DigestMismatch { .. })));
            }
        }
    }

    /// A stored state is not believed: approvals of another digest, by one
    /// person twice or by a maker do not release a batch.
    #[test]
    fn approvals_are_counted_again_at_the_release() {
        let mut stale = batch(BatchState::Approved, &["a", "b"]);
        stale.digest = digest(2);
        let mut twice = batch(BatchState::Approved, &["a", "a"]);
        twice.approvals[1].stamp = by("a");
        let own = batch(BatchState::Approved, &["a", "maker"]);
        for forged in [stale, twice, own] {
            let refused = decide(&forged, forged.digest(), Decision::Release, &by("c"));
            assert!(matches!(refused, Err(Error::NotApproved { .. })));
        }
    }
}
