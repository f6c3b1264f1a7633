//! What a country adds: its tables, checks, telephones, and a comparator.

use solidarity_linkage::comparator::{Comparator, Level, Pair};
use solidarity_linkage::{
    CallingRegion, CheckDigit, Class, DatasetBuilder, Error, Field, FieldKind, Index, Linker,
    Options, Schema, Tables,
};

use crate::names::level_in;
use crate::people::{FIELDS, NUMBER, Row, dataset, learned, linker, people, schema, values};

fn builder(field: Field) -> DatasetBuilder {
    let name = Field::new("f1", FieldKind::FullName);
    DatasetBuilder::new(Schema::new([field, name]).unwrap())
}

fn tables() -> Tables {
    let tables = Tables::default().with_nickname("Bob", "Robert");
    let tables = tables.and_then(|tables| tables.with_nickname("Bert", "Robert"));
    let tables = tables.and_then(|tables| tables.with_nickname("Alex", "Alexandra"));
    let tables = tables.and_then(|tables| tables.with_transliteration("ng", "n"));
    tables.unwrap()
}

#[test]
fn a_nickname_is_near_its_name_and_is_found_by_it() {
    for (one, other, without, with) in [
        ("Bob Juma", "Robert Juma", "weakly alike", "nearly the same"),
        ("Bob", "Bert", "different", "nearly the same"),
        ("Alex", "Robert", "different", "different"),
        ("Robert", "Robert", "the same", "the same"),
    ] {
        for (tables, expected) in [(Tables::none(), without), (tables(), with)] {
            let names =
                DatasetBuilder::new(Schema::new([Field::new("f0", FieldKind::FullName)]).unwrap());
            let found = level_in(names.with_tables(tables), &[one], &[other]);
            assert_eq!(found, Some(expected), "{one} {other}");
        }
    }
    let pairs = |tables: Tables| {
        let names = Schema::new([Field::new("name", FieldKind::GivenName)]).unwrap();
        let mut builder = DatasetBuilder::new(names.clone()).with_tables(tables);
        for name in ["Bob", "Robert", "Ngalo", "Nalo", "dr Juma", "dr Amina"] {
            builder.push(&[name]).unwrap();
        }
        let dataset = builder.build(&()).unwrap();
        let linker = Linker::new(&names, Options::default()).unwrap();
        linker.candidates(&dataset, &()).unwrap().pairs().to_vec()
    };
    assert_eq!(pairs(tables()), [(0, 1), (2, 3)]);
    // Without tables a title is a name like others.
    assert_eq!(pairs(Tables::none()), [(4, 5)]);
}

/// An index that is saved keeps its tables.
#[test]
fn a_saved_index_knows_its_tables() {
    let mut rows = people(3, 5).0;
    rows[0][0] = "Robert".to_owned();
    let mut builder = DatasetBuilder::new(schema()).with_tables(tables());
    for row in &rows {
        builder.push(&values(row)).unwrap();
    }
    let index = Index::new(linker(8), builder.build(&()).unwrap(), learned());
    let mut asked = rows[0].clone();
    asked[0] = "Bob".to_owned();
    let bytes = index.to_bytes().unwrap();
    let mut read = Index::from_bytes(linker(8), &bytes).unwrap();
    let mut index = index;
    let found = index.find(&values(&asked)).unwrap();
    assert_eq!(found[0].left, 0);
    assert_eq!(read.find(&values(&asked)).unwrap(), found);
    let number = read.add(&values(&asked)).unwrap();
    let why = linker(8)
        .explain(read.dataset(), &learned().model, 0, number)
        .unwrap();
    let given = why
        .fields
        .iter()
        .find(|field| field.field == "given")
        .unwrap();
    assert!(given.level.unwrap().starts_with("nearly the same"));
}

#[test]
fn parts_have_the_same_tables() {
    let names = Schema::new([Field::new("name", FieldKind::FullName)]).unwrap();
    let of = |others: Vec<Tables>| {
        let parts = others.into_iter().map(|tables| {
            let mut part = DatasetBuilder::new(names.clone()).with_tables(tables);
            part.push(&["Tuti"])?;
            Ok::<_, Error>(part)
        });
        solidarity_linkage::Dataset::of_parts(&names, parts, &())
    };
    assert_eq!(of(vec![tables(), tables()]).unwrap().len(), 2);
    let refused = of(vec![tables(), Tables::none(), tables()]);
    assert!(matches!(refused, Err(Error::Schema { .. })));
}

#[test]
fn two_numbers_that_hold_are_two_numbers() {
    // Each ends with its digit by Verhoeff's code, but for the last.
    let [one, other, slip] = ["142857 0", "142875 2", "142858 0"];
    assert!(CheckDigit::Verhoeff.holds(one) && CheckDigit::Verhoeff.holds(other));
    assert!(!CheckDigit::Verhoeff.holds(slip));
    let plain = Field::new("f0", FieldKind::Identifier);
    let checked = plain.clone().with_check(CheckDigit::Verhoeff);
    for (field, left, right, expected) in [
        (&checked, one, one, "the same"),
        (&checked, one, slip, "one slip"),
        (&checked, one, other, "different"),
        (&checked, slip, slip, "the same"),
        (&plain, one, slip, "one slip"),
    ] {
        let found = level_in(builder(field.clone()), &[left, "a"], &[right, "b"]);
        assert_eq!(found, Some(expected), "{left} {right}");
    }
    assert_ne!(
        level_in(builder(plain), &[one, "a"], &[other, "b"]),
        Some("different")
    );
}

#[test]
fn telephones_are_read_from_where_they_are_dialed() {
    let region = CallingRegion::new("254", "0").unwrap();
    let plain = Field::new("f0", FieldKind::Phone);
    let kenya = plain.clone().with_region(region);
    for (field, one, other, same) in [
        (&kenya, "0712 345 678", "+254 712 345678", true),
        (&kenya, "+254 712 345678", "+256 712 345678", false),
        (&plain, "+254 712 345678", "+256 712 345678", true),
        (&plain, "0712 345 678", "+254 712 345678", true),
    ] {
        let found = level_in(builder(field.clone()), &[one, "a"], &[other, "b"]);
        assert_eq!(found == Some("the same"), same, "{one} {other} {found:?}");
    }
}

#[test]
fn quantities_are_compared_as_numbers() {
    let income = Field::new("f0", FieldKind::Quantity);
    for (one, other, expected) in [
        ("1,200", "1200.00", Some("the same")),
        ("1,200", "1 150", Some("within 5 %")),
        ("5", "4", Some("within 20 %")),
        ("100", "1000", Some("different")),
        ("100", "none", None),
        ("", "100", None),
    ] {
        let found = level_in(builder(income.clone()), &[one, "a"], &[other, "b"]);
        assert_eq!(found, expected, "{one} {other}");
    }
}

#[test]
fn a_check_or_a_region_is_of_its_kind_of_field() {
    let region = CallingRegion::new("254", "0").unwrap();
    let number = |kind| Field::new("number", kind).with_check(CheckDigit::Luhn);
    let phone = |kind| Field::new("phone", kind).with_region(region.clone());
    for (field, taken) in [
        (number(FieldKind::Identifier), true),
        (number(FieldKind::Phone), false),
        (phone(FieldKind::Phone), true),
        (phone(FieldKind::Identifier), false),
    ] {
        let name = Field::new("name", FieldKind::FullName);
        let made = Schema::new([name, field.clone()]);
        assert_eq!(made.is_ok(), taken, "{field:?}");
        assert!(matches!(made, Ok(_) | Err(Error::Schema { .. })));
        let (field, again) = (serde_json::to_string(&field).unwrap(), field);
        assert_eq!(serde_json::from_str::<Field>(&field).unwrap(), again);
    }
    let plain = r#"{"name":"name","kind":"full_name"}"#;
    let field: Field = serde_json::from_str(plain).unwrap();
    assert_eq!(serde_json::to_string(&field).unwrap(), plain);
}

/// Numbers of one country: a letter for the region of birth, six digits of
/// which the sum is a multiple of seven. Whoever moves gets another letter.
#[derive(Debug)]
struct Register([Level; 3]);

impl Register {
    fn new() -> Self {
        Self([
            Level::new("different", 0.1, 0.0),
            Level::new("of another region", 0.2, 0.8),
            Level::new("the same", 0.7, 1.0),
        ])
    }
}

impl Comparator for Register {
    fn levels(&self) -> &[Level] {
        &self.0
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = pair.texts(field);
        let (one, other) = (one.first()?, other.first()?);
        let digits = |text: &str| text.get(1..).map(str::to_owned);
        let holds = |text: &str| text.chars().filter_map(|c| c.to_digit(10)).sum::<u32>() % 7 == 0;
        // What cannot be such a number says nothing.
        (holds(one) && holds(other))
            .then(|| usize::from(digits(one) == digits(other)) + usize::from(one == other))
    }
}

#[test]
fn a_country_knows_its_own_numbers() {
    let own = || {
        linker(8)
            .with_comparator(NUMBER, Box::new(Register::new()))
            .unwrap()
    };
    let (mut rows, _) = people(30, 41);
    let give = |row: &mut Row, number: &str| row[NUMBER] = number.to_owned();
    for row in &mut rows {
        give(row, "");
    }
    let numbers = ["A-111 112", "B-111 112", "A-111 113", "A-511 112"];
    for (row, number) in rows.iter_mut().zip(numbers) {
        give(row, number);
    }
    let dataset = dataset(&rows);
    let linkage = own().link(&dataset, &()).unwrap();
    for (left, right, expected) in [
        (0, 0, Some("the same")),
        (0, 1, Some("of another region")),
        (0, 2, None),
        (0, 3, None),
        (0, 4, None),
    ] {
        let why = own()
            .explain(&dataset, &linkage.model, left, right)
            .unwrap();
        let name = FIELDS[NUMBER].0;
        let number = why.fields.iter().find(|field| field.field == name).unwrap();
        assert_eq!(number.level, expected, "{left} {right}");
    }
    let itself = own().probability(&dataset, &linkage.model, 0, 0).unwrap();
    assert_eq!(linkage.thresholds.class(itself), Class::Match);
}
