use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::io::Read;

use solidarity_core::{PlaceId, Stamp};
use uuid::{Uuid, uuid};

use super::chunk::{Chunk, Entry};
use super::facts::{Facts, Header, Row, read_facts, unit_id};
use super::records::{Record, Records};
use super::target::Target;
use super::units::Refused;
use super::{
    ImportError, ImportReport, Mapping, Observer, Progress, Rejected, ReviewReason, Subject,
    TRACKED_MAX, Waiting,
};
use crate::keys::phone_key;
use crate::{IdentifierScheme, RecordSearch, RecordStore, Rules};

solidarity_core::id! {
    /// Names what is imported: the same whenever it is imported again.
    ///
    /// The ids of all that an import registers follow from it and from the
    /// rows' own ids. A corrected file, or a corrected mapping, is imported
    /// under the same id; another source is another import.
    pub struct ImportId;
}

const NAMESPACE: Uuid = uuid!("0f3d1d0e-7c39-5a57-8b0e-3f6d2e4c9a41");

impl ImportId {
    /// The id of the source called `source`: `village census 2026`.
    #[must_use]
    pub fn of(source: &str) -> Self {
        Self::derive(&NAMESPACE, source)
    }
}

/// An import that is ready to run: a mapping that fits a register's rules.
#[derive(Clone, Debug)]
pub struct Import {
    mapping: Mapping,
    rules: Rules,
    unique: BTreeSet<IdentifierScheme>,
    id: ImportId,
}

impl Import {
    /// An import by `mapping` into a register with `rules`.
    ///
    /// # Errors
    ///
    /// [`ImportError::Invalid`] if the rules do not declare an attribute of the
    /// mapping, or do not declare unique a scheme that the mapping does.
    pub fn new(mapping: Mapping, rules: &Rules, id: ImportId) -> Result<Self, ImportError> {
        mapping.check_against(rules)?;
        Ok(Self {
            unique: mapping.unique_schemes(),
            mapping,
            rules: rules.clone(),
            id,
        })
    }

    /// Imports `file` into the register that `store` keeps and `search` looks
    /// into, and tells `observer` how it goes.
    ///
    /// The memory that it takes does not grow with the file, but for what the
    /// report lists, within its limits. It may be stopped anywhere and run
    /// again: what was done is not done twice.
    ///
    /// # Errors
    ///
    /// - [`ImportError::Empty`], [`ImportError::NoRows`],
    ///   [`ImportError::Encoding`], [`ImportError::Header`],
    ///   [`ImportError::MissingColumn`] or [`ImportError::AmbiguousColumn`] of
    ///   the file: nothing was done.
    /// - [`ImportError::Read`] or [`ImportError::Registry`]: what was done
    ///   stays done.
    pub async fn run(
        &self,
        file: impl Read,
        store: &dyn RecordStore,
        search: &dyn RecordSearch,
        stamp: &Stamp,
        observer: &mut dyn Observer,
    ) -> Result<ImportReport, ImportError> {
        let target = Target::register(store, search, stamp);
        self.run_on(file, target, observer).await
    }

    /// What [`run`](Self::run) would do and report; nothing is written.
    ///
    /// What would be registered is kept in memory meanwhile, so that a row
    /// sees those before it.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn rehearse(
        &self,
        file: impl Read,
        store: &dyn RecordStore,
        search: &dyn RecordSearch,
        stamp: &Stamp,
        observer: &mut dyn Observer,
    ) -> Result<ImportReport, ImportError> {
        let target = Target::register(store, search, stamp).rehearsal(&self.rules);
        self.run_on(file, target, observer).await
    }

    async fn run_on(
        &self,
        file: impl Read,
        target: Target<'_>,
        observer: &mut dyn Observer,
    ) -> Result<ImportReport, ImportError> {
        let mut run = Run {
            mapping: &self.mapping,
            rules: &self.rules,
            unique: &self.unique,
            id: self.id,
            target,
            observer,
            report: ImportReport::default(),
            phones: HashSet::new(),
            places: HashSet::new(),
            refused: Vec::new(),
        };
        run.read(file).await?;
        Ok(run.report)
    }
}

/// An import under way.
pub(super) struct Run<'a> {
    pub(super) mapping: &'a Mapping,
    rules: &'a Rules,
    pub(super) unique: &'a BTreeSet<IdentifierScheme>,
    id: ImportId,
    pub(super) target: Target<'a>,
    observer: &'a mut dyn Observer,
    report: ImportReport,
    phones: HashSet<u64>,
    places: HashSet<PlaceId>,
    /// At most [`LISTED_MAX`](super::LISTED_MAX).
    pub(super) refused: Vec<Refused>,
}

impl Run<'_> {
    async fn read(&mut self, file: impl Read) -> Result<(), ImportError> {
        let delimiter = u8::try_from(self.mapping.delimiter).unwrap_or(b',');
        let mut records = Records::new(file, delimiter);
        let header = Header::bind(records.header()?, self.mapping)?;
        let mut chunk = Chunk::default();
        while let Some(record) = records.next()? {
            self.report.rows = self.report.rows.saturating_add(1);
            let line = record.line;
            let (key, read) = self.read_row(&record, &header);
            if chunk.is_full(key.as_deref()) {
                self.settle(std::mem::take(&mut chunk), records.offset())
                    .await?;
            }
            match read {
                Ok(facts) => {
                    self.note(&facts);
                    let on = self.mapping.effective_on;
                    chunk.add(Entry::new(line, *facts, self.id, on), self.id);
                }
                Err(rejected) => {
                    self.reject(&rejected);
                    if let Some(key) = key {
                        chunk.add_rejected(&key, line, self.id);
                    }
                }
            }
        }
        if self.report.rows == 0 {
            return Err(ImportError::NoRows);
        }
        self.settle(chunk, records.offset()).await?;
        Ok(self.settle_refused().await?)
    }

    /// The unit that a row names, as far as it can be told, and what it says.
    fn read_row(
        &self,
        record: &Record,
        header: &Header,
    ) -> (Option<String>, Result<Box<Facts>, Rejected>) {
        let line = record.line;
        let rejected = |column: Option<&str>, rule: &str| Rejected {
            line,
            column: column.map(str::to_owned),
            rule: rule.to_owned(),
        };
        let fields = match &record.fields {
            Ok(fields) => fields,
            Err(unreadable) => {
                let column = unreadable.field.and_then(|at| header.name(at));
                return (None, Err(rejected(column, unreadable.rule)));
            }
        };
        if fields.len() != header.len() {
            let rule = "must have as many columns as the header";
            return (None, Err(rejected(None, rule)));
        }
        let row = Row {
            header,
            fields,
            missing: &self.mapping.missing,
        };
        let facts = read_facts(&row, self.report.rows, self.mapping, self.rules)
            .map(Box::new)
            .map_err(|invalid| Rejected::column(line, &invalid));
        (unit_id(&row, self.mapping).map(str::to_owned), facts)
    }

    async fn settle(&mut self, chunk: Chunk, bytes: u64) -> Result<(), ImportError> {
        let groups = chunk.groups;
        let entries: Vec<&Entry> = groups.iter().flat_map(|group| &group.entries).collect();
        let people = self.settle_people(&entries).await?;
        self.settle_units(&groups, &people).await?;
        let report = &self.report;
        let rows = [
            report.registered,
            report.revised,
            report.unchanged,
            report.waiting,
        ];
        self.observer.batch(Progress {
            rows: rows.into_iter().fold(report.rejected, u64::saturating_add),
            bytes,
        });
        Ok(())
    }

    /// Counts what a readable row says.
    fn note(&mut self, facts: &Facts) {
        self.report.quality.note(self.mapping, facts);
        let mut repeated = false;
        for phone in &facts.person.phones {
            if let Some(key) = phone_key(phone.number.expose()) {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                let hash = hasher.finish();
                repeated |= self.phones.contains(&hash);
                if self.phones.len() < TRACKED_MAX {
                    self.phones.insert(hash);
                }
            }
        }
        if repeated {
            self.report.quality.note_repeated_phone();
        }
        for place in &facts.places {
            if self.places.len() < TRACKED_MAX && self.places.insert(place.id) {
                self.report.places.push(place.clone());
            }
        }
    }

    pub(super) fn reject(&mut self, rejected: &Rejected) {
        self.report.reject(rejected);
        self.observer.rejected(rejected);
    }

    pub(super) fn wait(&mut self, entry: &Entry, reason: ReviewReason) {
        self.wait_for(entry, BTreeSet::from([reason]));
    }

    pub(super) fn wait_for(&mut self, entry: &Entry, reasons: BTreeSet<ReviewReason>) {
        self.waiting(&Waiting {
            line: entry.line,
            subject: Subject::Row,
            reasons,
        });
    }

    pub(super) fn unit_waits(&mut self, line: u64, reason: ReviewReason) {
        self.waiting(&Waiting {
            line,
            subject: Subject::Unit,
            reasons: BTreeSet::from([reason]),
        });
    }

    fn waiting(&mut self, waiting: &Waiting) {
        self.report.wait(waiting);
        self.observer.waiting(waiting);
    }

    pub(super) const fn registered(&mut self) {
        self.report.registered = self.report.registered.saturating_add(1);
    }

    pub(super) const fn revised(&mut self) {
        self.report.revised = self.report.revised.saturating_add(1);
    }

    pub(super) const fn unchanged(&mut self) {
        self.report.unchanged = self.report.unchanged.saturating_add(1);
    }

    pub(super) const fn unit_registered(&mut self) {
        self.report.units_registered = self.report.units_registered.saturating_add(1);
    }

    pub(super) const fn unit_extended(&mut self) {
        self.report.units_extended = self.report.units_extended.saturating_add(1);
    }

    pub(super) const fn unit_unchanged(&mut self) {
        self.report.units_unchanged = self.report.units_unchanged.saturating_add(1);
    }

    pub(super) const fn unit_incomplete(&mut self) {
        self.report.units_incomplete = self.report.units_incomplete.saturating_add(1);
    }
}
