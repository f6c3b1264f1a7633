//! Candidates by brute force.

use std::collections::{BTreeMap, BTreeSet};

use solidarity_linkage::normalize::{PartialDate, identifier, phone, skeleton, words};

use crate::people::{BORN, NAMES, NUMBER, PHONE, Row, VILLAGE};
/// A key, and whether it is a place.
pub(crate) type Key = (bool, String);

/// By brute force: the pairs that share one, two or three keys that at most
/// `most` records have together, at most one of them a place; and the keys.
pub(crate) fn due(rows: &[Row], most: usize) -> (BTreeSet<(u32, u32)>, Vec<BTreeSet<Key>>) {
    let keys: Vec<BTreeSet<Key>> = rows.iter().map(keys).collect();
    let mut under: BTreeMap<BTreeSet<&Key>, Vec<u32>> = BTreeMap::new();
    for (record, keys) in (0..).zip(&keys) {
        let keys: Vec<&Key> = keys.iter().collect();
        let sets = keys.iter().flat_map(|a| {
            let keys = &keys;
            keys.iter()
                .flat_map(move |b| keys.iter().map(move |c| BTreeSet::from([*a, *b, *c])))
        });
        for set in sets.collect::<BTreeSet<_>>() {
            if set.iter().filter(|(is_place, _)| *is_place).count() <= 1 {
                under.entry(set).or_default().push(record);
            }
        }
    }
    let mut due = BTreeSet::new();
    for records in under.values().filter(|records| records.len() <= most) {
        for (n, one) in records.iter().enumerate() {
            due.extend(records[n + 1..].iter().map(|other| (*one, *other)));
        }
    }
    (due, keys)
}

pub(crate) fn keys(row: &Row) -> BTreeSet<Key> {
    let name_words = NAMES.flat_map(|n| words(&row[n]));
    let sounds = name_words.map(|word| format!("sound {}", skeleton(&word)));
    let date = PartialDate::parse(&row[BORN]).map(|date| format!("date {date:?}"));
    let numbers = [
        phone(&row[PHONE]).map(|number| format!("phone {number}")),
        identifier(&row[NUMBER]).map(|number| format!("number {number}")),
    ];
    let place = Some(words(&row[VILLAGE]).join(" ")).filter(|place| !place.is_empty());
    let keys = sounds
        .chain(date)
        .chain(numbers.into_iter().flatten())
        .map(|key| (false, key));
    keys.chain(place.map(|place| (true, place))).collect()
}
