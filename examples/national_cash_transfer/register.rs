//! From a file to a register: import, and what is missing.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use solidarity_core::Paged;
use solidarity_registry::import::{
    self, Import, ImportId, ImportReport, Mapping, Observer, RejectsCsv,
};
use solidarity_registry::{Person, RecordSearchExt};
use solidarity_synthetic::{Options, Population};

use crate::args::{Args, Source};
use crate::figures::Count;
use crate::office::{Office, Result, told};

/// The mapping of the household file of `solidarity-synthetic`.
const SYNTHETIC: &str = include_str!("../maps/synthetic.toml");

/// What the run reads: a file that is there, or one that it makes up.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    pub(crate) mapping: Mapping,
    pub(crate) source: Source,
}

impl Input {
    /// The input that `args` name. A made-up one is written into their folder.
    pub(crate) fn of(args: &Args) -> Result<Self> {
        if let (Some(path), Some(map)) = (&args.input, &args.map) {
            let text = std::fs::read_to_string(map)
                .map_err(|error| format!("cannot read the mapping {}: {error}", map.display()))?;
            let named = |error| format!("the mapping {}: {}", map.display(), told(&error));
            return Ok(Self {
                mapping: Mapping::from_toml(&text).map_err(named)?,
                source: Source::File {
                    input_sha256: sha256(open(path)?)?,
                    map_sha256: hex(&Sha256::digest(&text)),
                },
                path: path.clone(),
            });
        }
        let path = args.out.join("households.csv");
        let asked_on = NaiveDate::from_ymd_opt(2026, 11, 1).ok_or("no such day")?;
        let population = Population::new(args.seed, Options::new(args.households, asked_on));
        let mut file = BufWriter::new(File::create(&path)?);
        population.write_csv(&mut file)?;
        file.flush()?;
        Ok(Self {
            path,
            mapping: Mapping::from_toml(SYNTHETIC)?,
            source: Source::Synthetic {
                households: args.households,
            },
        })
    }
}

fn open(path: &Path) -> Result<File> {
    let named = |error| format!("the input {}: {}", path.display(), told(&error));
    Ok(import::open(path).map_err(named)?)
}

fn sha256(file: File) -> Result<String> {
    let (mut hasher, mut file) = (Sha256::new(), BufReader::new(file));
    loop {
        let read = file.fill_buf()?;
        if read.is_empty() {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(read);
        let length = read.len();
        file.consume(length);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Debug)]
struct Bar<'a>(&'a ProgressBar);

impl Observer for Bar<'_> {
    fn batch(&mut self, progress: import::Progress) {
        self.0.set_position(progress.bytes);
    }
}

/// Imports the file. Rows that are not taken are written to `rejects`, with
/// line, column and rule. Again is nothing.
pub(crate) async fn import(
    office: &Office,
    input: Input,
    rejects: &Path,
    bar: &ProgressBar,
) -> Result<ImportReport> {
    let stamp = office.stamp("registrar", "registration");
    let named = format!("the input {}", input.path.display());
    let file = open(&input.path)?;
    let import = Import::new(input.mapping, &office.rules, ImportId::of("main register"))?;
    let mut rejected = RejectsCsv::new(BufWriter::new(File::create(rejects)?))?;
    let mut observer = (&mut rejected, Bar(bar));
    let register = &office.register;
    let report = import
        .run(file, register, register, &stamp, &mut observer)
        .await
        .map_err(|error| format!("{named}: {}", told(&error)))?;
    rejected.finish()?;
    if report.rejected == report.rows {
        let first = report.rejects.first().map(ToString::to_string);
        let first = first.unwrap_or_default();
        let rows = report.rows;
        return Err(format!("{named}: none of its {rows} rows can be taken ({first})").into());
    }
    Ok(report)
}

/// Everybody in the register.
pub(crate) async fn everybody(office: &Office) -> Result<Vec<Person>> {
    let register = &office.look("data-steward", "data-quality");
    Ok(Paged::every(|page| async move { register.list_people(&page).await }).await?)
}

pub(crate) fn import_counts(report: &ImportReport) -> Vec<Count> {
    let mut counts = vec![
        Count::new(
            "registered",
            report.registered,
            "a person who was not there",
        ),
        Count::new(
            "revised",
            report.revised,
            "told something new about a person who was there",
        ),
        Count::new(
            "unchanged",
            report.unchanged,
            "said nothing new, such as the second unit of a person",
        ),
        Count::new(
            "waiting",
            report.waiting,
            "somebody looks whether it is who it seems",
        ),
        Count::new(
            "rejected",
            report.rejected,
            "cannot be read: see the rejects file",
        ),
    ];
    for (reason, count) in &report.reasons {
        let what = format!("waiting: {reason}");
        counts.push(Count::new(
            what,
            *count,
            "nobody is left out of the rest for it",
        ));
    }
    for (rule, count) in &report.rules {
        counts.push(Count::new(
            format!("rejected: {rule}"),
            *count,
            "to be corrected at its source",
        ));
    }
    counts
}

pub(crate) fn quality_counts(report: &ImportReport) -> Vec<Count> {
    let quality = &report.quality;
    let missing = quality.missing.iter().map(|(fact, count)| {
        let what = format!(
            "no {}",
            fact.trim_start_matches("attribute ").replace('-', " ")
        );
        Count::new(what, *count, "asked for; nobody is left out for it")
    });
    let weak = [
        (
            "one name only",
            quality.single_names,
            "a whole name, in many places",
        ),
        (
            "born on a first of January",
            quality.births_first_of_january,
            "often a clerk's guess",
        ),
        (
            "birth known in part",
            quality.births_partial,
            "kept as it was stated",
        ),
        (
            "birth stated as an age",
            quality.births_by_age,
            "kept as it was stated",
        ),
        (
            "birth in another calendar",
            quality.births_other_calendar,
            "kept beside its Gregorian days",
        ),
        (
            "telephone that others have too",
            quality.phones_repeated,
            "carries no secrets",
        ),
    ];
    let weak = weak
        .into_iter()
        .map(|(what, count, note)| Count::new(what, count, note));
    missing
        .chain(weak)
        .filter(|count| count.count > 0)
        .collect()
}
