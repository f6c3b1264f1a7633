//! Outside registers: one sound, and one for each promise that it breaks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::testing::{Harness, InMemory, block_on};
use solidarity_core::{Change, ChangeFeed, Page, Paged, PersonId, Stamp, UnitId, Version};
use solidarity_registry::conformance::{self, record_search, record_store, rules};
use solidarity_registry::keys::name_tokens;
use solidarity_registry::limits::TERMS_MAX;
use solidarity_registry::{
    Act, Applied, AsOf, Command, CommandId, Criteria, EntityRef, Identifier, IdentifierScheme,
    Membership, MemoryRecordStore, Outcome, Person, PersonTerm, RecordSearch, RecordSearchExt,
    RecordStore, RecordStoreExt, Registry, Result, Revision, Rules, Unit, UnitTerm,
};

mod duplicate_cases;

mod sound {
    use super::*;

    fn registry() -> Arc<dyn Registry> {
        Arc::new(MemoryRecordStore::new(rules()))
    }

    mod keeps {
        use super::*;

        solidarity_registry::record_store_conformance!(InMemory::new(|| {
            Arc::new(MemoryRecordStore::new(rules())) as Arc<dyn RecordStore>
        }));
    }

    mod finds {
        use super::*;

        solidarity_registry::record_search_conformance!(InMemory::new(registry));
    }

    #[test]
    fn agrees_with_memory() {
        let seed = solidarity_core::testing::seed();
        let harness = InMemory::new(registry);
        block_on(conformance::agrees_with_memory(&harness, seed, 1_000));
    }
}

/// The promise that a register breaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// Ignores the version expected.
    LosesUpdates,
    /// Looks at the version, and writes a little later.
    ChecksThenWrites,
    /// Takes a command sent again for another one.
    ForgetsCommands,
    /// Takes every command of a known id for a repeat.
    TakesOtherActs,
    /// Carries out as much of a command as it may.
    WritesHalfACommand,
    /// Keeps no rules about members.
    ForgetsRules,
    /// Shows what is known now, whenever one asks about.
    IgnoresWhatWasKnown,
    /// Shows what takes effect last, whatever day one asks about.
    IgnoresTheDay,
    /// Takes the time of each write as it comes.
    LetsTheClockGoBack,
    /// Tells of no revisions.
    SkipsChanges,
    /// Tells of ended memberships as if they went on.
    KeepsEndedMembers,
    /// Leaves documents among the holders that were taken away.
    RemembersOldDocuments,
    /// Searches what was written last, not what takes effect last.
    SearchesTheLastWrite,
    /// Takes *unknown* for *yes* where it is asked for *not*.
    HidesTheUnknown,
    /// Finds words of different names together.
    MixesNames,
    /// Loses the last of each page.
    LosesAtPageEnd,
    /// Searches for as many terms as it likes and drops the rest.
    DropsTerms,
}

#[derive(Debug)]
struct Faulty {
    inner: MemoryRecordStore,
    fault: Fault,
    outcomes: Mutex<HashMap<CommandId, Outcome>>,
    stamps: Mutex<HashMap<PersonId, DateTime<Utc>>>,
    documents: Mutex<Vec<(IdentifierScheme, String, PersonId)>>,
    between: AtomicUsize,
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        let rules = match fault {
            Fault::ForgetsRules => Rules::default(),
            _ => rules(),
        };
        Self {
            inner: MemoryRecordStore::new(rules),
            fault,
            outcomes: Mutex::default(),
            stamps: Mutex::default(),
            documents: Mutex::default(),
            between: AtomicUsize::new(0),
        }
    }

    async fn version(&self, entity: EntityRef) -> Option<Version> {
        let history = self.inner.history(entity, &Page::largest()).await;
        history.unwrap().items().last().map(|last| last.version)
    }

    /// The act, which expects whatever version there is.
    async fn expecting_any(&self, act: &Act) -> Act {
        let mut act = act.clone();
        let actual = self.version(act.entity()).await;
        match &mut act {
            Act::RevisePerson { expected, .. }
            | Act::ReviseUnit { expected, .. }
            | Act::ChangeMembership { expected, .. } => *expected = actual.unwrap_or(*expected),
            _ => {}
        }
        act
    }

    async fn apply_one(&self, command: &Command, stamp: &Stamp) -> Result<Outcome> {
        let one = |acts| Command::of(command.id, acts);
        match self.fault {
            Fault::LosesUpdates => {
                let mut acts = Vec::new();
                for act in &command.acts {
                    acts.push(self.expecting_any(act).await);
                }
                self.inner.apply_one(one(acts), stamp).await
            }
            Fault::ChecksThenWrites => self.check_then_write(command, stamp).await,
            Fault::ForgetsCommands => {
                let fresh = Command::of(CommandId::generate(), command.acts.clone());
                let outcome = self.inner.apply_one(fresh, stamp).await?;
                Ok(outcome.map(|mut applied| {
                    applied.command = command.id;
                    applied
                }))
            }
            Fault::TakesOtherActs => {
                if let Some(known) = self.outcomes.lock().unwrap().get(&command.id) {
                    return Ok(known.clone());
                }
                let outcome = self.inner.apply_one(command.clone(), stamp).await?;
                let remembered = outcome.clone();
                self.outcomes.lock().unwrap().insert(command.id, remembered);
                Ok(outcome)
            }
            Fault::WritesHalfACommand => {
                let mut whole: Option<Applied> = None;
                for (n, act) in command.acts.iter().enumerate() {
                    let step = CommandId::derive(&command.id, &n.to_string());
                    let part = Command::new(step, act.clone());
                    match (self.inner.apply_one(part, stamp).await?, &mut whole) {
                        (Ok(applied), None) => whole = Some(applied),
                        (Ok(applied), Some(whole)) => whole.written.extend(applied.written),
                        (Err(mut refused), _) => {
                            refused.act = n;
                            return Ok(Err(refused));
                        }
                    }
                }
                let mut whole = whole.unwrap();
                whole.command = command.id;
                Ok(Ok(whole))
            }
            _ => self.inner.apply_one(command.clone(), stamp).await,
        }
    }

    async fn check_then_write(&self, command: &Command, stamp: &Stamp) -> Result<Outcome> {
        let [act @ Act::RevisePerson { .. }] = command.acts.as_slice() else {
            return self.inner.apply_one(command.clone(), stamp).await;
        };
        let actual = self.version(act.entity()).await;
        if actual.map(Version::next) != Some(act.version()) {
            return self.inner.apply_one(command.clone(), stamp).await;
        }
        // The others have the time to look, too.
        self.between.fetch_add(1, Ordering::SeqCst);
        for _ in 0..10_000 {
            if self.between.load(Ordering::SeqCst) > 1 {
                break;
            }
            std::thread::yield_now();
        }
        loop {
            let late = Command::new(command.id, self.expecting_any(act).await);
            let outcome = self.inner.apply_one(late, stamp).await?;
            if outcome.is_ok() {
                self.between.fetch_sub(1, Ordering::SeqCst);
                return Ok(outcome);
            }
        }
    }

    fn asked(&self, id: PersonId, as_of: AsOf) -> AsOf {
        let latest = AsOf::LATEST.knowledge();
        match self.fault {
            Fault::IgnoresWhatWasKnown => AsOf::day(as_of.effective_on()),
            Fault::IgnoresTheDay => AsOf::LATEST.known_at(as_of.knowledge()),
            Fault::LetsTheClockGoBack => {
                let earliest = self.stamps.lock().unwrap().get(&id).copied();
                if earliest.is_some_and(|earliest| earliest <= as_of.knowledge()) {
                    as_of.known_at(latest)
                } else {
                    as_of
                }
            }
            _ => as_of,
        }
    }

    fn note(&self, command: &Command, stamp: &Stamp) {
        for act in &command.acts {
            if let (
                EntityRef::Person(id),
                Act::RegisterPerson { person, .. } | Act::RevisePerson { person, .. },
            ) = (act.entity(), act)
            {
                let mut stamps = self.stamps.lock().unwrap();
                let earliest = stamps.entry(id).or_insert(stamp.at());
                *earliest = stamp.at().min(*earliest);
                let mut documents = self.documents.lock().unwrap();
                for held in &person.documents {
                    documents.push((held.scheme.clone(), held.value.expose().clone(), id));
                }
            }
        }
    }

    fn terms(&self, criteria: &Criteria<PersonTerm>) -> Criteria<PersonTerm> {
        match (self.fault, criteria) {
            (Fault::MixesNames, Criteria::Is(PersonTerm::Name(words))) => Criteria::all(
                name_tokens(words.expose())
                    .into_iter()
                    .map(|word| Criteria::is(PersonTerm::name(word))),
            ),
            (Fault::HidesTheUnknown, Criteria::Not(not)) => match &**not {
                Criteria::Is(PersonTerm::BornBetween(..)) => {
                    let day = |year| chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
                    let known = PersonTerm::BornBetween(day(1), day(9999));
                    Criteria::all([criteria.clone(), Criteria::is(known)])
                }
                _ => criteria.clone(),
            },
            (Fault::DropsTerms, Criteria::Any(any)) => {
                Criteria::any(any.iter().take(TERMS_MAX).cloned())
            }
            _ => criteria.clone(),
        }
    }

    /// Everybody as they were written last who fulfils `criteria`.
    async fn last_written(&self, criteria: &Criteria<PersonTerm>) -> Result<Paged<Person>> {
        let all = self.inner.list_people(&Page::largest()).await?;
        let mut found = Vec::new();
        for person in all.items() {
            let entity = EntityRef::Person(person.id());
            let history = self.inner.history(entity, &Page::largest()).await?;
            let last = history.items().last().unwrap().clone();
            let written = Person::of(last, person.version()).unwrap();
            if criteria.matches(&|term: &PersonTerm| term.matches(written.said(), &[])) {
                found.push(person.clone());
            }
        }
        Ok(Paged::new(found, None))
    }
}

#[async_trait]
impl ChangeFeed for Faulty {
    async fn changes_since(&self, page: &Page) -> solidarity_core::Result<Paged<Change>> {
        let paged = self.inner.changes_since(page).await?;
        if self.fault != Fault::SkipsChanges {
            return Ok(paged);
        }
        let told = paged
            .items()
            .iter()
            .filter(|change| change.kind().as_str() != "revise");
        Ok(Paged::new(told.cloned().collect(), paged.next().cloned()))
    }
}

#[async_trait]
impl RecordStore for Faulty {
    async fn apply(&self, batch: &[Command], stamp: &Stamp) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for command in batch {
            self.note(command, stamp);
            outcomes.push(self.apply_one(command, stamp).await?);
        }
        Ok(outcomes)
    }

    async fn people(&self, ids: &[PersonId], as_of: AsOf) -> Result<Vec<Option<Person>>> {
        let mut found = Vec::new();
        for id in ids {
            found.extend(self.inner.people(&[*id], self.asked(*id, as_of)).await?);
        }
        Ok(found)
    }

    async fn units(&self, ids: &[UnitId], as_of: AsOf) -> Result<Vec<Option<Unit>>> {
        self.inner.units(ids, as_of).await
    }

    async fn memberships(&self, of: &[EntityRef], on: Option<AsOf>) -> Result<Vec<Membership>> {
        let Some(as_of) = on.filter(|_| self.fault == Fault::KeepsEndedMembers) else {
            return self.inner.memberships(of, on).await;
        };
        let mut all = self.inner.memberships(of, None).await?;
        all.retain(|m| m.said().validity.from() <= as_of.effective_on());
        Ok(all)
    }

    async fn history(&self, entity: EntityRef, page: &Page) -> Result<Paged<Revision>> {
        self.inner.history(entity, page).await
    }
}

#[async_trait]
impl RecordSearch for Faulty {
    async fn find_by_identifiers(&self, identifiers: &[Identifier]) -> Result<Vec<Vec<PersonId>>> {
        let mut found = self.inner.find_by_identifiers(identifiers).await?;
        if self.fault == Fault::RemembersOldDocuments {
            for (identifier, found) in identifiers.iter().zip(&mut found) {
                for (scheme, value, person) in &*self.documents.lock().unwrap() {
                    let held = *scheme == identifier.scheme && value == identifier.value.expose();
                    if held && !found.contains(person) {
                        found.push(*person);
                    }
                }
            }
        }
        Ok(found)
    }

    async fn search_people(
        &self,
        criteria: &Criteria<PersonTerm>,
        page: &Page,
    ) -> Result<Paged<Person>> {
        if self.fault == Fault::SearchesTheLastWrite {
            return self.last_written(criteria).await;
        }
        let paged = self
            .inner
            .search_people(&self.terms(criteria), page)
            .await?;
        if self.fault != Fault::LosesAtPageEnd || paged.next().is_none() {
            return Ok(paged);
        }
        let next = paged.next().cloned();
        let mut items = paged.into_items();
        items.pop();
        Ok(Paged::new(items, next))
    }

    async fn search_units(
        &self,
        criteria: &Criteria<UnitTerm>,
        page: &Page,
    ) -> Result<Paged<Unit>> {
        self.inner.search_units(criteria, page).await
    }
}

/// A test that a case of the kit catches a fault, and says what it says.
macro_rules! catches {
    ($($name:ident: $fault:ident in $kit:ident::$case:ident as $object:ident, $says:literal;)+) => {$(
        #[test]
        #[should_panic(expected = $says)]
        fn $name() {
            let harness = InMemory::new(|| Arc::new(Faulty::new(Fault::$fault)) as Arc<dyn $object>);
            block_on($kit::$case(&harness));
        }
    )+};
}

catches! {
    a_lost_update: LosesUpdates in record_store::a_stale_revision_writes_nothing as RecordStore, "expected `Conflict`";
    a_check_before_the_write: ChecksThenWrites in record_store::of_many_writers_one_is_carried_out as RecordStore, "an update was lost";
    a_forgotten_command: ForgetsCommands in record_store::a_command_again_has_the_same_answer as RecordStore, "AlreadyExists";
    a_repeat_that_is_none: TakesOtherActs in record_store::an_id_with_other_acts_is_refused as RecordStore, "taken for a repeat";
    half_a_command: WritesHalfACommand in record_store::a_command_happens_whole_or_not_at_all as RecordStore, "half a command was written";
    forgotten_rules: ForgetsRules in record_store::headship_is_by_the_rules as RecordStore, "expected the command to be refused";
    forgotten_rules_of_a_kind: ForgetsRules in record_store::a_kind_brings_its_rules as RecordStore, "expected the command to be refused";
    knowledge_of_later: IgnoresWhatWasKnown in record_store::a_read_is_as_of_a_day_and_a_time as RecordStore, "as of day 10, known at -1";
    a_day_ignored: IgnoresTheDay in record_store::a_read_is_as_of_a_day_and_a_time as RecordStore, "as of day 9, known at 999";
    a_past_that_changes: LetsTheClockGoBack in record_store::recorded_times_never_go_back as RecordStore, "the past changed";
    a_skipped_change: SkipsChanges in record_store::every_write_is_told_once as RecordStore, "each write is told once";
    members_for_ever: KeepsEndedMembers in record_store::memberships_are_as_of_a_day_and_a_time as RecordStore, "assertion";
    an_old_document: RemembersOldDocuments in record_search::holders_are_those_of_now as Registry, "assertion";
    a_search_of_the_last_write: SearchesTheLastWrite in record_search::the_last_to_take_effect_is_searched as Registry, "new";
    the_unknown_hidden: HidesTheUnknown in record_search::each_term_finds_exactly_its_people as Registry, "not {\"born_between\"";
    names_mixed: MixesNames in record_search::each_term_finds_exactly_its_people as Registry, "mina juma";
    a_lost_page_end: LosesAtPageEnd in record_search::a_search_goes_on_where_it_ended as Registry, "assertion";
    dropped_terms: DropsTerms in record_search::search_limits_hold_to_the_one as Registry, "21";
}

/// Random play finds faults that nobody thought of: it is not told of these.
mod random_play {
    use super::*;

    fn play(fault: Fault) {
        let harness = InMemory::new(move || Arc::new(Faulty::new(fault)) as Arc<dyn Registry>);
        block_on(conformance::agrees_with_memory(&harness, 20_261_123, 2_000));
    }

    #[test]
    #[should_panic(expected = "people differ")]
    fn finds_knowledge_of_later() {
        play(Fault::IgnoresWhatWasKnown);
    }

    #[test]
    #[should_panic(expected = "the outcomes differ")]
    fn finds_forgotten_rules() {
        play(Fault::ForgetsRules);
    }

    #[test]
    #[should_panic(expected = "memberships differ")]
    fn finds_members_for_ever() {
        play(Fault::KeepsEndedMembers);
    }

    #[test]
    #[should_panic(expected = "the people differ")]
    fn finds_the_unknown_hidden() {
        play(Fault::HidesTheUnknown);
    }
}

/// Comes back from a crash with nothing.
struct LosesEverything;

#[async_trait]
impl Harness<dyn RecordStore> for LosesEverything {
    async fn open(&self) -> Arc<dyn RecordStore> {
        Arc::new(MemoryRecordStore::new(rules()))
    }

    async fn reopen(&self, _: Arc<dyn RecordStore>) -> Arc<dyn RecordStore> {
        self.open().await
    }
}

#[test]
#[should_panic(expected = "NotFound")]
fn a_crash_that_loses_what_was_acknowledged() {
    block_on(record_store::what_was_acknowledged_survives_a_crash(
        &LosesEverything,
    ));
}
