use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{
    ChangeKind, Commitment, EntityKind, Invalid, NewChange, PersonId, Retry, Salt, Stamp,
    StoreFault,
};

use crate::{
    Attester, AttesterTally, Conflict, Error, Exception, ExceptionBasis, ExceptionId, ExceptionUse,
    ExceptionUseId, Interest, NewException, Result, Revocation, RevocationReason, Standing,
};

/// The most people who vouch for one exception.
pub const VOUCHING_MAX: usize = 16;

/// What an exception register grants: a country's own data, enforced in the
/// store.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExceptionRules {
    /// For how many people one attester may vouch at once, 1 to 10,000.
    pub cap_per_attester: u32,
    /// How often one exception may be used, 1 to 1,000.
    pub uses_max: u32,
    /// How many days one exception may hold, 1 to 3,660.
    pub days_max: u32,
    /// How many people have to vouch, where one is not enough.
    pub quorum: BTreeMap<ExceptionBasis, u32>,
    /// The declared stakes that do not stand in the way: a grandmother may
    /// vouch for a child where `kin` is one of them.
    pub tolerated: BTreeSet<Interest>,
}

impl Default for ExceptionRules {
    fn default() -> Self {
        Self {
            cap_per_attester: 20,
            uses_max: 24,
            days_max: 366,
            quorum: BTreeMap::new(),
            tolerated: BTreeSet::new(),
        }
    }
}

/// What a register knows that bears on a new exception.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GrantView<'a> {
    /// What the attester already vouches for.
    pub tally: AttesterTally,
    /// The exceptions of the people who vouch.
    pub of_vouching: &'a [Exception],
}

impl<'a> GrantView<'a> {
    /// The attester's `tally`, and the exceptions of the people who vouch.
    #[must_use]
    pub const fn new(tally: AttesterTally, of_vouching: &'a [Exception]) -> Self {
        Self { tally, of_vouching }
    }
}

impl ExceptionRules {
    /// Checks that every number is within the bounds that its field states.
    ///
    /// # Errors
    ///
    /// [`Invalid`], naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        let vouching_max = u32::try_from(VOUCHING_MAX).unwrap_or(u32::MAX);
        for (ok, field, rule) in [
            (
                (1..=10_000).contains(&self.cap_per_attester),
                "cap_per_attester",
                "must be 1 to 10000",
            ),
            (
                (1..=1_000).contains(&self.uses_max),
                "uses_max",
                "must be 1 to 1000",
            ),
            (
                (1..=3_660).contains(&self.days_max),
                "days_max",
                "must be 1 to 3660",
            ),
            (
                self.quorum.values().all(|n| (1..=vouching_max).contains(n)),
                "quorum",
                "must be 1 to 16",
            ),
        ] {
            if !ok {
                return Err(Invalid::new(field, rule));
            }
        }
        Ok(())
    }

    /// Decides whether `new` is granted.
    ///
    /// # Errors
    ///
    /// - [`Error::Invalid`] if it is without bounds, or too few vouch.
    /// - [`Error::ConflictOfInterest`] if somebody who vouches has a stake.
    /// - [`Error::CapReached`] if the attester vouches for too many.
    pub fn grant(
        &self,
        view: GrantView<'_>,
        id: ExceptionId,
        new: NewException,
        stamp: &Stamp,
        salt: Salt,
    ) -> Result<Exception> {
        self.check_bounds(&new, stamp)?;
        for (position, attester) in new.vouching().enumerate() {
            if let Some(conflict) = self.conflict(&new, position, attester, stamp, view) {
                return Err(Error::ConflictOfInterest {
                    attester: attester.actor,
                    conflict,
                });
            }
        }
        if view.tally.standing >= u64::from(self.cap_per_attester) {
            return Err(Error::CapReached {
                attester: new.attester.actor,
                cap: self.cap_per_attester,
            });
        }
        Ok(Exception::granted_as(id, new, stamp.clone(), salt))
    }

    fn check_bounds(&self, new: &NewException, stamp: &Stamp) -> Result<(), Invalid> {
        let max = self.uses_max;
        if !(1..=max).contains(&new.limit.uses) {
            return Err(Invalid::new("limit.uses", format!("must be 1 to {max}")));
        }
        let (at, until) = (stamp.at(), new.limit.until);
        if until.trunc_subsecs(6) != until {
            return Err(Invalid::new("limit.until", "must be in whole microseconds"));
        }
        if until <= at || until - at > TimeDelta::days(self.days_max.into()) {
            let rule = format!("must be at most {} days ahead", self.days_max);
            return Err(Invalid::new("limit.until", rule));
        }
        if new.review_by < at.date_naive() || new.review_by > until.date_naive() {
            let rule = "must be between today and the end of the limit";
            return Err(Invalid::new("review_by", rule));
        }
        let quorum = self.quorum.get(&new.basis).copied().unwrap_or(1);
        let vouching = new.vouching().count();
        if vouching > VOUCHING_MAX || vouching < usize::try_from(quorum).unwrap_or(usize::MAX) {
            let rule = format!("must be {quorum} to {VOUCHING_MAX} with the attester");
            return Err(Invalid::new("witnesses", rule));
        }
        Ok(())
    }

    fn conflict(
        &self,
        new: &NewException,
        position: usize,
        attester: &Attester,
        stamp: &Stamp,
        view: GrantView<'_>,
    ) -> Option<Conflict> {
        let twice = new.vouching().take(position).any(|other| {
            other.actor == attester.actor
                || other.person.is_some() && other.person == attester.person
        });
        let mutual = || {
            view.of_vouching
                .iter()
                .filter(|e| attester.is(e.body().person))
                .filter(|e| e.standing(stamp.at()) == Standing::Valid)
                .any(|e| e.body().vouching().any(|other| other.is(new.person)))
        };
        if attester.is(new.person) {
            Some(Conflict::Themself)
        } else if twice || attester.actor == stamp.actor() {
            Some(Conflict::TwoRoles)
        } else if attester
            .interest
            .as_ref()
            .is_some_and(|i| !self.tolerated.contains(i))
        {
            Some(Conflict::Declared)
        } else if mutual() {
            Some(Conflict::Mutual)
        } else {
            None
        }
    }
}

impl NewException {
    /// The people behind everyone who vouches, for a store to load their own
    /// exceptions.
    #[must_use]
    pub fn people_vouching(&self) -> Vec<PersonId> {
        let of = |attester: &Attester| {
            let acting = PersonId::from_uuid(*attester.actor.as_uuid());
            attester.person.into_iter().chain([acting])
        };
        self.vouching().flat_map(of).collect()
    }
}

impl Exception {
    /// The one of a person's exceptions that holds at `at`; of several the one
    /// that ends first.
    pub fn first_valid<'a>(
        of_person: impl IntoIterator<Item = &'a Self>,
        at: DateTime<Utc>,
    ) -> Option<&'a Self> {
        of_person
            .into_iter()
            .filter(|exception| exception.standing(at) == Standing::Valid)
            .min_by_key(|exception| (exception.body().limit.until, exception.id()))
    }

    /// Uses the [first valid](Self::first_valid) of a person's exceptions:
    /// what it is afterwards, and the use. `None` if none holds.
    pub fn use_first<'a>(
        of_person: impl IntoIterator<Item = &'a Self>,
        id: ExceptionUseId,
        stamp: &Stamp,
        salt: Salt,
    ) -> Option<(Self, ExceptionUse)> {
        let after = Self::first_valid(of_person, stamp.at())?.once_more();
        let used = ExceptionUse::of(&after, id, stamp.clone(), salt);
        Some((after, used))
    }

    /// What it is after it was ended for `reason`: `None` if it was before,
    /// for the same reason.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] if it was ended for another reason.
    pub fn revoke(
        &self,
        reason: &RevocationReason,
        stamp: &Stamp,
        salt: Salt,
    ) -> Result<Option<Self>> {
        match self.revoked() {
            Some(before) if before.reason() == reason => Ok(None),
            Some(_) => Err(Error::already_exists(&self.id())),
            None => Ok(Some(self.revoked_for(reason.clone(), stamp.clone(), salt))),
        }
    }

    /// The news of its grant.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if its content cannot be written out.
    pub fn grant_change(&self) -> Result<NewChange> {
        let commitment = commitment(self.salt(), self.body())?;
        Ok(change(self.granted(), self.id(), "grant", commitment))
    }

    /// The news of its revocation, if it is revoked.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if its content cannot be written out.
    pub fn revoke_change(&self) -> Result<Option<NewChange>> {
        let news = |revocation: &Revocation| {
            let commitment = commitment(revocation.salt(), revocation.reason())?;
            Ok(change(revocation.stamp(), self.id(), "revoke", commitment))
        };
        self.revoked().map(news).transpose()
    }
}

impl ExceptionUse {
    /// The news of it.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if its content cannot be written out.
    pub fn change(&self) -> Result<NewChange> {
        let commitment = commitment(self.salt(), &(self.id(), self.person(), self.number()))?;
        Ok(change(self.stamp(), self.exception(), "use", commitment))
    }
}

fn commitment(salt: &Salt, content: &impl Serialize) -> Result<Commitment> {
    let bytes = serde_json::to_vec(content)
        .map_err(|cause| StoreFault::new("write an exception out", Retry::Never, cause))?;
    Ok(Commitment::to(salt, &bytes))
}

fn change(stamp: &Stamp, id: ExceptionId, kind: &'static str, commitment: Commitment) -> NewChange {
    let entity = EntityKind::from_static("exception");
    NewChange::new(
        stamp.clone(),
        entity,
        &id,
        ChangeKind::from_static(kind),
        commitment,
    )
}

#[cfg(test)]
mod tests;
