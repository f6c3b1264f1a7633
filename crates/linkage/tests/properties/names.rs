//! How names compare that are not one given name and one family name.

use solidarity_linkage::{DatasetBuilder, Field, FieldKind, Linker, Options, Schema};

/// The level of the first field of two records, whatever is more or less
/// common.
pub(crate) fn level(fields: &[FieldKind], one: &[&str], other: &[&str]) -> Option<&'static str> {
    let fields = fields.iter().enumerate();
    let schema = fields.map(|(n, kind)| Field::new(format!("f{n}"), *kind));
    level_in(
        DatasetBuilder::new(Schema::new(schema).unwrap()),
        one,
        other,
    )
}

/// The same, of the fields and the tables of `builder`.
pub(crate) fn level_in(
    mut builder: DatasetBuilder,
    one: &[&str],
    other: &[&str],
) -> Option<&'static str> {
    builder.push(one).unwrap();
    builder.push(other).unwrap();
    let dataset = builder.build(&()).unwrap();
    let linker = Linker::new(dataset.schema(), Options::default()).unwrap();
    let model = linker.link(&dataset, &()).unwrap().model;
    let level = |left, right| {
        let explained = linker.explain(&dataset, &model, left, right).unwrap();
        let evidence = explained.fields.iter().find(|field| field.field == "f0");
        evidence
            .unwrap()
            .level
            .map(|level| level.split(',').next().unwrap())
    };
    assert_eq!(level(0, 1), level(1, 0), "{one:?} {other:?}");
    level(0, 1)
}

#[test]
fn names_compare_as_people_have_them() {
    const SAME: &str = "the same";
    const NEAR: &str = "nearly the same";
    const PART: &str = "part of it";
    const WEAK: &str = "weakly alike";
    const NO: &str = "different";
    let mut wrong = Vec::new();
    for (one, other, expected) in [
        // Order.
        ("Amina Hassan", "Hassan, Amina", SAME),
        ("Amina Hassan Ali", "Ali Amina Hassan", SAME),
        ("Amina Hassan", "Hasan Aminah", NEAR),
        // A single name; more and fewer names of the fathers.
        ("Amina", "Amina Hassan", PART),
        ("Amina Hassan", "Amina Hassan Ali", PART),
        ("Amina Hassan Ali Omar", "Aminah Ali", PART),
        ("Amina", "Hassan", NO),
        ("Amina Hassan", "Amina Juma", WEAK),
        ("Ivan Ivanovich", "Ivan Petrovich", WEAK),
        // Written as one word or two.
        ("Abdul Rahman", "Abdulrahman", NEAR),
        ("Abdul-Rahman", "Abdurrahman", NEAR),
        ("Abd al-Rahman", "Abdulrahman", NEAR),
        ("Mary Ann", "Maryann", NEAR),
        ("Abdul Rahman Ali", "Abdulrahman Ali", NEAR),
        ("Ali Abdul Rahman", "Abdulrahman Ali", NEAR),
        ("Abdul Rahman Ali Omar", "Abdulrahman Ali", PART),
        ("Abdul Rahman Ali", "Abdulrahman", PART),
        ("Abdul Rahman Ali", "Abdulrahman Juma", WEAK),
        // Initials.
        ("A. Hassan", "Amina Hassan", PART),
        ("A. Hassan", "Amina Ali Hassan", PART),
        ("A. J. Hassan", "Amina Juma Hassan", PART),
        ("Hassan A.", "Amina Hassan", PART),
        ("J. Hassan", "Amina Hassan", WEAK),
        ("A. H.", "Amina Hassan", WEAK),
        ("A.", "Amina", WEAK),
        ("A. Hassan", "A. Hassan", SAME),
        // Particles and titles.
        ("Dr. Amina Hassan", "Amina Hassan", SAME),
        ("Amina binti Hassan", "Amina Hassan", SAME),
        ("Ahmed ibn Ali", "Ahmed bin Ali", SAME),
        ("Al-Hassan", "Hassan", SAME),
        ("Al Hassan", "Alhassan", NEAR),
        ("El Masri", "Almasri", NEAR),
        ("Al Hassan", "Al Masri", NO),
        ("Sheikh", "Sheikh Amina", NO),
        ("Amina Sheikh", "Amina", PART),
        ("Bin", "Bin", SAME),
        ("الشيخ محمد بن علي", "محمد علي", SAME),
    ] {
        let found = level(&[FieldKind::FullName], &[one], &[other]);
        if found != Some(expected) {
            wrong.push((one, other, found, expected));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_name_is_found_in_another_field() {
    use FieldKind::{FamilyName, GivenName, ParentName};
    for (kinds, one, other, expected) in [
        (
            &[GivenName, FamilyName][..],
            &["Amina", "Hassan"][..],
            &["Hassan", "Amina"][..],
            true,
        ),
        (
            &[FamilyName, ParentName],
            &["Hassan", ""],
            &["Ali", "Hasan"],
            true,
        ),
        (
            &[GivenName, FamilyName],
            &["Amina", "Hassan"],
            &["Juma", "Ali"],
            false,
        ),
        // Neither an initial nor a particle is enough.
        (
            &[GivenName, FamilyName],
            &["A", "Hassan"],
            &["Juma", "A"],
            false,
        ),
        (
            &[GivenName, FamilyName],
            &["al Amin", "Hassan"],
            &["Juma", "al Masri"],
            false,
        ),
    ] {
        let found = level(kinds, one, other) == Some("in another name field");
        assert_eq!(found, expected, "{one:?} {other:?}");
    }
}
