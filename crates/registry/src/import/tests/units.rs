//! Rows of one unit.

use super::*;

#[test]
fn rows_of_a_unit_become_a_unit_with_its_members() {
    let store = store();
    let report = run(&store, &file(FAMILY));
    assert_eq!(
        (rows(&report), units(&report)),
        ([4, 0, 0, 0, 0], [2, 0, 0, 0, 0])
    );

    let unit = block_on(store.unit(unit_id("A"))).unwrap();
    assert_eq!(unit.said().kind, UnitKind::HOUSEHOLD);
    let members = block_on(store.members(unit.id(), None)).unwrap();
    let roles = |row| {
        let member = members.iter().find(|m| m.said().person == person_id(row));
        let roles = member.map(|m| m.said().roles.clone()).unwrap_or_default();
        roles.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(roles("1"), [Role::HEAD]);
    assert_eq!(roles("2"), [Role::COLLECTOR, Role::SPOUSE]);
    assert_eq!(roles("3"), [Role::CHILD]);

    let eko = block_on(store.person(person_id("2"))).unwrap().into_said();
    assert_eq!(eko.names.first().unwrap().full.expose(), "Eko Said");
    let born = eko.born.unwrap().expose().certain();
    assert_eq!(born, NaiveDate::from_ymd_opt(1980, 5, 12));
    let tuti = block_on(store.person(person_id("1"))).unwrap().into_said();
    assert_eq!(tuti.names.first().unwrap().full.expose(), "Tuti");
    assert_eq!(tuti.residence, unit.said().residence);

    // The report's places are the hierarchy in which they live.
    let places = Places::new(report.places.clone()).unwrap();
    let Residence::At(village) = tuti.residence else {
        panic!("no place")
    };
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let above: Vec<_> = places
        .ancestors(village, day)
        .map(|p| p.name.clone())
        .collect();
    assert_eq!(above, ["Kwale"]);
    assert_eq!(
        (report.quality.single_names, report.quality.births_by_age),
        (2, 1)
    );
    assert_eq!(report.quality.phones_repeated, 1);
    assert_eq!(report.quality.missing_basis_points("sex"), 2_500);
}

#[test]
fn whoever_belongs_to_no_stated_unit_is_in_a_unit_of_their_own() {
    let map = MAP.replace("otherwise = \"household\"", "otherwise = \"unknown\"");
    let mapping = Mapping::from_toml(&map).unwrap();
    let store = store();
    let import = Import::new(mapping, &rules(), ImportId::of("test")).unwrap();
    let file = file(FAMILY);
    block_on(import.run(file.as_bytes(), &store, &store, &stamp(), &mut ())).unwrap();
    let [membership] = &block_on(store.memberships_of(person_id("4"), None)).unwrap()[..] else {
        panic!("not one membership")
    };
    let unit = block_on(store.unit(membership.said().unit)).unwrap();
    assert_eq!(unit.said().kind, UnitKind::UNKNOWN);
}

#[test]
fn one_person_may_have_a_row_in_each_of_two_units() {
    let store = store();
    let second = "5,B,,head,,Neema,,F,1990,,,Kwale,Mji,\n2,B,,spouse,yes,Eko,Said,M,12/05/1980,0712,N2,Kwale,Mji,\n";
    let report = run(&store, &file(&format!("{FAMILY}{second}")));
    assert_eq!(rows(&report), [5, 0, 1, 0, 0]);
    assert_eq!(
        block_on(store.memberships_of(person_id("2"), None))
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn a_unit_that_breaks_the_country_s_rules_waits_whole_and_its_members_are_registered() {
    for (rows_of_unit, reason) in [
        (
            "5,B,,head,,Omar,,M,3,,,,,\n6,B,,child,,Ali,,M,1,,,,,\n",
            ReviewReason::HeadTooYoung,
        ),
        (
            "5,B,,head,,Omar,,M,,,,,,\n6,B,,head,,Ali,,M,,,,,,\n7,B,,head,,Isa,,M,,,,,,\n",
            ReviewReason::TooManyHeads,
        ),
        (
            "5,B,,head,,Omar,,M,,,,,,5\n6,B,,child,,Ali,,M,,,,,,6\n",
            ReviewReason::RowsDiffer,
        ),
        (
            "5,B,family,head,,Omar,,M,,,,,,\n6,B,household,child,,Ali,,M,,,,,,\n",
            ReviewReason::RowsDiffer,
        ),
    ] {
        let store = store();
        let report = run(&store, &file(&format!("{FAMILY}{rows_of_unit}")));
        let people = rows_of_unit.lines().count() as u64;
        assert_eq!(rows(&report), [4 + people, 0, 0, 0, 0], "{reason:?}");
        assert_eq!(units(&report), [2, 0, 0, 1, 0]);
        let waiting = report.reviews.first().unwrap();
        assert_eq!((waiting.line, waiting.subject), (6, Subject::Unit));
        assert_eq!(waiting.reasons, [reason].into());
        assert!(block_on(store.unit(unit_id("B"))).is_err());
        assert!(
            block_on(store.memberships_of(person_id("5"), None))
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn rows_of_a_unit_that_stand_apart_extend_it() {
    let store = store();
    let apart = "8,A,,child,,Rehema,,F,2,,,Kwale,Mji,\n";
    let report = run(&store, &file(&format!("{FAMILY}{apart}")));
    assert_eq!(units(&report), [2, 1, 0, 0, 0]);
    assert_eq!(
        block_on(store.members(unit_id("A"), None)).unwrap().len(),
        4
    );
    for (row, reason) in [
        (
            "8,A,,head,,Rehema,,F,2,,,Kwale,Mji,\n",
            ReviewReason::RolesDiffer,
        ),
        (
            "8,A,,child,,Rehema,,F,2,,,Kwale,Mji,11\n",
            ReviewReason::UnitDiffers,
        ),
    ] {
        let report = run(&store, &file(row));
        assert_eq!(report.reasons.into_keys().collect::<Vec<_>>(), [reason]);
    }
}

#[test]
fn a_unit_of_more_rows_than_are_taken_together_is_one_unit() {
    let mut all = String::new();
    for n in 0..=UNIT_ROWS_MAX {
        writeln!(all, "{n},A,,member,,Tuti,,F,,,,,,").unwrap();
    }
    let store = store();
    let report = run(&store, &file(&all));
    assert_eq!(rows(&report), [501, 0, 0, 0, 0]);
    assert_eq!(units(&report), [1, 1, 0, 0, 0]);
    assert_eq!(
        block_on(store.members(unit_id("A"), None)).unwrap().len(),
        501
    );
}

#[test]
fn what_one_row_says_of_a_unit_the_others_need_not_repeat() {
    let store = store();
    let first = "5,B,,head,,Omar,,M,,,,,,\n6,B,family,child,,Ali,,M,,,,Kwale,,9\n";
    assert_eq!(units(&run(&store, &file(first))), [1, 0, 0, 0, 0]);
    let unit = block_on(store.unit(unit_id("B"))).unwrap();
    assert_eq!(unit.said().kind, UnitKind::FAMILY);
    assert_eq!(unit.said().attributes.len(), 1);
    let later = "7,B,,child,,Isa,,M,,,,,,\n";
    assert_eq!(units(&run(&store, &file(later))), [0, 1, 0, 0, 0]);
}
