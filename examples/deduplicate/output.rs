//! What is written and printed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use indexmap::IndexSet;
use serde::Serialize;
use solidarity_linkage::{Class, Dataset, Evaluation, Linkage, Linker, ScoredPair, pairs_of};

use crate::Result;
use crate::fairness::Fairness;
use crate::measure::{Stages, cpu_seconds, peak_rss_mb};

fn create(path: &Path) -> Result<BufWriter<File>> {
    let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(BufWriter::new(file))
}

/// Writes the pairs that are a match or possible.
pub(crate) fn write_pairs(path: &Path, ids: &IndexSet<String>, pairs: &[ScoredPair]) -> Result<()> {
    let mut out = create(path)?;
    writeln!(out, "left,right,probability,class")?;
    for pair in pairs.iter().filter(|pair| pair.class != Class::Different) {
        let id = |record: u32| ids.get_index(record as usize).map_or("", String::as_str);
        let (left, right) = (quoted(id(pair.left)), quoted(id(pair.right)));
        let class = pair.class.as_str();
        writeln!(out, "{left},{right},{:.6},{class}", pair.probability)?;
    }
    Ok(out.flush()?)
}

pub(crate) fn write_clusters(
    path: &Path,
    ids: &IndexSet<String>,
    clusters: &[Vec<u32>],
) -> Result<()> {
    let mut out = create(path)?;
    writeln!(out, "record,cluster")?;
    for (number, cluster) in clusters.iter().enumerate() {
        for record in cluster {
            let id = ids.get_index(*record as usize).map_or("", String::as_str);
            writeln!(out, "{},{}", quoted(id), number + 1)?;
        }
    }
    Ok(out.flush()?)
}

/// A value as a CSV file holds it.
fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

/// Prints the evidence for one pair.
pub(crate) fn explain(
    linker: &Linker,
    dataset: &Dataset,
    linkage: &Linkage,
    ids: &IndexSet<String>,
    pair: &[String],
) -> Result<()> {
    let [left, right] = pair else {
        return Err("two records are to be named".into());
    };
    let number = |id: &String, which: &str| {
        let number = ids.get_index_of(id);
        number.ok_or_else(|| format!("--explain: the file has no {which} record of this number"))
    };
    let (one, other) = (number(left, "first")?, number(right, "second")?);
    let explanation = linker.explain(dataset, &linkage.model, one, other)?;
    let class = linkage.thresholds.class(explanation.probability);
    eprintln!(
        "{left} and {right}, in bits:\n{explanation}, {}",
        class.as_str()
    );
    Ok(())
}

/// The figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    records: usize,
    rejected: usize,
    #[serde(skip)]
    fields: Vec<String>,
    candidate_pairs: usize,
    matches: usize,
    possible: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clusters: Option<usize>,
    seconds: f64,
    cpu_seconds: f64,
    peak_rss_mb: f64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    accuracy: Option<Accuracy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fairness: Option<Fairness>,
}

#[derive(Debug, Serialize)]
struct Accuracy {
    precision: f64,
    recall: f64,
    f1: f64,
    best_f1: f64,
    cluster_f1: f64,
    blocking_recall: f64,
}

impl Report {
    pub(crate) fn new(
        linkage: &Linkage,
        records: usize,
        rejected: usize,
        fields: Vec<String>,
    ) -> Self {
        let count = |class| {
            linkage
                .pairs
                .iter()
                .filter(|pair| pair.class == class)
                .count()
        };
        Self {
            records,
            rejected,
            fields,
            candidate_pairs: linkage.candidates.pairs().len(),
            matches: count(Class::Match),
            possible: count(Class::Possible),
            clusters: None,
            seconds: 0.0,
            cpu_seconds: 0.0,
            peak_rss_mb: 0.0,
            accuracy: None,
            fairness: None,
        }
    }

    pub(crate) fn measure(
        &mut self,
        linkage: &Linkage,
        clusters: &[Vec<u32>],
        truth: &[String],
        (at, best): (Evaluation, Evaluation),
    ) {
        let is_one =
            |(left, right): &&(u32, u32)| truth.get(*left as usize) == truth.get(*right as usize);
        let found = linkage.candidates.pairs().iter().filter(is_one).count() as f64;
        let mut called = 0;
        let mut right = 0;
        for cluster in clusters {
            let people: Vec<&String> = cluster
                .iter()
                .filter_map(|record| truth.get(*record as usize))
                .collect();
            called += (people.len() * people.len().saturating_sub(1) / 2) as u64;
            right += pairs_of(&people);
        }
        let both = (called + at.true_pairs).max(1) as f64;
        self.accuracy = Some(Accuracy {
            precision: at.precision(),
            recall: at.recall(),
            f1: at.f1(),
            best_f1: best.f1(),
            cluster_f1: 2.0 * right as f64 / both,
            blocking_recall: found / at.true_pairs.max(1) as f64,
        });
    }

    pub(crate) fn tell(mut self, stages: &Stages, json: bool) -> Result<()> {
        self.seconds = stages.seconds();
        self.cpu_seconds = cpu_seconds();
        self.peak_rss_mb = peak_rss_mb();
        if json {
            println!("{}", serde_json::to_string_pretty(&self)?);
            return Ok(());
        }
        println!(
            "{} records, compared by {}",
            self.records,
            self.fields.join(", ")
        );
        if self.rejected > 0 {
            println!("{} rows were left out", self.rejected);
        }
        println!("{} candidate pairs", self.candidate_pairs);
        println!("{} matches, {} possible", self.matches, self.possible);
        if let Some(clusters) = self.clusters {
            println!("{clusters} people with more than one record");
        }
        if let Some(accuracy) = &self.accuracy {
            let Accuracy {
                precision,
                recall,
                f1,
                best_f1,
                cluster_f1,
                blocking_recall,
            } = accuracy;
            println!(
                "precision {precision:.4}, recall {recall:.4}, F1 {f1:.4} (best {best_f1:.4})"
            );
            println!("F1 of the clusters {cluster_f1:.4}; candidates hold {blocking_recall:.4}");
        }
        if let Some(fairness) = &self.fairness {
            fairness.tell();
        }
        for took in stages.done() {
            println!(
                "{:<10}{:>8.2} s {:>8.2} CPU s",
                took.stage, took.seconds, took.cpu
            );
        }
        println!(
            "{:<10}{:>8.2} s {:>8.2} CPU s",
            "together", self.seconds, self.cpu_seconds
        );
        println!("peak memory {:.0} MiB", self.peak_rss_mb);
        Ok(())
    }
}

#[test]
fn values_are_quoted_where_they_must_be() {
    assert_eq!(quoted("a b"), "a b");
    assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
}
