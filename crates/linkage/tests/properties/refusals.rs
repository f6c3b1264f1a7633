//! What is not taken, and what stops.

use std::sync::atomic::{AtomicU64, Ordering};

use solidarity_linkage::comparator::{Comparator, Level, Pair};
use solidarity_linkage::limits::{FIELDS_MAX, LEVELS_MAX, VALUE_MAX_BYTES};
use solidarity_linkage::{
    DatasetBuilder, Error, Field, FieldKind, Index, Linker, Options, Progress, Schema, Stage,
};

use crate::people::{FIELDS, VILLAGE, bits, dataset, learned, linker, people, schema, values};
#[test]
fn a_schema_must_tell_people_apart() {
    let field = |n: usize, kind| Field::new(format!("f{n}"), kind);
    for (fields, taken) in [
        (vec![], false),
        (
            vec![field(0, FieldKind::Place), field(1, FieldKind::Phone)],
            false,
        ),
        (vec![field(0, FieldKind::FullName)], true),
        (
            (0..FIELDS_MAX)
                .map(|n| field(n, FieldKind::GivenName))
                .collect(),
            true,
        ),
        (
            (0..=FIELDS_MAX)
                .map(|n| field(n, FieldKind::GivenName))
                .collect(),
            false,
        ),
    ] {
        match Schema::new(fields) {
            Ok(_) => assert!(taken),
            Err(Error::Schema { .. }) => assert!(!taken),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_row_that_cannot_be_taken_is_refused_whole() {
    let long = "x".repeat(VALUE_MAX_BYTES + 1);
    let fits = &long[1..];
    let mut rows: Vec<(Vec<&str>, Option<&str>)> = vec![
        (vec!["a"; FIELDS.len()], None),
        (vec![""; FIELDS.len()], None),
        (
            vec!["a"; FIELDS.len() - 1],
            Some("the row must have a value for each field"),
        ),
        (
            vec!["a"; FIELDS.len() + 1],
            Some("the row must have a value for each field"),
        ),
        (vec![], Some("the row must have a value for each field")),
    ];
    for (value, told) in [
        (fits, None),
        (long.as_str(), Some("village must be at most 4096 bytes")),
        ("a\0b", Some("village must not hold NUL bytes")),
    ] {
        let mut row = vec!["a"; FIELDS.len()];
        row[VILLAGE] = value;
        rows.push((row, told));
    }
    let mut index = Index::new(linker(8), dataset(&[]), learned());
    let mut builder = DatasetBuilder::new(schema());
    for (row, told) in &rows {
        let before = (builder.len(), index.dataset().len());
        let answers = [
            builder.push(row).err(),
            index.find(row).err(),
            index.add(row).err(),
        ];
        for answer in answers {
            assert!(matches!(answer, None | Some(Error::Row { .. })));
            assert_eq!(answer.map(|error| error.to_string()).as_deref(), *told);
        }
        let taken = usize::from(told.is_none());
        assert_eq!(
            (builder.len(), index.dataset().len()),
            (before.0 + taken, before.1 + taken)
        );
    }
    assert_eq!(builder.build(&()).unwrap().len(), 3);
}

#[test]
fn options_out_of_range_are_refused() {
    for (most, taken) in [
        (0, false),
        (1, false),
        (2, true),
        (1_000, true),
        (1_001, false),
    ] {
        let made = Linker::new(&schema(), Options::default().with_block_max(most));
        assert_eq!(made.is_ok(), taken, "{most}");
        assert!(matches!(made, Ok(_) | Err(Error::Option { .. })));
    }
    let empty = dataset(&[]);
    for (rate, taken) in [
        (0.0, true),
        (1.0, true),
        (-0.1, false),
        (1.1, false),
        (f64::NAN, false),
    ] {
        for which in 0..2 {
            let mut options = Options::default();
            let rates = &mut options.rates;
            *[&mut rates.false_matches, &mut rates.missed_matches][which] = rate;
            let linked =
                Linker::new(&schema(), options).and_then(|linker| linker.link(&empty, &()));
            assert_eq!(linked.is_ok(), taken, "{rate}");
            assert!(matches!(linked, Ok(_) | Err(Error::Option { .. })));
        }
    }
}

/// Says how many letters two values share at the beginning.
#[derive(Debug)]
struct Prefix(Vec<Level>);

impl Comparator for Prefix {
    fn levels(&self) -> &[Level] {
        &self.0
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.texts(field);
        let (one, other) = (one.first()?, other.first()?);
        let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
        Some(same.count().min(self.0.len() - 1))
    }
}

#[test]
fn a_country_adds_its_own_comparator() {
    let prefix = |levels: usize| Box::new(Prefix(vec![Level::new("so many", 0.1, 0.5); levels]));
    for (field, levels, taken) in [
        (0, 0, false),
        (0, 1, true),
        (0, LEVELS_MAX - 1, true),
        (0, LEVELS_MAX, false),
        (FIELDS.len(), 3, false),
    ] {
        let made = linker(8).with_comparator(field, prefix(levels));
        assert_eq!(made.is_ok(), taken, "{field} {levels}");
    }
    for (prior, alike) in [
        (0.0, 0.5),
        (-1.0, 0.5),
        (f64::NAN, 0.5),
        (1.0, 1.5),
        (1.0, f64::NAN),
    ] {
        let level = Level::new("only", prior, alike);
        let made = linker(8).with_comparator(1, Box::new(Prefix(vec![level])));
        assert!(made.is_err(), "{prior} {alike}");
    }
    let levels = ["none", "one", "two", "more"].map(|name| Level::new(name, 0.25, 0.5));
    let own = linker(8)
        .with_comparator(1, Box::new(Prefix(levels.to_vec())))
        .unwrap();
    let (mut rows, _) = people(20, 19);
    rows[0][1] = "katomi".to_owned();
    rows[1][1] = "kasuru".to_owned();
    let dataset = dataset(&rows);
    let linkage = own.link(&dataset, &()).unwrap();
    let explained = own.explain(&dataset, &linkage.model, 0, 1).unwrap();
    let family = explained
        .fields
        .iter()
        .find(|field| field.field == "family")
        .unwrap();
    assert_eq!(family.level, Some("two"));
}

#[test]
fn a_record_that_is_not_there_is_not_found() {
    let (rows, _) = people(2, 23);
    let dataset = dataset(&rows);
    let (linker, model) = (linker(8), &learned().model);
    for (left, right) in [(0, rows.len()), (rows.len(), 0), (usize::MAX, usize::MAX)] {
        let absent = |error: &Error| matches!(error, Error::NotFound { record, .. } if *record >= rows.len());
        assert!(
            linker
                .probability(&dataset, model, left, right)
                .is_err_and(|e| absent(&e))
        );
        assert!(
            linker
                .explain(&dataset, model, left, right)
                .is_err_and(|e| absent(&e))
        );
    }
}

/// Stops when it was asked so often.
#[derive(Debug)]
struct StopsAfter(AtomicU64);

impl Progress for StopsAfter {
    fn goes_on(&self, _stage: Stage, done: u64, all: u64) -> bool {
        assert!(done <= all);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

#[test]
fn it_stops_where_it_is_asked_to() {
    let (rows, _) = people(20, 29);
    let whole = linker(8).link(&dataset(&rows), &()).unwrap();
    let mut stopped = 0;
    for asked in 0.. {
        let stop = StopsAfter(AtomicU64::new(asked));
        let mut builder = DatasetBuilder::new(schema());
        for row in &rows {
            builder.push(&values(row)).unwrap();
        }
        match builder
            .build(&stop)
            .and_then(|dataset| linker(8).link(&dataset, &stop))
        {
            Err(Error::Cancelled) => stopped += 1,
            Ok(linkage) => {
                assert_eq!(bits(&linkage.pairs), bits(&whole.pairs));
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    // Once for each stage at the least.
    assert!(stopped >= 5, "{stopped}");
}
