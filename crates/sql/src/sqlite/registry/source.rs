//! What the register holds, for a batch to be decided.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};
use solidarity_core::{PersonId, Stated, StatedDate, UnitId};
use solidarity_registry::decision::{KnownMembership, KnownPerson, KnownUnit, Source, Tip};
use solidarity_registry::{
    AsOf, CommandId, EntityRef, Membership, MembershipId, Revision, UnitKind,
};

use super::Fail;
use super::rows::{day, memberships_with, of_command, time, version};

const PERSON: &str = "SELECT version, recorded_at, effective_on, born_earliest, born_latest \
     FROM registry_person WHERE id = ?1";
const UNIT: &str = "SELECT version, recorded_at FROM registry_unit WHERE id = ?1";
const KINDS: &str = "SELECT effective_on, kind FROM registry_unit_kind WHERE unit = ?1";
const COUNT: &str = "SELECT count(*) FROM registry_membership WHERE person = ?1";

/// The register as the writing transaction sees it.
pub(super) struct Stored<'c>(pub(super) &'c Connection);

fn tip(number: i64, recorded_at: i64) -> Result<Tip, Fail> {
    Ok(Tip {
        version: version(number)?,
        recorded_at: time(recorded_at)?,
    })
}

fn known(membership: Membership) -> (MembershipId, KnownMembership) {
    let tip = Tip {
        version: membership.version(),
        recorded_at: membership.recorded().at(),
    };
    let id = membership.id();
    let said = membership.into_said();
    (id, KnownMembership { tip, said })
}

impl Source for Stored<'_> {
    type Error = Fail;

    fn command(&self, id: CommandId) -> Result<Vec<Revision>, Fail> {
        of_command(self.0, id)
    }

    fn person(&self, id: PersonId) -> Result<Option<KnownPerson>, Fail> {
        type Columns = (i64, i64, i64, Option<i64>, Option<i64>);
        let mut statement = self.0.prepare_cached(PERSON)?;
        let row: Option<Columns> = statement
            .query_row([id.as_uuid().as_bytes()], |row| row.try_into())
            .optional()?;
        let Some((version, recorded_at, effective_on, earliest, latest)) = row else {
            return Ok(None);
        };
        // The bounds of a birth are all that a decision needs of it.
        let born = earliest
            .zip(latest)
            .map(|(earliest, latest)| {
                let (earliest, latest) = (day(earliest)?, day(latest)?);
                StatedDate::new(Stated::Between { earliest, latest }).map_err(Fail::refused)
            })
            .transpose()?;
        Ok(Some(KnownPerson {
            tip: tip(version, recorded_at)?,
            effective_on: day(effective_on)?,
            born,
        }))
    }

    fn unit(&self, id: UnitId) -> Result<Option<KnownUnit>, Fail> {
        let id = id.as_uuid().as_bytes();
        let row: Option<(i64, i64)> = self
            .0
            .prepare_cached(UNIT)?
            .query_row([id], |row| row.try_into())
            .optional()?;
        let Some((version, recorded_at)) = row else {
            return Ok(None);
        };
        let mut kinds = BTreeMap::new();
        let mut statement = self.0.prepare_cached(KINDS)?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let kind = UnitKind::new(row.get::<_, String>(1)?).map_err(Fail::refused)?;
            kinds.insert(day(row.get(0)?)?, kind);
        }
        Ok(Some(KnownUnit {
            tip: tip(version, recorded_at)?,
            kinds,
        }))
    }

    fn membership(&self, id: MembershipId) -> Result<Option<KnownMembership>, Fail> {
        let found = memberships_with(self.0, EntityRef::Membership(id), AsOf::LATEST)?;
        Ok(found.into_iter().next().map(|m| known(m).1))
    }

    fn in_unit(&self, unit: UnitId) -> Result<Vec<(MembershipId, KnownMembership)>, Fail> {
        let found = memberships_with(self.0, EntityRef::Unit(unit), AsOf::LATEST)?;
        Ok(found.into_iter().map(known).collect())
    }

    fn count(&self, person: PersonId) -> Result<usize, Fail> {
        let mut statement = self.0.prepare_cached(COUNT)?;
        let count: i64 = statement.query_row([person.as_uuid().as_bytes()], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }
}
