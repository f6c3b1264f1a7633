//! Files, rows and mappings that cannot be read.

use super::*;

#[test]
fn a_bad_row_is_rejected_by_line_column_and_rule_and_costs_no_other() {
    for (bad, column, rule) in [
        (
            "9,B,,head,,X,,F,1984-02-30,,,,,",
            Some("born"),
            "must be a date that there is",
        ),
        (
            "9,B,,head,,X,,F,May,,,,,",
            Some("born"),
            "must be a date in a format of the mapping",
        ),
        (
            "9,B,,head,,X,,F,2026-11-02,,,,,",
            Some("born"),
            "must not be after the day from which on the file is so",
        ),
        (
            "9,B,,head,,X,,W,,,,,,",
            Some("sex"),
            "must be a word that the mapping knows",
        ),
        (
            "9,B,,head,perhaps,X,,,,,,,,",
            Some("collector"),
            "must be a word that the mapping knows",
        ),
        (
            "9,B,,first head,,X,,,,,,,,",
            Some("role"),
            "must be a word that the mapping knows",
        ),
        (
            "9,B,,head,,X,,,,,,,,-1",
            Some("income"),
            "must not be negative",
        ),
        (
            "9,B,,head,,X,,,,,,,,1e3",
            Some("income"),
            "must be money: an amount of KES must be a decimal number with at most 2 decimals",
        ),
        ("9,B,,head,,,,F,,,,,,", Some("given"), "must not be empty"),
        (",B,,head,,X,,F,,,,,,", Some("id"), "must not be empty"),
        (
            "9,B,,head,,X\u{7},,F,,,,,,",
            Some("given"),
            "must not hold control characters",
        ),
        (
            "9,B,,head,,X\0,,F,,,,,,",
            Some("given"),
            "must not hold NUL bytes",
        ),
        (
            "9,B,,head,,X",
            None,
            "must have as many columns as the header",
        ),
        (
            "9,B,,head,,X,,,,,,,,,",
            None,
            "must have as many columns as the header",
        ),
        (
            "9,B,,head,,\"X,,,,,,,,",
            None,
            "must have quotes that end where the field ends",
        ),
        (
            "9,B,,head,,\"X\"x,,,,,,,,",
            None,
            "must have quotes that end where the field ends",
        ),
        (
            "9,B,,head,,X,,,,,,...,,",
            Some("district"),
            "must hold a word",
        ),
    ] {
        let store = store();
        let good = "10,B,,head,,Zawadi,,F,1990,,,,,\n";
        let report = run(&store, &file(&format!("{FAMILY}{bad}\n{good}")));
        assert_eq!(rows(&report), [5, 0, 0, 0, 1], "{bad:?}");
        let rejected = report.rejects.first().unwrap();
        let told = (
            rejected.line,
            rejected.column.as_deref(),
            rejected.rule.as_str(),
        );
        assert_eq!(told, (6, column, rule), "{bad:?}");
        assert_eq!(report.rules.get(rule), Some(&1));
        // What the row would have added to its unit is known to be missing,
        // where the row tells its unit.
        assert_eq!(
            report.units_incomplete,
            u64::from(column.is_some() && !bad.contains('\0')),
            "{bad:?}"
        );
        assert!(block_on(store.person(person_id("9"))).is_err());
        assert!(block_on(store.person(person_id("10"))).is_ok());
    }
}

#[test]
fn bytes_that_are_not_utf8_cost_their_row() {
    let store = store();
    let bytes = [file(FAMILY).as_bytes(), b"9,B,,head,,Jos\xE9,,F,,,,,,\n"].concat();
    let report =
        block_on(import().run(bytes.as_slice(), &store, &store, &stamp(), &mut ())).unwrap();
    assert_eq!(rows(&report), [4, 0, 0, 0, 1]);
    let told: Vec<_> = report.rejects.iter().map(Rejected::to_string).collect();
    assert_eq!(told, ["line 6: `given` must be UTF-8"]);
}

#[test]
fn a_file_that_cannot_be_imported_does_nothing() {
    let long = ["x"; COLUMNS_MAX + 1].join(",");
    for (bytes, expected) in [
        (Vec::new(), "the file is empty"),
        (b"\n\n".to_vec(), "the file is empty"),
        (
            file("").into_bytes(),
            "the file has no row below its header",
        ),
        (
            file("\n\n").into_bytes(),
            "the file has no row below its header",
        ),
        (
            file(FAMILY).replace("phone", "tel").into_bytes(),
            "the file has no column `phone`",
        ),
        (
            file(FAMILY).replace("village", "phone").into_bytes(),
            "the file has more than one column `phone`",
        ),
        (
            b"\xFF\xFEi\0d\0".to_vec(),
            "the file is not UTF-8, at line 1, byte 0",
        ),
        (
            b"id,n\xE9\n1,2\n".to_vec(),
            "the file is not UTF-8, at line 1, byte 4",
        ),
        (
            long.into_bytes(),
            "the header must have at most 1000 columns",
        ),
        (
            b"\"id\n".to_vec(),
            "the header must have quotes that end where the field ends",
        ),
    ] {
        let store = store();
        let error = block_on(import().run(bytes.as_slice(), &store, &store, &stamp(), &mut ()))
            .unwrap_err();
        // The first of several missing columns is told; here there may be others.
        assert_eq!(error.to_string(), expected);
        assert_eq!(changes(&store), 0);
    }
    let folder = open(env!("CARGO_MANIFEST_DIR"));
    assert!(matches!(folder, Err(ImportError::NotAFile)));
    let nothing = open(concat!(env!("CARGO_MANIFEST_DIR"), "/not-there.csv"));
    assert!(matches!(nothing, Err(ImportError::Read(_))));
}

#[test]
fn a_byte_order_mark_and_another_delimiter_are_taken() {
    let map = format!("delimiter = \";\"\nencoding = \"UTF-8\"\n{MAP}");
    let mapping = Mapping::from_toml(&map).unwrap();
    let store = store();
    let import = Import::new(mapping, &rules(), ImportId::of("test")).unwrap();
    let file = format!(
        "\u{FEFF}{}",
        file(FAMILY).replace(',', ";").replace('\n', "\r\n")
    );
    let report = block_on(import.run(file.as_bytes(), &store, &store, &stamp(), &mut ())).unwrap();
    assert_eq!(rows(&report), [4, 0, 0, 0, 0]);
}

#[test]
fn a_mapping_that_breaks_a_rule_is_refused_by_name() {
    for (from, to, expected) in [
        ("[sex]", "[gender]", "unknown field `gender`"),
        (
            "column = \"sex\"",
            "colum = \"sex\"",
            "unknown field `colum`",
        ),
        (
            "effective_on = \"2026-11-01\"",
            "",
            "missing field `effective_on`",
        ),
        (
            "\"age\"]",
            "\"age\", \"MM/DD/YYYY\"]",
            "`birth.formats` must not read one text as two dates",
        ),
        (
            "age_on = \"2026-11-01\"",
            "",
            "`birth.formats` must come with `age_on`",
        ),
        ("\"YYYY\", ", "\"YY\", ", "must be made of YYYY"),
        (
            "currency = \"KES\"",
            "",
            "`attributes.income` must have a currency",
        ),
        (
            "currency = \"KES\"",
            "currency = \"XAU\"",
            "must have minor units",
        ),
        (
            "type = \"money\"",
            "type = \"float\"",
            "unknown variant `float`",
        ),
        (
            "scheme = \"national-id\"",
            "scheme = \"national id\"",
            "must be ASCII",
        ),
        (
            "otherwise = \"household\"",
            "otherwise = \"a b\"",
            "`unit.kind` must stand for codes",
        ),
        (
            "missing = [\"NA\"]",
            "encoding = \"latin-1\"",
            "`encoding` must be `utf-8`",
        ),
        (
            "missing = [\"NA\"]",
            "delimiter = \"x\"",
            "`delimiter` must be an ASCII mark",
        ),
        ("missing = [\"NA\"]", "missing = 3", "invalid type"),
        ("missing", "missing =", "TOML parse error"),
    ] {
        let error = Mapping::from_toml(&MAP.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let limit = Mapping::from_toml(&"#".repeat(MAPPING_MAX_BYTES + 1)).unwrap_err();
    assert!(matches!(limit, ImportError::Invalid(_)));
}

#[test]
fn a_mapping_and_the_register_s_rules_must_agree() {
    for (rules, field) in [
        (Rules::default(), "attributes.income"),
        (
            Rules::default().with_unit_attributes(rules().unit_attributes),
            "documents.national-id",
        ),
    ] {
        match Import::new(mapping(), &rules, ImportId::of("test")) {
            Err(ImportError::Invalid(invalid)) => assert_eq!(invalid.field(), field),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_that_a_file_says_is_in_the_report() {
    let secret = "Sekret";
    let bad = format!(
        "{secret},{secret},,head,,{secret},,{secret},{secret},{secret},{secret},{secret},{secret},{secret}\n\
         5,{secret},,head,,{secret},,F,,{secret},N2,,,\n{secret}\n\"{secret}"
    );
    let mut out = Vec::new();
    let mut csv = RejectsCsv::new(&mut out).unwrap();
    let store = store();
    let file = file(&format!("{FAMILY}{bad}"));
    let report =
        block_on(import().run(file.as_bytes(), &store, &store, &stamp(), &mut csv)).unwrap();
    assert_eq!((report.waiting, report.rejected), (1, 3));
    let reasons: u64 = report.reasons.values().sum();
    assert_eq!(csv.finish().unwrap(), report.rejected + reasons);
    let mut told = report.clone();
    told.places.clear();
    for text in [
        format!("{told:?}"),
        serde_json::to_string(&told).unwrap(),
        String::from_utf8(out).unwrap(),
    ] {
        assert!(!text.contains(secret), "{text}");
    }
}
