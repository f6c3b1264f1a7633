//! The same rows again, after a rehearsal, a correction or a crash.

use super::*;

#[test]
fn a_rehearsal_reports_the_same_and_writes_nothing() {
    let (one, two) = (
        file(&format!(
            "{FAMILY}5,B,,head,,Omar,,M,bad,,,,,\n6,C,,head,,Ali,,M,3,,,,,\n"
        )),
        file(
            "1,A,,head,no,Tuti,Wati,F,1984,0712,,Kwale,Mji,10.50\n7,D,,head,,Eko,Said,M,,0799,N2,,,\n8,A,,child,,Rehema,,F,2,,,Kwale,Mji,\n",
        ),
    );
    let store = store();
    for file in [one.as_str(), two.as_str(), one.as_str()] {
        let before = changes(&store);
        let rehearsed = rehearse(&store, file);
        assert_eq!(changes(&store), before);
        assert_eq!(rehearsed, run(&store, file));
    }
}

#[test]
fn the_same_file_again_changes_nothing() {
    let store = store();
    let rows_once = format!(
        "{FAMILY}7,D,,head,,Eko Said,,M,,0799,N2,,,\n8,E,,head,,Eko,,,1980,0733,N2,Kwale,Other,\n"
    );
    let first = run(&store, &file(&rows_once));
    assert_eq!(rows(&first), [4, 2, 0, 0, 0]);
    let before = (changes(&store), contents(&store));
    let again = run(&store, &file(&rows_once));
    assert_eq!(rows(&again), [0, 0, 6, 0, 0]);
    assert_eq!(units(&again), [0, 0, 4, 0, 0]);
    assert_eq!((changes(&store), contents(&store)), before);
}

/// The first row makes a head of a child in what is taken for a household, so
/// its unit is refused. The last row says that the unit is a family, where a
/// child may be a head.
#[test]
fn rows_refused_before_others_register_their_unit_extend_it_the_first_time() {
    let rows_apart = [
        "1,B,,head,,Tuti,,F,7,,N1,,,\n",
        "2,B,family,head,,Tuti,,F,1984,,N2,,,\n",
    ];
    let between = "1,A,,head,,Tuti,,F,1984,,N1,,,10.50\n";
    let mut chunks = String::new();
    for n in 0..COMMANDS_MAX {
        writeln!(chunks, "x{n},,,,,Tuti,,F,,,,,,").unwrap();
    }
    for more in ["", chunks.as_str()] {
        let file = file(&rows_apart.join(&format!("{between}{more}")));
        let store = store();
        let rehearsed = rehearse(&store, &file);
        let first = run(&store, &file);
        assert_eq!(rehearsed, first);
        assert_eq!((first.units_extended, first.units_waiting), (1, 1));
        assert_eq!(
            block_on(store.members(unit_id("B"), None)).unwrap().len(),
            2
        );
        let before = (changes(&store), contents(&store));
        let again = run(&store, &file);
        assert_eq!((again.units_registered, again.units_extended), (0, 0));
        assert_eq!((changes(&store), contents(&store)), before);
    }
}

#[test]
fn a_corrected_row_is_taken_and_the_others_stay() {
    let store = store();
    let wrong = format!("{FAMILY}9,A,,child,,Musa,,M,1984-02-30,,,Kwale,Mji,\n");
    assert_eq!(units(&run(&store, &file(&wrong))), [2, 0, 0, 0, 1]);
    let right = wrong.replace("1984-02-30", "2014");
    let report = run(&store, &file(&right));
    assert_eq!(
        (rows(&report), units(&report)),
        ([1, 0, 4, 0, 0], [0, 1, 2, 0, 0])
    );
    assert_eq!(
        block_on(store.members(unit_id("A"), None)).unwrap().len(),
        4
    );
}

#[test]
fn who_says_more_is_revised_only_through_a_unique_identifier() {
    let store = store();
    run(&store, &file(FAMILY));
    for (row, expected, reason) in [
        // Tuti has no identifier, Eko has one.
        (
            "1,A,,head,no,Tuti,,F,1984,0799,,Kwale,Mji,",
            [0, 0, 0, 1, 0],
            Some(ReviewReason::NotIdentified),
        ),
        (
            "2,A,,spouse,yes,Eko,Said,M,1980,0799,N2,Kwale,Mji,",
            [0, 1, 0, 0, 0],
            None,
        ),
        ("20,B,,head,,Eko,,,,,N2,,,", [0, 1, 0, 0, 0], None),
        ("21,C,,head,,Eko,,,,,N2,,,", [0, 0, 1, 0, 0], None),
        (
            "22,D,,head,,Salma,,F,,,N2,,,",
            [0, 0, 0, 1, 0],
            Some(ReviewReason::SexDiffers),
        ),
        (
            "3,A,,child,,Asha,Said,F,7,,N2,Kwale,Mji,",
            [0, 0, 0, 1, 0],
            Some(ReviewReason::HeldByAnother),
        ),
        (
            "2,A,,spouse,yes,Eko,Said,M,1981,0799,N2,Kwale,Mji,",
            [0, 0, 0, 1, 0],
            Some(ReviewReason::BirthDiffers),
        ),
        (
            "2,A,,spouse,yes,Eko,Said,M,1980,0799,N3,Kwale,Mji,",
            [0, 0, 0, 1, 0],
            Some(ReviewReason::IdentifierDiffers),
        ),
    ] {
        let report = run(&store, &file(&format!("{row}\n")));
        assert_eq!(rows(&report), expected, "{row}");
        if let Some(reason) = reason {
            assert!(
                report.reasons.contains_key(&reason),
                "{row}: {:?}",
                report.reasons
            );
            assert_eq!(
                report.reviews.first().map(|w| (w.line, w.subject)),
                Some((2, Subject::Row))
            );
        }
    }
    let eko = block_on(store.person(person_id("2"))).unwrap();
    assert_eq!(eko.said().phones.len(), 2);
    assert_eq!(
        block_on(store.memberships_of(eko.id(), None))
            .unwrap()
            .len(),
        3
    );
}

/// Counts what it is told.
#[derive(Default)]
struct Told {
    batches: Vec<Progress>,
    rejected: u64,
    waiting: u64,
}

impl Observer for Told {
    fn batch(&mut self, progress: Progress) {
        self.batches.push(progress);
    }
    fn rejected(&mut self, _: &Rejected) {
        self.rejected += 1;
    }
    fn waiting(&mut self, _: &Waiting) {
        self.waiting += 1;
    }
}

#[test]
fn lists_are_bounded_and_an_observer_is_told_all() {
    let mut bad = "x\n".repeat(LISTED_MAX + 1);
    for n in 0..1_500 {
        writeln!(bad, "{n},,,,,Tuti,,F,,,,,,").unwrap();
    }
    let store = store();
    let mut told = Told::default();
    let file = file(&bad);
    let report =
        block_on(import().run(file.as_bytes(), &store, &store, &stamp(), &mut told)).unwrap();
    assert_eq!(report.rejects.len(), LISTED_MAX);
    assert_eq!(report.rejected, LISTED_MAX as u64 + 1);
    assert_eq!((told.rejected, told.waiting), (report.rejected, 0));
    let last = told.batches.last().unwrap();
    assert_eq!((last.rows, last.bytes), (report.rows, file.len() as u64));
    assert!(told.batches.len() >= 3);
    assert!(
        told.batches
            .is_sorted_by(|a, b| a.rows < b.rows && a.bytes <= b.bytes)
    );
}

/// A store whose process dies at the `left`th batch of commands: before it is
/// written or, if `after`, when it is written and not yet answered.
#[derive(Debug)]
struct Mortal {
    store: std::sync::Arc<MemoryRecordStore>,
    left: std::sync::atomic::AtomicUsize,
    after: bool,
}

#[async_trait]
impl ChangeFeed for Mortal {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        self.store.changes_since(page).await
    }
}

#[async_trait]
impl RecordStore for Mortal {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> crate::Result<Vec<Outcome>> {
        use std::sync::atomic::Ordering;
        let dies = self.left.fetch_sub(1, Ordering::Relaxed) == 0;
        if !dies || self.after {
            let outcomes = self.store.apply(batch, stamp).await?;
            if !dies {
                return Ok(outcomes);
            }
        }
        Err(StoreFault::new("apply a batch", Retry::AfterInquiry, "killed").into())
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> crate::Result<Vec<Option<Person>>> {
        self.store.people(ids, as_of).await
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> crate::Result<Vec<Option<Unit>>> {
        self.store.units(ids, as_of).await
    }

    async fn memberships(
        &self,
        of: &[EntityRef],
        on: Option<AsOf>,
    ) -> crate::Result<Vec<Membership>> {
        self.store.memberships(of, on).await
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> crate::Result<Paged<Revision>> {
        self.store.history(entity, page).await
    }
}

#[test]
fn killed_anywhere_and_run_again_it_ends_the_same() {
    let all = file(&format!(
        "{FAMILY}7,D,,head,,Eko Said,,M,,0799,N2,,,\n8,E,,head,,Eko,,,1980,0733,N2,Kwale,Other,\n\
         9,A,,child,,Musa,,M,2,,,Kwale,Mji,\n7,F,,head,,Eko Said,,M,,0799,N2,,,\n"
    ));
    let whole = store();
    run(&whole, &all);
    let mut deaths = 0;
    for after in [false, true] {
        for left in 0.. {
            let store = std::sync::Arc::new(store());
            let mortal = Mortal {
                store: std::sync::Arc::clone(&store),
                left: left.into(),
                after,
            };
            let died = block_on(import().run(all.as_bytes(), &mortal, &*store, &stamp(), &mut ()));
            let Err(error) = died else { break };
            assert_eq!(error.retry(), Retry::AfterInquiry);
            deaths += 1;
            let report = run(&store, &all);
            assert_eq!(rows(&report).iter().sum::<u64>(), report.rows);
            assert_eq!(contents(&store), contents(&whole), "{left} {after}");
            assert_eq!(changes(&store), changes(&whole));
        }
    }
    assert!(deaths >= 10, "{deaths}");
}

/// Rows in which identifiers, units and people meet again and again, and every
/// kind of mistake.
fn any_row() -> impl Strategy<Value = String> {
    let cell = |words: &'static [&'static str]| prop::sample::select(words);
    (
        cell(&["1", "2", "3", "4", "5", "", "6"]),
        cell(&["A", "B", "C", ""]),
        cell(&["", "household", "family", "a b"]),
        cell(&["head", "child", "", "NA"]),
        cell(&["Tuti", "Eko", "Eko Said", "", "\"", "\"a,b\""]),
        cell(&["F", "M", "", "?"]),
        cell(&["1984", "12/05/1980", "7", "", "1984-13-01"]),
        cell(&["N1", "N2", "", "\u{0}"]),
        cell(&["10.50", "-1", "", "10.50"]),
    )
        .prop_map(|(id, unit, kind, role, name, sex, born, nid, income)| {
            format!("{id},{unit},{kind},{role},,{name},,{sex},{born},,{nid},,,{income}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_row_is_accounted_for_and_again_changes_nothing(all in prop::collection::vec(any_row(), 1..25)) {
        let file = file(&format!("{}\n", all.join("\n")));
        let store = store();
        let rehearsed = rehearse(&store, &file);
        prop_assert_eq!(changes(&store), 0);
        let first = run(&store, &file);
        prop_assert_eq!(&rehearsed, &first);
        prop_assert_eq!(rows(&first).iter().sum::<u64>(), first.rows);
        let before = (changes(&store), contents(&store));
        let again = run(&store, &file);
        prop_assert_eq!(rows(&again).iter().sum::<u64>(), again.rows);
        prop_assert_eq!((again.registered, again.revised), (0, 0));
        prop_assert_eq!((again.rows, again.rejected), (first.rows, first.rejected));
        prop_assert_eq!((changes(&store), contents(&store)), before);
    }

    #[test]
    fn arbitrary_bytes_are_accounted_for(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        header in any::<bool>(),
    ) {
        let mut all = if header { file("").into_bytes() } else { Vec::new() };
        all.extend(bytes);
        let store = store();
        match block_on(import().run(all.as_slice(), &store, &store, &stamp(), &mut ())) {
            Ok(report) => prop_assert_eq!(rows(&report).iter().sum::<u64>(), report.rows),
            Err(_) => prop_assert_eq!(changes(&store), 0),
        }
    }

    #[test]
    fn an_arbitrary_mapping_never_panics(text in "\\PC{0,200}", cut in 0..MAP.len()) {
        let _ = Mapping::from_toml(&text);
        let _ = Mapping::from_toml(MAP.get(..cut).unwrap_or_default());
    }
}
