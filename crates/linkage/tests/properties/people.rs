//! Made-up people, and what a register of them teaches.

use std::sync::OnceLock;

use solidarity_linkage::{
    Class, Dataset, DatasetBuilder, Field, FieldKind, Linkage, Linker, Options, Schema, ScoredPair,
};
pub(crate) const FIELDS: [(&str, FieldKind); 9] = [
    ("given", FieldKind::GivenName),
    ("family", FieldKind::FamilyName),
    ("father", FieldKind::ParentName),
    ("sex", FieldKind::Sex),
    ("born", FieldKind::BirthDate),
    ("phone", FieldKind::Phone),
    ("email", FieldKind::Email),
    ("number", FieldKind::Identifier),
    ("village", FieldKind::Place),
];
pub(crate) const NAMES: std::ops::Range<usize> = 0..3;
pub(crate) const BORN: usize = 4;
pub(crate) const PHONE: usize = 5;
pub(crate) const EMAIL: usize = 6;
pub(crate) const NUMBER: usize = 7;
pub(crate) const VILLAGE: usize = 8;

pub(crate) type Row = [String; FIELDS.len()];

pub(crate) fn schema() -> Schema {
    Schema::new(FIELDS.map(|(name, kind)| Field::new(name, kind))).unwrap()
}

pub(crate) fn linker(block_max: usize) -> Linker {
    Linker::new(&schema(), Options::default().with_block_max(block_max)).unwrap()
}

pub(crate) fn values(row: &Row) -> [&str; FIELDS.len()] {
    row.each_ref().map(String::as_str)
}

pub(crate) fn dataset(rows: &[Row]) -> Dataset {
    let mut builder = DatasetBuilder::new(schema());
    for row in rows {
        builder.push(&values(row)).unwrap();
    }
    builder.build(&()).unwrap()
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % n
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    pub(crate) fn shuffle<T>(&mut self, of: &mut [T]) {
        for n in (1..of.len()).rev() {
            of.swap(n, usize::try_from(self.below(n as u64 + 1)).unwrap());
        }
    }

    /// A made-up name of two to four syllables.
    fn name(&mut self) -> String {
        let syllables = [
            "ka", "mi", "to", "sa", "ru", "ne", "pha", "li", "do", "gu", "be", "zi",
        ];
        (0..2 + self.below(3))
            .map(|_| self.one(&syllables))
            .collect()
    }
}

/// So many households of three, and for every fourth person a second record
/// with a slip or two. Beside each record stands whose it is.
pub(crate) fn people(households: u64, seed: u64) -> (Vec<Row>, Vec<u64>) {
    let mut random = Random(seed);
    let (mut rows, mut truth) = (Vec::new(), Vec::new());
    for house in 0..households {
        let (family, father) = (random.name(), random.name());
        let phone = format!("07{:08}", random.below(100_000_000));
        let village = format!("{} {}", random.one(&["Tola", "Kozi", "Mira"]), house % 17);
        for member in 0..3 {
            let born = format!(
                "{}-{:02}-{:02}",
                1940 + random.below(80),
                1 + random.below(12),
                1 + random.below(28)
            );
            let number = match random.below(3) {
                0 => format!("{:010}", random.below(10_000_000_000)),
                _ => String::new(),
            };
            let sex = random.one(&["F", "M"]).to_owned();
            let row = [
                random.name(),
                family.clone(),
                father.clone(),
                sex,
                born,
                phone.clone(),
                String::new(),
                number,
                village.clone(),
            ];
            if random.below(4) == 0 {
                let mut again = row.clone();
                for _ in 0..1 + random.below(2) {
                    match random.below(5) {
                        0 => drop(again[0].pop()),
                        1 => again[1].clear(),
                        2 => again[BORN] = again[BORN].replace("-0", "-1"),
                        3 => again[PHONE] = format!("07{:08}", random.below(100_000_000)),
                        _ => again[VILLAGE] = format!("Tola {}", random.below(17)),
                    }
                }
                rows.push(again);
                truth.push(house * 3 + member);
            }
            rows.push(row);
            truth.push(house * 3 + member);
        }
    }
    (rows, truth)
}

/// What a register of such people teaches.
pub(crate) fn learned() -> &'static Linkage {
    static LEARNED: OnceLock<Linkage> = OnceLock::new();
    LEARNED.get_or_init(|| {
        let (rows, _) = people(120, 7);
        linker(8).link(&dataset(&rows), &()).unwrap()
    })
}

/// The pairs with the bits of their probabilities.
pub(crate) fn bits(pairs: &[ScoredPair]) -> Vec<(u32, u32, u64, Class)> {
    let bits = |p: &ScoredPair| (p.left, p.right, p.probability.to_bits(), p.class);
    pairs.iter().map(bits).collect()
}
