use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use solidarity_core::{Invalid, PersonId, Stamp};

use crate::exception::Interests;
use crate::{
    Attester, AttesterTally, Conflict, Error, Exception, ExceptionBasis, ExceptionId, ExceptionUse,
    ExceptionUseId, NewException, Result, RevocationReason, Standing,
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
    pub tolerated: BTreeSet<crate::Interest>,
}

impl Default for ExceptionRules {
    fn default() -> Self {
        Self {
            cap_per_attester: 20,
            uses_max: 24,
            days_max: 366,
            quorum: BTreeMap::new(),
            tolerated: Interests::new(),
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
            ((1..=10_000).contains(&self.cap_per_attester), "cap_per_attester", "must be 1 to 10000"),
            ((1..=1_000).contains(&self.uses_max), "uses_max", "must be 1 to 1000"),
            ((1..=3_660).contains(&self.days_max), "days_max", "must be 1 to 3660"),
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
        Ok(Exception::granted_as(id, new, stamp.clone()))
    }

    fn check_bounds(&self, new: &NewException, stamp: &Stamp) -> Result<(), Invalid> {
        let max = self.uses_max;
        if !(1..=max).contains(&new.limit.uses) {
            return Err(Invalid::new("limit.uses", format!("must be 1 to {max}")));
        }
        let (at, until) = (stamp.at(), new.limit.until);
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
        } else if attester.interest.as_ref().is_some_and(|i| !self.tolerated.contains(i)) {
            Some(Conflict::Declared)
        } else if mutual() {
            Some(Conflict::Mutual)
        } else {
            None
        }
    }
}

/// The exception of `of_person` that holds at the time of `stamp`, or that
/// ends first if there are several: what it is after one more use, and the
/// use. `None` if none holds.
pub fn use_once<'a>(
    of_person: impl IntoIterator<Item = &'a Exception>,
    id: ExceptionUseId,
    stamp: &Stamp,
) -> Option<(Exception, ExceptionUse)> {
    let after = first_valid(of_person, stamp.at())?.once_more();
    let used = ExceptionUse::of(&after, id, stamp.clone());
    Some((after, used))
}

/// The exception of `of_person` that holds at `at`, or that ends first if
/// there are several.
pub fn first_valid<'a>(
    of_person: impl IntoIterator<Item = &'a Exception>,
    at: chrono::DateTime<chrono::Utc>,
) -> Option<&'a Exception> {
    of_person
        .into_iter()
        .filter(|exception| exception.standing(at) == Standing::Valid)
        .min_by_key(|exception| (exception.body().limit.until, exception.id()))
}

/// What `exception` is after it was ended for `reason`: `None` if it was
/// before, for the same reason.
///
/// # Errors
///
/// [`Error::AlreadyExists`] if it was ended for another reason.
pub fn revoke(
    exception: &Exception,
    reason: &RevocationReason,
    stamp: &Stamp,
) -> Result<Option<Exception>> {
    match exception.revoked() {
        Some(before) if before.reason() == reason => Ok(None),
        Some(_) => Err(Error::already_exists(&exception.id())),
        None => Ok(Some(exception.revoked_for(reason.clone(), stamp.clone()))),
    }
}

/// The people behind everyone who vouches for `new`, for a store to load their
/// own exceptions.
pub fn people_vouching(new: &NewException) -> Vec<PersonId> {
    let of = |attester: &Attester| {
        let acting = PersonId::from_uuid(*attester.actor.as_uuid());
        attester.person.into_iter().chain([acting])
    };
    new.vouching().flat_map(of).collect()
}
