//! What the change feed tells of a case.

use serde::Serialize;
use solidarity_core::{
    CaseId, ChangeKind, Commitment, EntityKind, NewChange, Retry, Salt, Stamp, StoreFault,
};

use crate::{Case, Event};

const CASE: EntityKind = EntityKind::from_static("case");

impl Case {
    /// News that the case was opened, for a store to append. It commits to
    /// the case's JSON as it was opened.
    ///
    /// # Errors
    ///
    /// [`StoreFault`] if the case cannot be written as JSON.
    pub fn news(&self, salt: &Salt) -> Result<NewChange, StoreFault> {
        let commitment = commit(self, salt)?;
        let kind = ChangeKind::from_static("open");
        Ok(news(&self.opened, self.id, kind, commitment))
    }
}

impl Event {
    /// News of the act, for a store to append. It commits to the event's
    /// JSON.
    ///
    /// # Errors
    ///
    /// [`StoreFault`] if the event cannot be written as JSON.
    pub fn news(&self, salt: &Salt) -> Result<NewChange, StoreFault> {
        let commitment = commit(self, salt)?;
        let kind = ChangeKind::from_static(self.act().step.verb());
        Ok(news(self.stamp(), self.case(), kind, commitment))
    }
}

fn news(stamp: &Stamp, case: CaseId, kind: ChangeKind, commitment: Commitment) -> NewChange {
    NewChange::new(stamp.clone(), CASE, &case, kind, commitment)
}

fn commit(content: &impl Serialize, salt: &Salt) -> Result<Commitment, StoreFault> {
    let fault = |_| StoreFault::new("commit to a case", Retry::Never, "it is not JSON");
    let content = serde_json::to_vec(content).map_err(fault)?;
    Ok(Commitment::to(salt, &content))
}
