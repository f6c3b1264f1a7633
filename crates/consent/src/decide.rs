use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use solidarity_core::ConsentId;

use crate::{
    BasisStatement, Consent, ConsentRef, Considered, Decision, FieldName, Grant, Outcome, Policy,
    Reason, Request, Standing, State,
};

/// How often data were used on each consent, within its running window.
///
/// A store counts them where it decides and spends in one step; for a consent
/// without a budget nobody counts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uses(BTreeMap<ConsentId, u32>);

impl Uses {
    /// No use.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The same, with `count` uses of `consent`.
    #[must_use]
    pub fn with(mut self, consent: ConsentId, count: u32) -> Self {
        self.0.insert(consent, count);
        self
    }

    /// The uses of `consent`.
    #[must_use]
    pub fn of(&self, consent: ConsentId) -> u32 {
        self.0.get(&consent).copied().unwrap_or(0)
    }
}

/// Decides whether `request` may be met at `now`: the one decision over every
/// lawful basis.
///
/// - A prohibition wins over whatever permits.
/// - What rests on law, contract or vital interest is looked at first; consent
///   is looked for only where a statement needs it, so withdrawing it stops
///   nothing else.
/// - What no statement covers is denied.
/// - Fields are decided one by one, so that the answer may be narrower than
///   the request, and is never wider: a field is permitted only if request,
///   policy and, where it is needed, consent all have it.
/// - The person's last word counts. A yes permits only if it was said after
///   every no and every withdrawal about the same field, purpose and
///   recipient; said at the same moment, the no counts.
///
/// `consents` are those of the person that the request is about, in any order;
/// others have no effect. `uses` are counted at `now`. The same arguments give
/// the same decision, to the byte.
#[must_use]
pub fn decide(
    policy: &Policy,
    consents: &[Consent],
    uses: &Uses,
    request: &Request,
    now: DateTime<Utc>,
) -> Decision {
    let judge = Judge {
        policy,
        consents,
        uses,
        request,
        now,
    };
    let mut found: BTreeMap<(usize, Option<ConsentRef>), Grant> = BTreeMap::new();
    let mut withheld = BTreeMap::new();
    for field in request.fields() {
        match judge.field(field) {
            Ok((position, statement, consent)) => {
                let consent_ref = consent.map(Consent::reference);
                let grant = found
                    .entry((position, consent_ref))
                    .or_insert_with(|| grant(statement, consent));
                grant.fields.insert(field.clone());
                grant.special.extend(policy.special(field).cloned());
            }
            Err(reason) => {
                withheld.insert(field.clone(), reason);
            }
        }
    }
    let outcome = if found.is_empty() {
        Outcome::Deny { reasons: withheld }
    } else {
        Outcome::Permit {
            grants: found.into_values().collect(),
            withheld,
        }
    };
    let considered = consents
        .iter()
        .filter(|consent| {
            request
                .fields()
                .iter()
                .any(|f| consent.concerns(request, f))
        })
        .map(|consent| {
            let (version, used) = (consent.version(), uses.of(consent.id()));
            (consent.id(), Considered { version, used })
        })
        .collect();
    Decision::new(
        request.clone(),
        policy.reference(),
        considered,
        now,
        outcome,
    )
}

fn grant(statement: &BasisStatement, consent: Option<&Consent>) -> Grant {
    let kept = consent.map_or(u32::MAX, |consent| consent.terms().retention_days);
    Grant {
        statement: statement.id.clone(),
        basis: statement.basis.clone(),
        citation: statement.citation.clone(),
        consent: consent.map(Consent::reference),
        fields: BTreeSet::new(),
        special: BTreeSet::new(),
        retention_days: statement.retention_days.min(kept),
        notify: statement.notify,
    }
}

#[derive(Clone, Copy)]
struct Judge<'a> {
    policy: &'a Policy,
    consents: &'a [Consent],
    uses: &'a Uses,
    request: &'a Request,
    now: DateTime<Utc>,
}

impl<'a> Judge<'a> {
    fn field(
        self,
        field: &FieldName,
    ) -> Result<(usize, &'a BasisStatement, Option<&'a Consent>), Reason> {
        let today = self.now.date_naive();
        let prohibitions = self.policy.prohibitions();
        if let Some(prohibition) = prohibitions
            .iter()
            .find(|prohibition| prohibition.forbids(self.request, field, today))
        {
            return Err(Reason::Forbidden {
                prohibition: prohibition.id.clone(),
            });
        }
        let mut nearest = Reason::NoBasis;
        for (position, statement) in self.policy.lawful_first() {
            if !statement.covers(self.request, field) {
                continue;
            }
            match self.statement(statement, field) {
                Ok(consent) => return Ok((position, statement, consent)),
                Err(reason) if reason.nearness() > nearest.nearness() => nearest = reason,
                Err(_) => {}
            }
        }
        Err(nearest)
    }

    /// Whether `statement`, which covers `field`, permits it; on what consent.
    fn statement(
        self,
        statement: &BasisStatement,
        field: &FieldName,
    ) -> Result<Option<&'a Consent>, Reason> {
        if !statement.validity.holds_on(self.now.date_naive()) {
            return Err(Reason::BasisNotInForce {
                statement: statement.id.clone(),
            });
        }
        let explicit = self.policy.needs_explicit(statement, field);
        if !explicit && !statement.basis.is_consent() {
            return Ok(None);
        }
        self.consent(statement, field, explicit).map(Some)
    }

    /// The consent on which `field` may be used, by the person's last word.
    fn consent(
        self,
        statement: &BasisStatement,
        field: &FieldName,
        explicit: bool,
    ) -> Result<&'a Consent, Reason> {
        let said = |states: &'static [State]| {
            self.consents.iter().filter(move |consent| {
                consent.concerns(self.request, field) && states.contains(&consent.state())
            })
        };
        let last_no = said(&[State::Refused, State::Withdrawn]).max_by_key(|c| c.last_word());
        let mut yes: Vec<&Consent> = said(&[State::Given])
            .filter(|yes| last_no.is_none_or(|no| yes.last_word().0 > no.last_word().0))
            .collect();
        yes.sort_by_key(|consent| std::cmp::Reverse(consent.last_word()));

        let mut latest = None;
        for consent in yes {
            match self.usable(consent, explicit) {
                None => return Ok(consent),
                Some(reason) => {
                    latest.get_or_insert(reason);
                }
            }
        }
        let asked = || said(&[State::Requested]).max_by_key(|c| c.last_word());
        Err(latest
            .or_else(|| self.not_in_force(last_no.or_else(asked)?))
            .unwrap_or_else(|| Reason::NotAsked {
                statement: statement.id.clone(),
            }))
    }

    /// Why `consent`, a yes, permits nothing; `None` if it does.
    fn usable(self, consent: &Consent, explicit: bool) -> Option<Reason> {
        if let Some(reason) = self.not_in_force(consent) {
            return Some(reason);
        }
        let reference = consent.reference();
        if explicit && !consent.is_explicit() {
            return Some(Reason::NotExplicit { consent: reference });
        }
        let budget = consent.terms().budget?;
        (self.uses.of(consent.id()) >= budget.uses())
            .then_some(Reason::BudgetSpent { consent: reference })
    }

    fn not_in_force(self, of: &Consent) -> Option<Reason> {
        let consent = of.reference();
        match of.standing(self.now) {
            Standing::InForce => None,
            // Of one that was superseded, its successor is what was asked.
            Standing::Requested | Standing::Superseded => Some(Reason::Unanswered { consent }),
            Standing::Refused => Some(Reason::Refused { consent }),
            Standing::Withdrawn => Some(Reason::Withdrawn { consent }),
            Standing::NotYetValid => Some(Reason::NotYetValid { consent }),
            Standing::Expired => Some(Reason::Expired { consent }),
            Standing::Frozen => Some(Reason::Frozen { consent }),
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
