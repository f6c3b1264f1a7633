//! Records per second of a whole linkage on all cores, beside a plain pass over
//! the same comparisons on one thread: what finding the pairs, learning, and
//! the bookkeeping cost, and what threads give back.
//!
//! `cargo bench -p solidarity-benches --bench linkage`
#![expect(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a benchmark stops at the first failure, and measures"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use criterion::{Criterion, Throughput};
use solidarity_linkage::{Dataset, DatasetBuilder, Field, FieldKind, Linker, Options, Schema};
use solidarity_synthetic::{Options as Shape, Population};

const UNITS: u32 = 5_000;

fn schema() -> Schema {
    Schema::new([
        Field::new("name", FieldKind::FullName),
        Field::new("sex", FieldKind::Sex),
        Field::new("birth", FieldKind::BirthDate),
        Field::new("phone", FieldKind::Phone),
        Field::new("document", FieldKind::Identifier),
        Field::new("village", FieldKind::Place),
        Field::new("district", FieldKind::Place),
    ])
    .unwrap()
}

/// The made-up people, as their file has them.
fn people() -> DatasetBuilder {
    let asked_on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let mut file = Vec::new();
    Population::new(7, Shape::new(UNITS, asked_on))
        .write_csv(&mut file)
        .unwrap();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let header = reader.headers().unwrap().clone();
    let columns = [
        "name",
        "sex",
        "birth",
        "phone",
        "document_number",
        "village",
        "district",
    ]
    .map(|name| header.iter().position(|column| column == name).unwrap());
    let mut builder = DatasetBuilder::new(schema());
    for row in reader.records() {
        let row = row.unwrap();
        builder
            .push(&columns.map(|column| row.get(column).unwrap()))
            .unwrap();
    }
    builder
}

/// Compares every pair, one after the other.
fn plain(
    linker: &Linker,
    dataset: &Dataset,
    pairs: &[(u32, u32)],
    model: &solidarity_linkage::Model,
) {
    for (left, right) in pairs {
        let (left, right) = (*left as usize, *right as usize);
        black_box(linker.probability(dataset, model, left, right).unwrap());
    }
}

fn best(mut work: impl FnMut()) -> Duration {
    let times = (0..5).map(|_| {
        let began = Instant::now();
        work();
        began.elapsed()
    });
    times.min().unwrap()
}

fn main() {
    let builder = people();
    let records = builder.len() as u64;
    let linker = Linker::new(&schema(), Options::default()).unwrap();
    let dataset = builder.clone().build(&()).unwrap();
    let linkage = linker.link(&dataset, &()).unwrap();
    let candidates = linker.candidates(&dataset, &()).unwrap();

    let whole = best(|| {
        let dataset = builder.clone().build(&()).unwrap();
        black_box(linker.link(&dataset, &()).unwrap());
    });
    let compared = best(|| plain(&linker, &dataset, candidates.pairs(), &linkage.model));
    println!(
        "{records} records, {} pairs: {:.0} records/s; {:.2} of the time of a plain pass over the pairs",
        candidates.pairs().len(),
        records as f64 / whole.as_secs_f64(),
        whole.as_secs_f64() / compared.as_secs_f64(),
    );

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("linkage");
    group.throughput(Throughput::Elements(records));
    group.bench_function("link", |bench| {
        bench.iter(|| linker.link(&dataset, &()).unwrap());
    });
    group.bench_function("plain pass", |bench| {
        bench.iter(|| plain(&linker, &dataset, candidates.pairs(), &linkage.model));
    });
    group.finish();
    criterion.final_summary();
}
