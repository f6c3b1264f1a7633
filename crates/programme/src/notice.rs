use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use solidarity_core::limits::LINE_MAX_BYTES;
use solidarity_core::{Invalid, Language, NoticeId, SafeContact, check_text};

use crate::{DueProcess, ReasonCode};

solidarity_core::code! {
    /// Names a text in plain words, which the country keeps in each of its
    /// languages.
    pub struct TextKey;
}

/// By what a person is told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "who has no telephone must never fall under a wildcard"
)]
pub enum Contact {
    /// As the person says that they are safely reached.
    Safe(SafeContact),
    /// At an office or by a community worker, where it waits for them: nobody
    /// needs a telephone.
    Office {
        /// Where.
        place: String,
        /// The language that the person understands.
        language: Language,
    },
}

impl Contact {
    /// The language that the person understands.
    #[must_use]
    pub const fn language(&self) -> &Language {
        match self {
            Self::Safe(contact) => contact.language(),
            Self::Office { language, .. } => language,
        }
    }
}

/// What a notice says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewNotice {
    /// Names the notice, and the action that it is of.
    pub id: NoticeId,
    /// Why.
    pub reason: ReasonCode,
    /// Why, in plain words.
    pub text: TextKey,
    /// The day on which it is given.
    pub dated: NaiveDate,
    /// The day from which the action has effect.
    pub effect: NaiveDate,
    /// Where anyone can go to appeal, without a telephone.
    pub appeal_at: String,
    /// By what the person is told.
    pub contact: Contact,
}

impl NewNotice {
    /// A notice given on `dated` of what has effect from `effect` on.
    pub fn new(
        id: NoticeId,
        reason: ReasonCode,
        text: TextKey,
        dated: NaiveDate,
        effect: NaiveDate,
        appeal_at: impl Into<String>,
        contact: Contact,
    ) -> Self {
        Self {
            id,
            reason,
            text,
            dated,
            effect,
            appeal_at: appeal_at.into(),
            contact,
        }
    }
}

/// A notice that gives a reason, the time before the effect, and an appeal.
///
/// There is no adverse action without one.
///
/// ```
/// # use chrono::NaiveDate;
/// # use solidarity_core::{Language, NoticeId};
/// use solidarity_programme::{Contact, DueProcess, NewNotice, Notice, ReasonCode, TextKey};
///
/// # let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
/// let terms = DueProcess::new(14, 30);
/// let notice = |effect| NewNotice::new(
///     NoticeId::generate(),
///     ReasonCode::from_static("moved_away"),
///     TextKey::from_static("notice.moved_away"),
///     day(2),
///     effect,
///     "District social welfare office",
///     Contact::Office { place: "Village office".to_owned(), language: Language::from_static("sw") },
/// );
/// assert!(Notice::new(terms, notice(day(15))).is_err()); // 13 days are too few
/// assert_eq!(Notice::new(terms, notice(day(16)))?.appeal_until().to_string(), "2026-12-02");
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Notice {
    terms: DueProcess,
    said: NewNotice,
    appeal_until: NaiveDate,
}

#[derive(Deserialize, Serialize)]
struct Wire {
    terms: DueProcess,
    #[serde(flatten)]
    said: NewNotice,
}

impl Notice {
    /// A notice under a programme's `terms`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the effect comes sooner than the terms allow, if they
    /// allow less than any programme may, or if it does not say where to
    /// appeal.
    pub fn new(terms: DueProcess, said: NewNotice) -> Result<Self, Invalid> {
        terms.check()?;
        check_text("appeal_at", &said.appeal_at, LINE_MAX_BYTES)?;
        if let Contact::Office { place, .. } = &said.contact {
            check_text("contact", place, LINE_MAX_BYTES)?;
        }
        let out_of_range = || Invalid::new("dated", "must be a day that has days after it");
        let earliest = terms.earliest_effect(said.dated).ok_or_else(out_of_range)?;
        if said.effect < earliest {
            return Err(Invalid::new(
                "effect",
                format!("must be {} days after the notice", terms.notice_days),
            ));
        }
        Ok(Self {
            appeal_until: terms.appeal_until(said.dated).ok_or_else(out_of_range)?,
            terms,
            said,
        })
    }

    /// Names the notice, and the action that it is of.
    #[must_use]
    pub const fn id(&self) -> NoticeId {
        self.said.id
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &ReasonCode {
        &self.said.reason
    }

    /// Why, in plain words.
    #[must_use]
    pub const fn text(&self) -> &TextKey {
        &self.said.text
    }

    /// The day on which it is given.
    #[must_use]
    pub const fn dated(&self) -> NaiveDate {
        self.said.dated
    }

    /// The day from which the action has effect.
    #[must_use]
    pub const fn effect(&self) -> NaiveDate {
        self.said.effect
    }

    /// The last day on which an appeal is in time.
    #[must_use]
    pub const fn appeal_until(&self) -> NaiveDate {
        self.appeal_until
    }

    /// Where anyone can go to appeal, without a telephone.
    #[must_use]
    pub fn appeal_at(&self) -> &str {
        &self.said.appeal_at
    }

    /// By what the person is told.
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.said.contact
    }

    /// The language that the person understands.
    #[must_use]
    pub const fn language(&self) -> &Language {
        self.said.contact.language()
    }

    /// The terms under which it is given.
    #[must_use]
    pub const fn terms(&self) -> DueProcess {
        self.terms
    }
}

impl TryFrom<Wire> for Notice {
    type Error = Invalid;

    fn try_from(wire: Wire) -> Result<Self, Invalid> {
        Self::new(wire.terms, wire.said)
    }
}

impl From<Notice> for Wire {
    fn from(notice: Notice) -> Self {
        Self {
            terms: notice.terms,
            said: notice.said,
        }
    }
}
