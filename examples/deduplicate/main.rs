//! Finds the records of a file that are the same person's: which pairs, how
//! likely, and why. Columns are recognized by name and content, or named by a
//! map; with the truth beside, it says how right it is.
//!
//! `cargo run --release --example deduplicate -- --input people.csv --out pairs.csv`

#![expect(clippy::float_arithmetic, reason = "shares and seconds are measured")]

mod args;
mod fairness;
mod measure;
mod output;
mod people;

use std::process::ExitCode;

use clap::Parser;
use solidarity_linkage::{Linker, Options, evaluate};

use crate::args::Args;
use crate::fairness::Fairness;
use crate::measure::Stages;
use crate::output::{Report, explain, write_clusters, write_pairs};
use crate::people::People;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads.unwrap_or(0))
        .build()
        .map_err(Into::into)
        .and_then(|pool| pool.install(|| run(&args)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let stages = Stages::new();
    let people = stages.during("read", || {
        let grouped = args.truth.is_some();
        People::read(&args.input, args.map.as_deref(), grouped, &stages)
    })?;
    for rejected in &people.rejected {
        eprintln!("{rejected}");
    }
    let People { dataset, ids, .. } = &people;
    let fields = dataset.schema().fields().iter();
    let fields: Vec<String> = fields.map(ToString::to_string).collect();
    let options = Options::default().with_block_max(args.block_max);
    let linker = Linker::new(dataset.schema(), options)?;
    let linkage = stages.during("link", || linker.link(dataset, &stages))?;
    stages.during("write", || write_pairs(&args.out, ids, &linkage.pairs))?;

    let mut report = Report::new(&linkage, ids.len(), people.rejected.len(), fields);
    let wanted = args.clusters.is_some() || args.truth.is_some();
    let clusters = stages.during("cluster", || match wanted {
        true => linker.clusters(dataset, &linkage),
        false => Vec::new(),
    });
    if let Some(path) = &args.clusters {
        write_clusters(path, ids, &clusters)?;
        report.clusters = Some(clusters.len());
    }
    if let Some(path) = &args.truth {
        let truth = people::truth(path, ids)?;
        report.measure(
            &linkage,
            &clusters,
            &truth,
            evaluate(&linkage.pairs, &truth),
        );
        let groups = people.groups.as_deref().unwrap_or_default();
        report.fairness = Some(Fairness::measure(&linkage.pairs, &truth, groups));
    }
    if let Some(pair) = &args.explain {
        explain(&linker, dataset, &linkage, ids, pair)?;
    }
    stages.finish();
    report.tell(&stages, args.json)
}
