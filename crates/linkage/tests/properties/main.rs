//! What holds of every linkage, whatever the records.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(clippy::float_arithmetic, reason = "probabilities and weights")]

mod blocks;
mod countries;
mod names;
mod people;
mod records;
mod refusals;
mod whole;

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index as Place;
use solidarity_linkage::{Error, Index, Linkage, ScoredPair};

use crate::people::{EMAIL, FIELDS, NAMES, Row, bits, dataset, learned, linker, people, values};
use crate::records::{hostile, row};
/// Whoever was only asked about leaves nothing behind, however many there are.
#[test]
fn the_index_keeps_nothing_of_who_was_asked_about() {
    let (rows, _) = people(30, 29);
    let learned = learned();
    let mut index = Index::new(linker(8), dataset(&rows), learned);
    let before = index.to_bytes().unwrap();
    for n in 0..50 {
        let mut asked = rows[n % rows.len()].clone();
        asked[0] = format!("nobody{n} else");
        index.find(&values(&asked)).unwrap();
    }
    assert!(index.to_bytes().unwrap() == before);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    })]

    #[test]
    fn it_does_not_matter_which_comes_first(rows in prop::collection::vec(row(), 2..6)) {
        let (linker, model) = (linker(8), &learned().model);
        let (forth, back) = (dataset(&rows), dataset(&rows.iter().rev().cloned().collect::<Vec<_>>()));
        let last = rows.len() - 1;
        for one in 0..rows.len() {
            for other in 0..rows.len() {
                let probability = linker.probability(&forth, model, one, other).unwrap();
                prop_assert!((0.0..=1.0).contains(&probability));
                let turned = linker.probability(&forth, model, other, one).unwrap();
                prop_assert_eq!(probability.to_bits(), turned.to_bits(), "{:?} {:?}", rows[one], rows[other]);
                let moved = linker.probability(&back, model, last - one, last - other).unwrap();
                prop_assert_eq!(probability.to_bits(), moved.to_bits());
            }
        }
    }

    #[test]
    fn an_explanation_adds_up(one in row(), other in row()) {
        let (linker, model) = (linker(8), &learned().model);
        let pair = dataset(&[one, other]);
        let explained = linker.explain(&pair, model, 0, 1).unwrap();
        prop_assert_eq!(explained.fields.len(), FIELDS.len());
        let sum: f64 = explained.before + explained.fields.iter().map(|field| field.weight).sum::<f64>();
        prop_assert!((sum - explained.weight).abs() < 1e-6);
        let odds = explained.weight.exp2();
        prop_assert!((odds / (1.0 + odds) - explained.probability).abs() < 1e-6);
        prop_assert_eq!(explained.probability, linker.probability(&pair, model, 0, 1).unwrap());
    }

    #[test]
    fn what_is_missing_says_nothing(one in row(), other in row(), field in 0..FIELDS.len()) {
        let (linker, model) = (linker(8), &learned().model);
        let mut without = one.clone();
        without[field] = " ".to_owned();
        let mut neither = other.clone();
        neither[field].clear();
        let rows = dataset(&[without, other, neither]);
        for pair in [(0, 1), (1, 0)] {
            let explained = linker.explain(&rows, model, pair.0, pair.1).unwrap();
            let evidence = explained.fields.iter().find(|f| f.field == FIELDS[field].0).unwrap();
            prop_assert_eq!((evidence.level, evidence.weight), (None, 0.0));
        }
        if !NAMES.contains(&field) {
            // Nor does it matter then what the other side says. (A name is also
            // looked for in the other name fields.)
            let said = linker.probability(&rows, model, 0, 1).unwrap();
            let unsaid = linker.probability(&rows, model, 0, 2).unwrap();
            prop_assert!((said - unsaid).abs() < 1e-12);
        }
    }

    #[test]
    fn candidates_are_those_that_share_a_rare_set_of_keys(
        mut rows in prop::collection::vec(row(), 2..40),
        most in 2_usize..6,
    ) {
        rows.iter_mut().for_each(|row| row[EMAIL].clear());
        let found = linker(most).candidates(&dataset(&rows), &()).unwrap();
        let found = found.pairs();
        prop_assert!(found.windows(2).all(|two| two[0] < two[1]), "each once, in order");
        let (due, keys) = blocks::due(&rows, most);
        let found_set: std::collections::BTreeSet<_> = found.iter().copied().collect();
        let missed: Vec<_> = due.difference(&found_set).collect();
        prop_assert!(missed.is_empty(), "{missed:?}");
        for (left, right) in found {
            prop_assert!(left < right && (*right as usize) < rows.len());
            prop_assert!(!keys[*left as usize].is_disjoint(&keys[*right as usize]));
        }
    }

    #[test]
    fn the_index_answers_as_the_batch_does(rows in prop::collection::vec(row(), 1..40), most in 2_usize..9) {
        let mut index = Index::new(linker(most), dataset(&[]), learned());
        for (n, row) in rows.iter().enumerate() {
            let found = index.find(&values(row)).unwrap();
            prop_assert_eq!(bits(&index.find(&values(row)).unwrap()), bits(&found), "it was not added");
            let mut expected = last_in_batch(&rows[..=n], most);
            expected.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.left.cmp(&b.left)));
            prop_assert_eq!(bits(&found), bits(&expected), "record {}", n);
            prop_assert_eq!(index.add(&values(row)).unwrap(), n);
            prop_assert_eq!(index.dataset().len(), n + 1);
        }
    }

    #[test]
    fn a_saved_index_answers_the_same(rows in prop::collection::vec(row(), 0..20), new in row()) {
        let mut index = Index::new(linker(4), dataset(&rows), learned());
        let mut read = Index::from_bytes(linker(4), &index.to_bytes().unwrap()).unwrap();
        let found = index.find(&values(&new)).unwrap();
        prop_assert_eq!(bits(&found), bits(&read.find(&values(&new)).unwrap()));
        prop_assert_eq!(index.add(&values(&new)).unwrap(), read.add(&values(&new)).unwrap());
    }

    #[test]
    fn damaged_bytes_are_refused(at in any::<Place>(), flip in 1_u8..=255, cut in any::<Place>()) {
        let bytes = saved();
        let unreadable = |bytes: &[u8]| matches!(Index::from_bytes(linker(8), bytes), Err(Error::Unreadable(_)));
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= flip;
        prop_assert!(unreadable(&damaged));
        prop_assert!(unreadable(&bytes[..cut.index(bytes.len())]));
        damaged = bytes.clone();
        damaged.insert(at.index(bytes.len()), flip);
        prop_assert!(unreadable(&damaged));
    }

    #[test]
    fn any_text_is_taken_and_compared(one in hostile(), other in hostile()) {
        let mut index = Index::new(linker(8), dataset(&[one]), learned());
        index.find(&values(&other)).unwrap();
        index.add(&values(&other)).unwrap();
        let probability = linker(8).probability(index.dataset(), &learned().model, 0, 1).unwrap();
        prop_assert!((0.0..=1.0).contains(&probability));
    }
}

fn saved() -> &'static Vec<u8> {
    static SAVED: OnceLock<Vec<u8>> = OnceLock::new();
    SAVED.get_or_init(|| {
        let (rows, _) = people(3, 5);
        Index::new(linker(8), dataset(&rows), learned())
            .to_bytes()
            .unwrap()
    })
}

/// The candidates of the last of `rows`, linked with all others at once.
fn last_in_batch(rows: &[Row], most: usize) -> Vec<ScoredPair> {
    let (linker, dataset) = (linker(most), dataset(rows));
    let candidates = linker.candidates(&dataset, &()).unwrap();
    let of_last = candidates
        .pairs()
        .iter()
        .filter(|(_, right)| *right as usize == rows.len() - 1);
    // Pairs are made by the library alone: one is taken and written over.
    let mut blank = learned().pairs[0];
    let scored = of_last.map(|(left, right)| {
        let Linkage {
            model, thresholds, ..
        } = learned();
        (blank.left, blank.right) = (*left, *right);
        blank.probability = linker
            .probability(&dataset, model, *left as usize, *right as usize)
            .unwrap();
        blank.class = thresholds.class(blank.probability);
        blank
    });
    scored.collect()
}
