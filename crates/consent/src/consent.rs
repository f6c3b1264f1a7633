use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{ConsentId, Invalid, PersonId, Stamp, Version};

use crate::{Answer, Collected, ConsentRef, FieldName, GivenBy, Reply, Request};

mod new_consent;

pub use new_consent::NewConsent;

/// What was said last, whatever the time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "a withdrawal must never fall under a wildcard"
)]
pub enum State {
    /// Asked, not answered.
    Requested,
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Taken back. For ever: who says yes again gives another consent.
    Withdrawn,
    /// Replaced by a later consent.
    Superseded,
}

/// What a consent is good for at a moment. Computed, never stored.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "what permits nothing must never fall under a wildcard"
)]
pub enum Standing {
    /// Asked, not answered.
    Requested,
    /// They said no.
    Refused,
    /// They said yes, to a time that has not begun.
    NotYetValid,
    /// They said yes, and it holds.
    InForce,
    /// A guardian said yes, whose authority has ended. The person is to be
    /// asked.
    Frozen,
    /// They said yes, to a time that is over.
    Expired,
    /// Taken back, whatever the clock says.
    Withdrawn,
    /// Replaced by a later consent.
    Superseded,
}

/// What happened to a consent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The person was asked.
    Ask,
    /// They said yes.
    Give,
    /// They said no.
    Refuse,
    /// A later consent took its place.
    Supersede,
    /// They took it back.
    Withdraw,
}

/// One step in the life of a consent.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The version that the step made.
    pub version: Version,
    /// What happened.
    pub kind: EventKind,
    /// When, by whom, why.
    pub stamp: Stamp,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Step<T> {
    what: T,
    stamp: Stamp,
}

/// What a person was asked, what they said, and what became of it.
///
/// Nothing is overwritten: every step stays beside the ones before, so that a
/// consent can be read as it stood at each of its versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consent {
    terms: NewConsent,
    recorded: Stamp,
    // INVARIANT: the steps below were taken in this order.
    answered: Option<Step<Reply>>,
    superseded: Option<Step<ConsentId>>,
    withdrawn: Option<Step<Collected>>,
}

impl Consent {
    pub(crate) fn record(terms: &NewConsent, stamp: &Stamp) -> Result<Self, Invalid> {
        terms.check(stamp.at())?;
        Ok(Self {
            terms: terms.clone(),
            recorded: stamp.clone(),
            answered: None,
            superseded: None,
            withdrawn: None,
        })
    }

    pub(crate) fn with_answer(&self, reply: &Reply, stamp: &Stamp) -> Result<Self, Invalid> {
        reply.check(self.terms.subject, stamp.at())?;
        let mut next = self.clone();
        next.answered = Some(Step {
            what: reply.clone(),
            stamp: stamp.clone(),
        });
        Ok(next)
    }

    pub(crate) fn with_successor(&self, successor: ConsentId, stamp: &Stamp) -> Self {
        let mut next = self.clone();
        next.superseded = Some(Step {
            what: successor,
            stamp: stamp.clone(),
        });
        next
    }

    pub(crate) fn with_withdrawal(
        &self,
        collected: &Collected,
        stamp: &Stamp,
    ) -> Result<Self, Invalid> {
        collected.check(self.terms.subject)?;
        let mut next = self.clone();
        next.withdrawn = Some(Step {
            what: collected.clone(),
            stamp: stamp.clone(),
        });
        Ok(next)
    }

    /// Names the consent.
    #[must_use]
    pub const fn id(&self) -> ConsentId {
        self.terms.id
    }

    /// Whose data.
    #[must_use]
    pub const fn subject(&self) -> PersonId {
        self.terms.subject
    }

    /// What was asked, as it was recorded.
    #[must_use]
    pub const fn terms(&self) -> &NewConsent {
        &self.terms
    }

    /// What was answered, at once or later.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        self.answered
            .as_ref()
            .map(|step| &step.what)
            .or(self.terms.reply.as_ref())
    }

    /// How it was taken back, if it was.
    #[must_use]
    pub fn withdrawal(&self) -> Option<&Collected> {
        self.withdrawn.as_ref().map(|step| &step.what)
    }

    /// The consent that took its place, if one did.
    #[must_use]
    pub fn superseded_by(&self) -> Option<ConsentId> {
        self.superseded.as_ref().map(|step| step.what)
    }

    /// Counts the steps of its life.
    #[must_use]
    pub fn version(&self) -> Version {
        let steps = [
            self.answered.is_some(),
            self.superseded.is_some(),
            self.withdrawn.is_some(),
        ];
        steps
            .into_iter()
            .filter(|taken| *taken)
            .fold(Version::FIRST, |version, _| version.next())
    }

    /// How a decision names it.
    #[must_use]
    pub fn reference(&self) -> ConsentRef {
        ConsentRef::new(self.id(), self.version())
    }

    /// What was said last.
    #[must_use]
    pub fn state(&self) -> State {
        if self.withdrawn.is_some() {
            State::Withdrawn
        } else if self.superseded.is_some() {
            State::Superseded
        } else {
            match self.reply().map(|reply| reply.answer) {
                None => State::Requested,
                Some(Answer::Given) => State::Given,
                Some(Answer::Refused) => State::Refused,
            }
        }
    }

    /// What it is good for at `now`.
    ///
    /// A withdrawal holds whatever `now` says: no clock revives a consent that
    /// was taken back.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.state() {
            State::Requested => Standing::Requested,
            State::Refused => Standing::Refused,
            State::Withdrawn => Standing::Withdrawn,
            State::Superseded => Standing::Superseded,
            State::Given if now >= self.terms.period.until() => Standing::Expired,
            State::Given if self.authority_ended(now) => Standing::Frozen,
            State::Given if now < self.terms.period.from() => Standing::NotYetValid,
            State::Given => Standing::InForce,
        }
    }

    fn authority_ended(&self, now: DateTime<Utc>) -> bool {
        match self.reply().map(|reply| reply.collected.by) {
            Some(GivenBy::Guardian { until, .. }) => now >= until,
            Some(GivenBy::Subject) | None => false,
        }
    }

    /// Whether they said yes to exactly this, in so many words.
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        self.reply()
            .is_some_and(|reply| reply.answer == Answer::Given && reply.explicit)
    }

    /// The steps of its life, the first one first.
    #[must_use]
    pub fn history(&self) -> Vec<Event> {
        let said = |reply: &Reply| match reply.answer {
            Answer::Given => EventKind::Give,
            Answer::Refused => EventKind::Refuse,
        };
        let first = self.terms.reply.as_ref().map_or(EventKind::Ask, said);
        let answered = self.answered.as_ref().map(|s| (said(&s.what), &s.stamp));
        let superseded = self.superseded.as_ref();
        let withdrawn = self.withdrawn.as_ref();
        let mut version = Version::FIRST;
        [Some((first, &self.recorded)), answered]
            .into_iter()
            .chain([
                superseded.map(|s| (EventKind::Supersede, &s.stamp)),
                withdrawn.map(|s| (EventKind::Withdraw, &s.stamp)),
            ])
            .flatten()
            .map(|(kind, stamp)| {
                let event = Event {
                    version,
                    kind,
                    stamp: stamp.clone(),
                };
                version = version.next();
                event
            })
            .collect()
    }

    /// The consent as it stood at `version`; `None` if it never did.
    #[must_use]
    pub fn at_version(&self, version: Version) -> Option<Self> {
        let mut then = self.clone();
        while then.version() > version {
            // The last step taken goes first.
            let undone = then.withdrawn.take().is_some()
                || then.superseded.take().is_some()
                || then.answered.take().is_some();
            if !undone {
                break;
            }
        }
        (then.version() == version).then_some(then)
    }

    pub(crate) fn before_withdrawal(&self) -> Self {
        let mut then = self.clone();
        then.withdrawn = None;
        then
    }

    /// The moment after which a use counts against the budget at `now`;
    /// `None` for a consent without one.
    #[must_use]
    pub fn window_start(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let budget = self.terms.budget?;
        let window = TimeDelta::seconds(budget.window_seconds().into());
        Some(
            now.checked_sub_signed(window)
                .unwrap_or(DateTime::<Utc>::MIN_UTC),
        )
    }

    /// When the last word was said, and the id to order two of one moment. A
    /// withdrawal is never earlier than what it takes back.
    pub(crate) fn last_word(&self) -> (DateTime<Utc>, ConsentId) {
        let answered = self.answered.as_ref().map(|step| &step.stamp);
        let said = answered.unwrap_or(&self.recorded).at();
        let withdrawn = self.withdrawn.as_ref().map(|step| step.stamp.at());
        (withdrawn.map_or(said, |at| at.max(said)), self.id())
    }

    /// Whether it is about `field` of this subject, purpose and recipient.
    pub(crate) fn concerns(&self, request: &Request, field: &FieldName) -> bool {
        let terms = &self.terms;
        terms.subject == request.subject()
            && terms.purpose == *request.purpose()
            && terms.recipient == *request.recipient()
            && terms.fields.contains(field)
    }
}

#[cfg(test)]
mod tests {
    use solidarity_core::{ActorId, Channel, Language, MessageForm, Purpose};

    use super::*;
    use crate::{NoticeVersion, Period, Recipient};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn stamp(seconds: i64) -> Stamp {
        Stamp::new(
            at(seconds),
            ActorId::generate(),
            Purpose::from_static("desk"),
        )
    }

    fn terms() -> NewConsent {
        let wanted = Request::new(
            PersonId::generate(),
            Purpose::from_static("outreach"),
            Recipient::from_static("clinic"),
            [FieldName::from_static("phone")],
        );
        let period = Period::new(at(10), at(100)).unwrap();
        let (notice, language) = (NoticeVersion::from_static("1"), Language::from_static("sw"));
        NewConsent::new(
            ConsentId::generate(),
            &wanted.unwrap(),
            period,
            notice,
            language,
        )
    }

    fn collected(by: GivenBy) -> Collected {
        Collected::new(by, Channel::InPerson, MessageForm::Text)
    }

    fn said(reply: Reply) -> Consent {
        Consent::record(&terms().answered(reply), &stamp(0)).unwrap()
    }

    #[test]
    fn every_state_has_its_standing_at_every_time() {
        use Standing::{
            Expired, Frozen, InForce, NotYetValid, Refused, Requested, Superseded, Withdrawn,
        };
        let guardian = GivenBy::Guardian {
            person: PersonId::generate(),
            until: at(50),
        };
        let asked = Consent::record(&terms(), &stamp(0)).unwrap();
        let yes = said(Reply::given(collected(GivenBy::Subject)));
        let no = said(Reply::refused(collected(GivenBy::Subject)));
        let child = said(Reply::given(collected(guardian)));
        let taken_back = yes.with_withdrawal(&collected(GivenBy::Subject), &stamp(60));
        let replaced = yes.with_successor(ConsentId::generate(), &stamp(60));
        for (consent, standings) in [
            (
                &asked,
                [Requested, Requested, Requested, Requested, Requested],
            ),
            (&no, [Refused, Refused, Refused, Refused, Refused]),
            (&yes, [NotYetValid, InForce, InForce, InForce, Expired]),
            (&child, [NotYetValid, InForce, Frozen, Frozen, Expired]),
            (&taken_back.unwrap(), [Withdrawn; 5]),
            (&replaced, [Superseded; 5]),
        ] {
            let found = [9, 10, 50, 99, 100].map(|seconds| consent.standing(at(seconds)));
            assert_eq!(found, standings, "{:?}", consent.state());
        }
    }

    #[test]
    fn a_consent_can_be_read_as_it_stood() {
        let asked = Consent::record(&terms(), &stamp(0)).unwrap();
        let yes = asked
            .with_answer(&Reply::given(collected(GivenBy::Subject)), &stamp(1))
            .unwrap();
        let replaced = yes.with_successor(ConsentId::generate(), &stamp(2));
        let taken_back = replaced
            .with_withdrawal(&collected(GivenBy::Subject), &stamp(3))
            .unwrap();
        let versions = [asked, yes, replaced, taken_back.clone()];
        for then in &versions {
            assert_eq!(taken_back.at_version(then.version()).as_ref(), Some(then));
        }
        assert_eq!(taken_back.at_version(Version::from_count(5).unwrap()), None);
        let history = taken_back.history();
        let kinds: Vec<_> = history.iter().map(|event| event.kind).collect();
        use EventKind::{Ask, Give, Supersede, Withdraw};
        assert_eq!(kinds, [Ask, Give, Supersede, Withdraw]);
        for (event, seconds) in history.iter().zip(0..) {
            assert_eq!(event.stamp.at(), at(seconds));
        }
        assert_eq!(history.last().unwrap().version, taken_back.version());
    }

    #[test]
    fn what_is_stored_is_read_back_and_shows_no_name_in_passing() {
        let consent = said(Reply::given(
            collected(GivenBy::Subject)
                .with_witness("A. Neighbor")
                .with_evidence("form 7"),
        ));
        let json = serde_json::to_string(&consent).unwrap();
        assert!(json.contains("A. Neighbor"));
        assert_eq!(serde_json::from_str::<Consent>(&json).unwrap(), consent);
        let shown = format!("{consent:?}");
        assert!(!shown.contains("Neighbor") && !shown.contains("form 7"));
    }
}
