use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ActorId, Channel, ConsentId, MessageForm, Purpose, Stamp};

use crate::{
    Basis, Collected, Consent, Decision, Error, FieldName, GivenBy, Policy, Recipient, Request,
    Result, State, StatementId, Uses, decide,
};

/// A use of the same fields that goes on when a consent is withdrawn, and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Continues {
    /// For what.
    pub purpose: Purpose,
    /// To whom.
    pub recipient: Recipient,
    /// Which of the fields.
    pub fields: BTreeSet<FieldName>,
    /// The statement of the policy that it rests on.
    pub statement: StatementId,
    /// Its basis.
    pub basis: Basis,
    /// The law, contract or decision that it cites.
    pub citation: String,
    /// The other consent that it rests on, where it needs one.
    pub consent: Option<ConsentId>,
}

/// What a person is told when they take back a consent, or think of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WithdrawalEffect {
    /// The consent.
    pub consent: ConsentId,
    /// For what it was asked.
    pub purpose: Purpose,
    /// For whom it was asked.
    pub recipient: Recipient,
    /// The fields that this recipient gets no more for this purpose.
    pub stops: BTreeSet<FieldName>,
    /// How many days the recipient may keep what it got before.
    pub kept_days: u32,
    /// The uses of the same fields that go on, whoever they go to.
    pub continues: Vec<Continues>,
}

/// What stops and what goes on if consent `id` is withdrawn at `now`.
///
/// What rests on law goes on: a withdrawal takes nothing from it, and this is
/// where the person is told so, before they withdraw or after. `consents` are
/// all of the person's; budgets are taken as not yet used.
///
/// # Errors
///
/// [`Error::NotFound`] if `id` is not among `consents`.
pub fn withdrawal_effect(
    policy: &Policy,
    consents: &[Consent],
    id: ConsentId,
    now: DateTime<Utc>,
) -> Result<WithdrawalEffect> {
    let consent = consents
        .iter()
        .find(|consent| consent.id() == id)
        .ok_or(Error::not_found(id))?;
    let (standing, withdrawn) = before_and_after(consent, now)?;
    let with = |this: &Consent| -> Vec<Consent> {
        let others = consents.iter().filter(|other| other.id() != id);
        others.chain([this]).cloned().collect()
    };
    let (before, after) = (with(&standing), with(&withdrawn));
    let answer = |consents: &[Consent], purpose: &Purpose, recipient: &Recipient| {
        let fields = consent.terms().fields.clone();
        Request::new(
            consent.subject(),
            purpose.clone(),
            recipient.clone(),
            fields,
        )
        .map(|request| decide(policy, consents, &Uses::none(), &request, now))
    };

    let terms = consent.terms();
    let was = answer(&before, &terms.purpose, &terms.recipient)?;
    let is = answer(&after, &terms.purpose, &terms.recipient)?;
    let kept_days = was.grants().iter().filter(|grant| grant.consent.is_some());
    let mut effect = WithdrawalEffect {
        consent: id,
        purpose: terms.purpose.clone(),
        recipient: terms.recipient.clone(),
        stops: difference(&was, &is),
        kept_days: kept_days
            .map(|grant| grant.retention_days)
            .max()
            .unwrap_or(0),
        continues: Vec::new(),
    };
    for (purpose, recipient) in uses_of(policy, &terms.fields) {
        for grant in answer(&after, purpose, recipient)?.grants() {
            effect.continues.push(Continues {
                purpose: purpose.clone(),
                recipient: recipient.clone(),
                fields: grant.fields.clone(),
                statement: grant.statement.clone(),
                basis: grant.basis.clone(),
                citation: grant.citation.clone(),
                consent: grant.consent.map(|consent| consent.id()),
            });
        }
    }
    Ok(effect)
}

/// The consent as it stands without its withdrawal, and with one at `now`.
fn before_and_after(consent: &Consent, now: DateTime<Utc>) -> Result<(Consent, Consent)> {
    if consent.state() == State::Withdrawn {
        let before = consent.before_withdrawal();
        return Ok((before, consent.clone()));
    }
    let collected = Collected::new(GivenBy::Subject, Channel::InPerson, MessageForm::Text);
    let actor = ActorId::derive(&consent.id(), "withdrawal");
    let stamp = Stamp::new(now, actor, consent.terms().purpose.clone());
    let after = consent.with_withdrawal(&collected, &stamp)?;
    Ok((consent.clone(), after))
}

fn difference(was: &Decision, is: &Decision) -> BTreeSet<FieldName> {
    was.allowed_fields()
        .difference(&is.allowed_fields())
        .map(|field| (*field).clone())
        .collect()
}

/// The pairs of purpose and recipient for which the policy has any of `fields`.
fn uses_of<'a>(
    policy: &'a Policy,
    fields: &BTreeSet<FieldName>,
) -> BTreeSet<(&'a Purpose, &'a Recipient)> {
    policy
        .statements()
        .iter()
        .filter(|statement| !statement.fields.is_disjoint(fields))
        .flat_map(|statement| {
            let recipients = &statement.recipients;
            let pair = move |purpose| recipients.iter().map(move |to| (purpose, to));
            statement.purposes.iter().flat_map(pair)
        })
        .collect()
}
