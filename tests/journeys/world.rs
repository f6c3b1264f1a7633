//! The stores of a country, built two ways, and what lies outside them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use solidarity_consent::{ConsentStore, MemoryConsentStore};
use solidarity_core::{AccessLog, Clock, Context, ManualClock, MemoryAccessLog, Purpose, Stamp};
use solidarity_grievance::{
    CaseStore, Desk, MemoryCaseStore, MemoryNotifier, ReceiptCode, ReceiptKey,
};
use solidarity_identity::{
    CodeRules, CodeStore, ExceptionRegister, ExceptionRules, MemoryCodeDelivery, MemoryCodeStore,
    MemoryExceptionRegister,
};
use solidarity_payments::{
    DisbursementStore, Ledger, MemoryAccountMapper, MemoryBooks, MemoryDisbursementStore,
    MemoryLedger, SimulatedRail,
};
use solidarity_programme::{MemoryProgrammeStore, ProgrammeStore};
use solidarity_registry::{MemoryRecordStore, RecordStore};
use solidarity_sql::sqlite::{
    Database, SqliteAccessLog, SqliteCaseStore, SqliteCodeStore, SqliteConsentStore,
    SqliteDisbursementStore, SqliteExceptionRegister, SqliteLedger, SqliteProgrammeStore,
    SqliteRecordStore,
};
use tempfile::TempDir;

use crate::cast;

/// Every store of a country. What is told of it does not know which ones they
/// are.
pub(crate) struct World {
    pub(crate) registry: Arc<dyn RecordStore>,
    pub(crate) codes: Arc<dyn CodeStore>,
    pub(crate) exceptions: Arc<dyn ExceptionRegister>,
    pub(crate) programmes: Arc<dyn ProgrammeStore>,
    pub(crate) disbursements: Arc<dyn DisbursementStore>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) cases: Arc<dyn CaseStore>,
    pub(crate) consents: Arc<dyn ConsentStore>,
    pub(crate) accesses: Arc<dyn AccessLog>,
    pub(crate) outside: Arc<Outside>,
    disk: Option<Disk>,
}

/// What no crash of ours touches: time, the banks' own books, what arrived on
/// people's telephones, and the receipts in their pockets.
pub(crate) struct Outside {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) bank: Arc<MemoryBooks>,
    pub(crate) post: Arc<MemoryBooks>,
    /// The bank and the post office, once there is somebody to pay.
    pub(crate) rails: OnceLock<[Arc<SimulatedRail>; 2]>,
    pub(crate) mapper: MemoryAccountMapper,
    pub(crate) codes: Arc<MemoryCodeDelivery>,
    pub(crate) messages: Arc<MemoryNotifier>,
    /// Who says no to the clinic.
    pub(crate) refuses: &'static str,
    receipts: BTreeMap<&'static str, ReceiptCode>,
}

impl Outside {
    fn new(refuses: &'static str) -> Arc<Self> {
        Arc::new(Self {
            clock: Arc::new(ManualClock::at(time(0, 0))),
            bank: Arc::new(MemoryBooks::new()),
            post: Arc::new(MemoryBooks::new()),
            rails: OnceLock::new(),
            mapper: MemoryAccountMapper::new(cast::addresses()),
            codes: Arc::new(MemoryCodeDelivery::new()),
            messages: Arc::new(MemoryNotifier::new()),
            refuses,
            receipts: cast::CASES.map(|of| (of, ReceiptCode::generate())).into(),
        })
    }

    /// What the clock on the wall says.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The receipt code of the case `of`.
    pub(crate) fn receipt(&self, of: &str) -> ReceiptCode {
        self.receipts[of]
    }
}

/// Where a world on SQLite lies.
struct Disk {
    folder: TempDir,
    opened: u32,
}

impl Disk {
    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", self.opened))
    }

    /// The same, with a copy of the files as a killed process leaves them.
    fn copied(mut self) -> Self {
        let before = self.path();
        self.opened += 1;
        for suffix in ["", "-wal"] {
            let beside = |path: &PathBuf| PathBuf::from(format!("{}{suffix}", path.display()));
            std::fs::copy(beside(&before), beside(&self.path())).unwrap();
        }
        self
    }
}

impl World {
    /// A country in memory.
    pub(crate) fn in_memory() -> Self {
        Self::in_memory_where("rehema")
    }

    /// A country in memory in which this adult says no to the clinic.
    pub(crate) fn in_memory_where(refuses: &'static str) -> Self {
        Self {
            registry: Arc::new(MemoryRecordStore::new(cast::rules())),
            codes: Arc::new(MemoryCodeStore::new(CodeRules::default()).unwrap()),
            exceptions: Arc::new(MemoryExceptionRegister::new(ExceptionRules::default()).unwrap()),
            programmes: Arc::new(MemoryProgrammeStore::new()),
            disbursements: Arc::new(MemoryDisbursementStore::new()),
            ledger: Arc::new(MemoryLedger::new()),
            cases: Arc::new(MemoryCaseStore::new(cast::workflows())),
            consents: Arc::new(MemoryConsentStore::new()),
            accesses: Arc::new(MemoryAccessLog::new()),
            outside: Outside::new(refuses),
            disk: None,
        }
    }

    /// A country in one SQLite file.
    pub(crate) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_file(Disk { folder, opened: 0 }, Outside::new("rehema"))
    }

    fn in_file(disk: Disk, outside: Arc<Outside>) -> Self {
        let file = Database::open(disk.path()).unwrap();
        let exceptions = SqliteExceptionRegister::new(&file, ExceptionRules::default());
        Self {
            registry: Arc::new(SqliteRecordStore::new(&file, cast::rules())),
            codes: Arc::new(SqliteCodeStore::new(&file, CodeRules::default()).unwrap()),
            exceptions: Arc::new(exceptions.unwrap()),
            programmes: Arc::new(SqliteProgrammeStore::new(&file)),
            disbursements: Arc::new(SqliteDisbursementStore::new(&file)),
            ledger: Arc::new(SqliteLedger::new(&file)),
            cases: Arc::new(SqliteCaseStore::new(&file, cast::workflows())),
            consents: Arc::new(SqliteConsentStore::new(&file)),
            accesses: Arc::new(SqliteAccessLog::new(&file)),
            outside,
            disk: Some(disk),
        }
    }

    /// The same country after its process was killed. What lives in memory
    /// lives on: there the saga is killed, and the stores are not.
    pub(crate) fn restarted(mut self) -> Self {
        match self.disk.take() {
            None => self,
            Some(disk) => Self::in_file(disk.copied(), self.outside),
        }
    }

    /// Lets time pass until this hour, if it has not yet.
    pub(crate) fn wait_until(&self, n: u64, hour: i64) {
        let then = time(n, hour);
        if self.outside.now() < then {
            self.outside.clock.set(then);
        }
    }

    /// Now, by this person, for this purpose.
    pub(crate) fn by(&self, who: &str, purpose: &'static str) -> Stamp {
        self.context(who, purpose).stamp(&*self.outside.clock)
    }

    /// A request of this person's.
    pub(crate) fn context(&self, who: &str, purpose: &'static str) -> Context {
        Context::new(cast::actor(who), Purpose::from_static(purpose))
    }

    /// Where complaints are taken in.
    pub(crate) fn desk(&self) -> Desk {
        Desk::new(
            self.cases.clone(),
            self.outside.messages.clone(),
            self.accesses.clone(),
            self.outside.clock.clone(),
            ReceiptKey::new([7; 32]),
        )
    }
}

/// The journey's `n`th day. Day 0 is a Monday.
pub(crate) fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 5).unwrap() + Days::new(n)
}

/// An hour of the journey's `n`th day.
pub(crate) fn time(n: u64, hour: i64) -> DateTime<Utc> {
    day(n).and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(hour)
}
