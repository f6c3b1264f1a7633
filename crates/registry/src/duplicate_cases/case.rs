use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use solidarity_core::{Salt, Stamp, Version};

use super::{DuplicateCaseId, NewDuplicateCase};

solidarity_core::code! {
    /// Why somebody judged as they did: a word of the country's own
    /// vocabulary, such as `twins` or `papers-seen`.
    pub struct JudgementReason;
}

/// What a person found two records to be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever acts on a judgement must tell *unsure* from both others"
)]
pub enum Judgement {
    /// Of one person. Nothing is merged or stopped by that.
    Same,
    /// Of two.
    Different,
    /// It cannot be told from what is there. The case stays open, for somebody
    /// else to look at.
    Unsure,
}

/// One judgement of a case.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Judged {
    pub(crate) version: Version,
    pub(crate) judgement: Judgement,
    pub(crate) reason: JudgementReason,
    pub(crate) versions: (Version, Version),
    pub(crate) stamp: Stamp,
    pub(crate) salt: Salt,
}

impl Judged {
    /// The version of the case that it wrote.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// What was found.
    #[must_use]
    pub const fn judgement(&self) -> Judgement {
        self.judgement
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &JudgementReason {
        &self.reason
    }

    /// The versions of the two records that it is about, the lower id first.
    #[must_use]
    pub const fn versions(&self) -> (Version, Version) {
        self.versions
    }

    /// Who judged, when and for what purpose.
    #[must_use]
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// What hides it behind its commitment in the change feed.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }
}

/// Two people who may be one: why, and what was judged.
///
/// It is made by [`decision`](super::decision) alone. A store keeps it as it
/// is serialized.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DuplicateCase {
    pub(crate) id: DuplicateCaseId,
    pub(crate) version: Version,
    pub(crate) finding: NewDuplicateCase,
    pub(crate) found: Stamp,
    pub(crate) open_since: DateTime<Utc>,
    pub(crate) judgements: Vec<Judged>,
    pub(crate) salt: Salt,
}

impl DuplicateCase {
    /// Names it.
    #[must_use]
    pub const fn id(&self) -> DuplicateCaseId {
        self.id
    }

    /// How often it has been written: what a judgement expects.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The pair with its evidence, as it is to be judged or was judged last.
    #[must_use]
    pub const fn finding(&self) -> &NewDuplicateCase {
        &self.finding
    }

    /// Who put that up, when and for what purpose.
    #[must_use]
    pub const fn found(&self) -> &Stamp {
        &self.found
    }

    /// Since when it has been open, or was before it was judged.
    #[must_use]
    pub const fn open_since(&self) -> DateTime<Utc> {
        self.open_since
    }

    /// All that was judged, the oldest first, also about earlier facts.
    #[must_use]
    pub fn judgements(&self) -> &[Judged] {
        &self.judgements
    }

    /// The judgement that stands: *same* or *different*. `None` while the case
    /// is open.
    #[must_use]
    pub fn judgement(&self) -> Option<&Judged> {
        self.judgements
            .last()
            .filter(|last| last.judgement != Judgement::Unsure)
            .filter(|last| last.versions == self.finding.versions)
    }

    /// Whether somebody is to judge it: nobody has yet, whoever did was
    /// unsure, or the facts have changed since.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.judgement().is_none()
    }

    /// What hides the finding behind its commitment in the change feed.
    #[must_use]
    pub const fn salt(&self) -> &Salt {
        &self.salt
    }
}
