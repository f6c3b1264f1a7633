use std::path::PathBuf;

use clap::Parser;

/// Finds the records of a file that are the same person's.
#[derive(Clone, Debug, Parser)]
#[command(name = "deduplicate")]
pub(crate) struct Args {
    /// A CSV file with a header
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// What each column says (TOML: `id = "column"`, a table `[columns]`, and
    /// `[tables]` of a country's names)
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Where the pairs go: left, right, probability, class
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Where the groups go: record, cluster
    #[arg(long, value_name = "FILE")]
    pub(crate) clusters: Option<PathBuf>,
    /// Who each record is, to measure against: record, entity
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: Option<PathBuf>,
    /// How many threads; all cores if nothing is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(usize))]
    pub(crate) threads: Option<usize>,
    /// How many records may share a key and still all be compared
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) block_max: usize,
    /// Print why two records are, or are not, taken for one person
    #[arg(long, num_args = 2, value_names = ["LEFT", "RIGHT"])]
    pub(crate) explain: Option<Vec<String>>,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
