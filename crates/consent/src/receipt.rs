use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ConsentId, Language, MessageForm, Version};

use crate::{
    Consent, Continues, NoticeVersion, Policy, PolicyRef, Recipient, Result, Standing,
    withdrawal_effect,
};

solidarity_core::code! {
    /// Names a sentence that an application has in each of its languages:
    /// `receipt.kept-days`.
    pub struct MessageKey;
}

/// One sentence of a receipt: which, and what is put into it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReceiptLine {
    /// The sentence.
    pub key: MessageKey,
    /// What is put into it, in order: codes, which the application says in
    /// its own words, numbers and days.
    pub values: Vec<String>,
}

/// What a person takes home: what they were asked, what they said, what goes
/// on whatever they say, and how to take it back.
///
/// It is a value, made of codes, to be said in the language and the form in
/// which the person was asked. It holds no name, and it is not signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The consent: its id is all that is needed to withdraw it.
    pub consent: ConsentId,
    /// At which version.
    pub version: Version,
    /// What it was good for when the receipt was made.
    pub standing: Standing,
    /// Who answers for the data.
    pub controller: Recipient,
    /// By which policy.
    pub policy: PolicyRef,
    /// The words in which the person was told.
    pub notice: NoticeVersion,
    /// In which language to say it.
    pub language: Language,
    /// Whether to write it or to read it to them. To read it, where nobody
    /// knows.
    pub form: MessageForm,
    /// The sentences, in order.
    pub lines: Vec<ReceiptLine>,
    /// The uses of the same fields that rest on something else.
    pub continues: Vec<Continues>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

impl Receipt {
    /// The receipt for consent `id` at `now`. `consents` are all of the
    /// person's.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if `id` is not among
    /// `consents`.
    pub fn new(
        policy: &Policy,
        consents: &[Consent],
        id: ConsentId,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let effect = withdrawal_effect(policy, consents, id, now)?;
        let consent = consents
            .iter()
            .find(|consent| consent.id() == id)
            .ok_or(crate::Error::not_found(id))?;
        let reply = consent.reply();
        Ok(Self {
            consent: id,
            version: consent.version(),
            standing: consent.standing(now),
            controller: policy.controller().clone(),
            policy: policy.reference(),
            notice: consent.terms().notice.clone(),
            language: consent.terms().language.clone(),
            form: reply.map_or(MessageForm::Voice, |reply| reply.collected.form),
            lines: lines(consent, now, &effect.continues),
            continues: effect.continues,
            made_at: now,
        })
    }
}

fn lines(consent: &Consent, now: DateTime<Utc>, continues: &[Continues]) -> Vec<ReceiptLine> {
    let terms = consent.terms();
    let mut lines = Vec::new();
    let mut say = |key: &'static str, values: Vec<String>| {
        let key = MessageKey::from_static(key);
        lines.push(ReceiptLine { key, values });
    };
    let recipient = terms.recipient.to_string();
    say(answer(consent.standing(now)), Vec::new());
    say("receipt.recipient", vec![recipient]);
    say("receipt.purpose", vec![terms.purpose.to_string()]);
    let fields = terms.fields.iter().map(ToString::to_string);
    say("receipt.fields", fields.collect());
    let day = |moment: DateTime<Utc>| moment.date_naive().to_string();
    let period = vec![day(terms.period.from()), day(terms.period.until())];
    say("receipt.period", period);
    say("receipt.kept-days", vec![terms.retention_days.to_string()]);
    if let Some(budget) = terms.budget {
        let values = [budget.uses(), budget.window_seconds()];
        say("receipt.budget", values.map(|n| n.to_string()).to_vec());
    }
    say("receipt.benefit-unchanged", Vec::new());
    say("receipt.withdraw-any-time", vec![terms.id.to_string()]);
    for other in continues {
        let values = [
            other.recipient.as_str(),
            other.purpose.as_str(),
            other.basis.code(),
            &other.citation,
        ];
        say("receipt.goes-on", values.map(str::to_owned).to_vec());
    }
    lines
}

const fn answer(standing: Standing) -> &'static str {
    match standing {
        Standing::Requested => "receipt.asked",
        Standing::Refused => "receipt.refused",
        Standing::NotYetValid | Standing::InForce => "receipt.given",
        Standing::Frozen => "receipt.frozen",
        Standing::Expired => "receipt.expired",
        Standing::Withdrawn => "receipt.withdrawn",
        Standing::Superseded => "receipt.superseded",
    }
}
