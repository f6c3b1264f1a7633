//! The blocks, put together on one database, and the day that it is.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use solidarity_consent::ConsentStore;
use solidarity_core::{AccessLog, ActorId, BoxError, Clock, Context, ManualClock, Purpose, Stamp};
use solidarity_grievance::{CaseStore, Workflows, standard_workflow};
use solidarity_identity::{CodeRules, CodeStore, ExceptionRegister, ExceptionRules};
use solidarity_payments::{DisbursementStore, Ledger};
use solidarity_programme::{Programme, ProgrammeStore};
use solidarity_registry::duplicate_cases::DuplicateCaseStore;
use solidarity_registry::{Audited, Registry, Rules};
use solidarity_sql::sqlite::{
    Database, SqliteAccessLog, SqliteCaseStore, SqliteCodeStore, SqliteConsentStore,
    SqliteDisbursementStore, SqliteDuplicateCaseStore, SqliteExceptionRegister, SqliteLedger,
    SqliteProgrammeStore, SqliteRecordStore,
};

pub(crate) type Result<T, E = BoxError> = std::result::Result<T, E>;

/// An error with its causes, in a line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}

/// The programme, as the law has it.
const PROGRAMME: &str = include_str!("programme.json");

/// All stores are behind their traits: a part is replaced here and nowhere
/// else.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) programme: Programme,
    pub(crate) rules: Rules,
    pub(crate) register: Arc<dyn Registry>,
    pub(crate) duplicates: Arc<dyn DuplicateCaseStore>,
    pub(crate) accesses: Arc<dyn AccessLog>,
    pub(crate) programmes: Arc<dyn ProgrammeStore>,
    pub(crate) codes: Arc<dyn CodeStore>,
    pub(crate) exceptions: Arc<dyn ExceptionRegister>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) payments: Arc<dyn DisbursementStore>,
    pub(crate) cases: Arc<dyn CaseStore>,
    pub(crate) consents: Arc<dyn ConsentStore>,
    pub(crate) clock: Arc<ManualClock>,
    start: NaiveDate,
}

impl Office {
    /// Opens the database at `path`, new or as it was left.
    pub(crate) fn open(path: &Path, rules: Rules, start: NaiveDate) -> Result<Self> {
        let database = Database::open(path)?;
        let workflows = Workflows::new([standard_workflow().check()?])?;
        Ok(Self {
            programme: serde_json::from_str(PROGRAMME)?,
            register: Arc::new(SqliteRecordStore::new(&database, rules.clone())),
            rules,
            duplicates: Arc::new(SqliteDuplicateCaseStore::new(&database)),
            accesses: Arc::new(SqliteAccessLog::new(&database)),
            programmes: Arc::new(SqliteProgrammeStore::new(&database)),
            codes: Arc::new(SqliteCodeStore::new(&database, CodeRules::default())?),
            exceptions: Arc::new(SqliteExceptionRegister::new(
                &database,
                ExceptionRules::default(),
            )?),
            ledger: Arc::new(SqliteLedger::new(&database)),
            payments: Arc::new(SqliteDisbursementStore::new(&database)),
            cases: Arc::new(SqliteCaseStore::new(&database, workflows)),
            consents: Arc::new(SqliteConsentStore::new(&database)),
            clock: Arc::new(ManualClock::at(morning(start))),
            start,
        })
    }

    /// Lets it be nine o'clock, so many days after the start.
    pub(crate) fn begin_day(&self, number: u64) -> NaiveDate {
        let day = self.day(number);
        self.clock.set(morning(day));
        day
    }

    /// The date so many days after the start.
    pub(crate) fn day(&self, number: u64) -> NaiveDate {
        self.start
            .checked_add_days(Days::new(number))
            .unwrap_or(NaiveDate::MAX)
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// Somebody who works here, by what they do.
    pub(crate) fn actor(&self, role: &str) -> ActorId {
        ActorId::derive(&self.programme.id(), role)
    }

    pub(crate) fn context(&self, role: &str, purpose: &'static str) -> Context {
        Context::new(self.actor(role), Purpose::from_static(purpose))
    }

    pub(crate) fn stamp(&self, role: &str, purpose: &'static str) -> Stamp {
        self.context(role, purpose).stamp(&*self.clock)
    }

    /// The register, as `role` looks into it: every look is written down
    /// before anything is shown.
    pub(crate) fn look(&self, role: &str, purpose: &'static str) -> Audited<Arc<dyn Registry>> {
        Audited::new(
            self.register.clone(),
            self.accesses.clone(),
            self.context(role, purpose),
            self.clock.clone(),
        )
    }
}

fn morning(day: NaiveDate) -> DateTime<Utc> {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or(NaiveTime::MIN);
    day.and_time(nine).and_utc()
}
