//! Whole linkages.

use std::collections::BTreeMap;

use std::sync::atomic::{AtomicUsize, Ordering};

use solidarity_linkage::comparator::PlaceComparator;
use solidarity_linkage::{
    Class, Dataset, DatasetBuilder, Error, Field, FieldKind, Schema, ScoredPair, Tables,
};

use crate::people::{
    BORN, PHONE, Random, Row, VILLAGE, bits, dataset, learned, linker, people, schema, values,
};

#[test]
fn a_linkage_finds_who_is_registered_twice() {
    let (rows, truth) = people(120, 7);
    let (at, _) = solidarity_linkage::evaluate(&learned().pairs, &truth);
    assert!(at.f1() > 0.9, "{at:?} of {}", rows.len());
}

#[test]
fn it_does_not_matter_in_which_order_records_come() {
    let (rows, _) = people(60, 11);
    let linked = linker(8).link(&dataset(&rows), &()).unwrap();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    Random(3).shuffle(&mut order);
    let shuffled: Vec<Row> = order.iter().map(|n| rows[*n].clone()).collect();
    let moved = linker(8).link(&dataset(&shuffled), &()).unwrap();

    let home = |n: u32| u32::try_from(order[n as usize]).unwrap();
    let of =
        |pairs: &[ScoredPair], home: &dyn Fn(u32) -> u32| -> BTreeMap<(u32, u32), (f64, Class)> {
            let pair = |p: &ScoredPair| {
                let (one, other) = (home(p.left), home(p.right));
                ((one.min(other), one.max(other)), (p.probability, p.class))
            };
            pairs.iter().map(pair).collect()
        };
    let (expected, found) = (of(&linked.pairs, &|n| n), of(&moved.pairs, &home));
    assert_eq!(
        expected.keys().collect::<Vec<_>>(),
        found.keys().collect::<Vec<_>>()
    );
    for (pair, (probability, class)) in expected {
        let (now, class_now) = found[&pair];
        assert!(
            (probability - now).abs() < 1e-9,
            "{pair:?}: {probability} {now}"
        );
        assert_eq!(class, class_now);
    }
}

#[test]
fn the_answer_is_the_same_to_the_bit_on_any_number_of_threads() {
    // More rows than one thread prepares at a time.
    let (rows, _) = people(2_600, 13);
    assert!(rows.len() > 8_192);
    let link = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let dataset = dataset(&rows);
            let linkage = linker(8).link(&dataset, &()).unwrap();
            let clusters = linker(8).clusters(&dataset, &linkage);
            (
                bits(&linkage.pairs),
                linkage.model,
                linkage.candidates.report(),
                clusters,
            )
        })
    };
    let one = link(1);
    assert!(one.0.len() * 6 > rows.len());
    for threads in [2, 4] {
        assert!(link(threads) == one, "{threads} threads");
    }
}

/// Parts of `rows` of so many records each, as they would be read.
fn parts(rows: &[Row], each: usize) -> impl Iterator<Item = Result<DatasetBuilder, Error>> {
    rows.chunks(each).map(|rows| {
        let mut part = DatasetBuilder::new(schema());
        rows.iter().try_for_each(|row| part.push(&values(row)))?;
        Ok(part)
    })
}

#[test]
fn records_that_come_in_parts_are_linked_as_all_at_once() {
    let (rows, _) = people(300, 19);
    let whole = linker(8).link(&dataset(&rows), &()).unwrap();
    for each in [1, 7, 400, rows.len()] {
        let dataset = Dataset::of_parts(&schema(), parts(&rows, each), &()).unwrap();
        assert_eq!(dataset.len(), rows.len());
        let linked = linker(8).link(&dataset, &()).unwrap();
        assert!(bits(&linked.pairs) == bits(&whole.pairs), "{each} each");
    }
    let none = Dataset::of_parts(&schema(), parts(&[], 1), &()).unwrap();
    assert!(none.is_empty());
}

#[test]
fn the_first_error_of_a_part_ends_the_reading() {
    let (rows, _) = people(4, 23);
    let read = AtomicUsize::new(0);
    let failing = parts(&rows, 1).map(|part| match read.fetch_add(1, Ordering::Relaxed) {
        2 => Err(Error::Cancelled),
        _ => part,
    });
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let failed = one.install(|| Dataset::of_parts(&schema(), failing, &()));
    assert!(matches!(failed, Err(Error::Cancelled)));
    assert!(read.into_inner() < rows.len(), "what follows is not read");

    let other = Schema::new([Field::new("name", FieldKind::FullName)]).unwrap();
    let refused = Dataset::of_parts(&other, parts(&rows, 5), &());
    assert!(matches!(refused, Err(Error::Schema { .. })));
    let tables = parts(&rows, 5).enumerate().map(|(n, part)| match n {
        1 => part.map(|part| part.with_tables(Tables::none())),
        _ => part,
    });
    let refused = Dataset::of_parts(&schema(), tables, &());
    assert!(matches!(refused, Err(Error::Schema { .. })));
}

#[test]
fn a_block_that_everyone_is_in_stays_linear() {
    let pairs = |households: u64, same: fn(&mut Row)| {
        let (mut rows, _) = people(households, 17);
        rows.iter_mut().for_each(same);
        let candidates = linker(8).candidates(&dataset(&rows), &()).unwrap();
        (candidates.pairs().len(), rows.len())
    };
    type Change = fn(&mut Row);
    let alike: [(&str, Change); 3] = [
        ("one phone", |row| row[PHONE] = "0712345678".to_owned()),
        ("one phone, village and birth date", |row| {
            row[PHONE] = "0712345678".to_owned();
            row[BORN] = "1990-02-03".to_owned();
            row[VILLAGE] = "Tola".to_owned();
        }),
        ("everything", |row| row.fill("Tuti 1990".to_owned())),
    ];
    for (what, same) in alike {
        let (few, records) = pairs(300, same);
        let (many, _) = pairs(600, same);
        assert!(few >= records - 1 && few < 40 * records, "{what}: {few}");
        assert!(many * 10 < few * 25, "{what}: {few}, then {many}");
    }
}

#[test]
fn records_that_all_say_the_same_are_linked_in_time_that_grows_with_them() {
    let (rows, _) = people(1, 37);
    let row = rows.into_iter().next().unwrap();
    let rows = vec![row; 60_000];
    let linkage = linker(8).link(&dataset(&rows), &()).unwrap();
    // Each is paired with its neighbor.
    assert_eq!(linkage.candidates.pairs().len(), rows.len() - 1);
    assert_eq!(linkage.pairs.len(), rows.len() - 1);
    assert!(linkage.pairs.iter().all(|pair| pair.class == Class::Match));
}

/// Whatever comparators the fields have, and in whatever order pairs come.
#[test]
fn a_pair_is_as_likely_in_the_batch_as_alone() {
    let (rows, _) = people(200, 41);
    let dataset = dataset(&rows);
    let linker = linker(8)
        .with_comparator(1, Box::new(PlaceComparator))
        .unwrap();
    let linkage = linker.link(&dataset, &()).unwrap();
    assert!(linkage.pairs.len() > 100);
    for pair in &linkage.pairs {
        let (left, right) = (pair.left as usize, pair.right as usize);
        let alone = linker
            .probability(&dataset, &linkage.model, left, right)
            .unwrap();
        assert_eq!(alone.to_bits(), pair.probability.to_bits());
    }
}

/// Two brothers, and a record that could be either's.
#[test]
fn a_third_record_that_resembles_both_does_not_make_two_people_one() {
    let row = |given: &str, born: &str, number: &str| -> Row {
        [
            given,
            "Mokasa",
            "Litoru",
            "M",
            born,
            "0712349876",
            "",
            number,
            "Tola 3",
        ]
        .map(str::to_owned)
    };
    let (mut rows, _) = people(120, 7);
    let first = rows.len();
    rows.push(row("Kato Simeon", "1980-03-04", "5550001112"));
    rows.push(row("Kato", "", ""));
    rows.push(row("Kato Budzi", "1991-11-27", "8887776665"));
    let dataset = dataset(&rows);
    let linkage = linker(8).link(&dataset, &()).unwrap();
    let probability = |a, b| {
        linker(8)
            .probability(&dataset, &linkage.model, first + a, first + b)
            .unwrap()
    };
    assert!(probability(0, 2) < 0.1, "{}", probability(0, 2));
    assert!(probability(0, 1).max(probability(1, 2)) >= linkage.thresholds.matches);
    let clusters = linker(8).clusters(&dataset, &linkage);
    let (one, other) = (
        u32::try_from(first).unwrap(),
        u32::try_from(first + 2).unwrap(),
    );
    for cluster in &clusters {
        assert!(
            !(cluster.contains(&one) && cluster.contains(&other)),
            "{cluster:?}"
        );
    }
    assert!(clusters.iter().any(|cluster| cluster.contains(&(one + 1))));
}

#[test]
fn few_or_empty_records_are_no_trouble() {
    let tuti = {
        let mut row = Row::default();
        row[0] = "Tuti".to_owned();
        row
    };
    let empty = Row::default();
    for (rows, pairs) in [
        (vec![], 0),
        (vec![tuti.clone()], 0),
        (vec![empty.clone(), empty.clone(), empty.clone()], 0),
        (vec![tuti.clone(), empty, tuti.clone()], 1),
        (vec![tuti.clone(), tuti], 1),
    ] {
        let dataset = dataset(&rows);
        let linkage = linker(8).link(&dataset, &()).unwrap();
        assert_eq!(linkage.candidates.pairs().len(), pairs, "{rows:?}");
        assert!(
            linkage
                .pairs
                .iter()
                .all(|pair| pair.probability.is_finite())
        );
        assert!(linker(8).clusters(&dataset, &linkage).len() <= pairs);
    }
}
