use chrono::{DateTime, TimeDelta, Utc};
use solidarity_core::testing::{Harness, Random};
use solidarity_core::{
    ActorId, CaseId, Channel, Cursor, Language, MessageForm, Page, SafeContact, Sharing, Version,
};
use uuid::Uuid;

use super::{complaint, hour, receipt, stamp, take, workflows};
use crate::{
    Act, ActionName, Case, CaseFilter, CaseStore, CategoryCode, Complainant, Concern,
    MemoryCaseStore, MessageKind, NewCase, Officer, Ownership, Party, ReasonCode, ReceiptDigest,
    Remedy, Result, Role, Sensitivity, Step, Told, standard_workflow,
};

const ROLES: [&str; 6] = [
    "intake",
    "handler",
    "supervisor",
    "management",
    "appeals",
    "oversight",
];

/// Runs `steps` random operations against a store and against
/// [`MemoryCaseStore`], and compares every answer.
///
/// The seed is printed by whoever chose it; the same seed gives the same run,
/// but for the ids and codes.
pub async fn agrees_with_memory(harness: &dyn Harness<dyn CaseStore>, seed: u64, steps: usize) {
    let mut subject = harness.open().await;
    let memory = MemoryCaseStore::new(workflows());
    let mut player = Player {
        random: Random::new(seed),
        known: Vec::new(),
        now: hour(0),
    };
    for step in 0..steps {
        if player.random.chance(1) && step % 7 == 0 {
            subject = harness.reopen(subject).await;
        }
        player.wait(TimeDelta::minutes(1), 120);
        match player.random.below(10) {
            0 => player.open(&*subject, &memory).await,
            1 => player.look(&*subject, &memory).await,
            _ => player.act(&*subject, &memory).await,
        }
    }
    same_feed(&*subject, &memory).await;
}

struct Player {
    random: Random,
    known: Vec<(CaseId, NewCase, ReceiptDigest)>,
    now: DateTime<Utc>,
}

#[track_caller]
fn same<T: std::fmt::Debug + PartialEq>(
    left: Result<T>,
    right: Result<T>,
    what: &dyn std::fmt::Debug,
) {
    match (left, right) {
        (Ok(left), Ok(right)) => assert_eq!(left, right, "after {what:?}"),
        (Err(left), Err(right)) => {
            assert_eq!(left.to_string(), right.to_string(), "after {what:?}");
        }
        (left, right) => panic!("after {what:?}: {left:?}, but memory says {right:?}"),
    }
}

impl Player {
    fn below(&mut self, bound: u64) -> i64 {
        i64::try_from(self.random.below(bound)).unwrap()
    }

    fn wait(&mut self, span: TimeDelta, times: u64) {
        let times = i32::try_from(self.below(times)).unwrap();
        self.now += span * times;
    }

    fn one<T: Clone>(&mut self, choices: &[T]) -> T {
        self.random.pick(choices).unwrap().clone()
    }

    fn id(&mut self) -> CaseId {
        let recent = self.known.len().saturating_sub(6);
        let ids: Vec<CaseId> = self.known.iter().skip(recent).map(|k| k.0).collect();
        match self.random.pick(&ids) {
            Some(id) if !self.random.chance(2) => *id,
            _ => CaseId::generate(),
        }
    }

    async fn open(&mut self, subject: &dyn CaseStore, memory: &dyn CaseStore) {
        let (id, new, receipt) = match self.random.below(10) {
            // Again, or almost the same again.
            0 if !self.known.is_empty() => self.one(&self.known.clone()),
            1 if !self.known.is_empty() => {
                let (id, new, receipt) = self.one(&self.known.clone());
                (id, new.at(solidarity_core::PlaceId::generate()), receipt)
            }
            2 if !self.known.is_empty() => {
                let (_, new, receipt) = self.one(&self.known.clone());
                (CaseId::generate(), new, receipt)
            }
            _ => (CaseId::generate(), self.complaint(), receipt()),
        };
        let stamp = stamp(&take("intake", "acknowledge"), self.now);
        let left = subject.open(id, new.clone(), receipt, &stamp).await;
        let right = memory.open(id, new.clone(), receipt, &stamp).await;
        if right.is_ok() && self.known.iter().all(|known| known.0 != id) {
            self.known.push((id, new, receipt));
        }
        same(left, right, &"open");
        same(subject.get(id).await, memory.get(id).await, &"open");
    }

    fn complaint(&mut self) -> NewCase {
        let category = self.one(&["payment/short", "corruption/bribe", "abuse", "other"]);
        let mut new = complaint();
        new.category = CategoryCode::from_static(category);
        new.received_at = self.now - TimeDelta::hours(self.below(60) - 5);
        if self.random.chance(30) {
            let person = solidarity_core::PersonId::generate();
            new = new.by(Complainant::Registrant(person));
        }
        if self.random.chance(50) {
            let sharing = self.one(&[Sharing::Private, Sharing::Shared]);
            let contact = SafeContact::new(
                Channel::Call,
                Language::from_static("sw"),
                MessageForm::Voice,
                sharing,
            );
            new = new.reached_by(contact.with_address("0712000000").unwrap());
        }
        if self.random.chance(20) {
            let concern = Concern::Actor(self.officer().actor);
            new = new.concerning(concern);
        }
        new
    }

    fn officer(&mut self) -> Officer {
        let role = self.one(&ROLES);
        let number = self.random.below(2);
        let actor = ActorId::derive(&Uuid::nil(), &number.to_string());
        Officer::new(
            actor,
            [Role::from_static(role), Role::from_static("handler")],
        )
    }

    async fn act(&mut self, subject: &dyn CaseStore, memory: &dyn CaseStore) {
        let id = self.id();
        let case = memory.get(id).await.ok();
        let version = case.as_ref().map_or(Version::FIRST, Case::version);
        let expected = match self.random.below(20) {
            0 => version.next(),
            1 => Version::FIRST,
            _ => version,
        };
        let act = self.pick_act(case.as_ref());
        if self.random.chance(3) {
            self.wait(TimeDelta::hours(1), 400);
        }
        let stamp = stamp(&act, self.now);
        let times = 1 + self.random.below(8) / 7;
        for _ in 0..times {
            let left = subject.act(id, expected, act.clone(), &stamp).await;
            let right = memory.act(id, expected, act.clone(), &stamp).await;
            same(left, right, &act);
        }
        same(subject.get(id).await, memory.get(id).await, &act);
    }

    fn pick_act(&mut self, case: Option<&Case>) -> Act {
        let by = match self.random.below(6) {
            0 => Party::Complainant,
            1 => Party::System,
            _ => Party::Officer(self.officer()),
        };
        let level = u8::try_from(self.random.below(4)).unwrap();
        let step = match self.random.below(16) {
            0 => Step::Assign { to: self.officer() },
            1 => Step::Comment {
                words: "A remark.".into(),
            },
            2 => Step::Extend {
                reason: ReasonCode::from_static("records-elsewhere"),
                working_days: u16::from(level),
            },
            3 => Step::Exclude {
                concern: Concern::Actor(self.officer().actor),
            },
            4 => Step::Raise {
                to: self.one(&Sensitivity::ALL),
            },
            5 | 6 => Step::Escalate { level },
            7 | 8 => Step::Told {
                message: self.one(&[MessageKind::Received, MessageKind::Answered]),
                outcome: self.one(&[Told::Delivered, Told::Queued, Told::CouldNotReach]),
            },
            9 => Step::PickUp,
            10 => Step::Rate { score: level + 3 },
            11 => Step::CarryOut { remedy: level },
            _ => self.pick_action(case),
        };
        let mut act = Act::by_system(step);
        act.by = by;
        act
    }

    fn pick_action(&mut self, case: Option<&Case>) -> Step {
        let workflow = standard_workflow();
        let leads =
            |action: &&crate::Action| case.is_none_or(|case| action.from.contains(case.state()));
        let fitting: Vec<ActionName> = workflow
            .actions
            .iter()
            .filter(leads)
            .map(|a| a.name.clone())
            .collect();
        let name = match self.random.pick(&fitting) {
            Some(name) => name.clone(),
            None => ActionName::from_static("nothing"),
        };
        let owed = name.as_str().contains("uphold") != self.random.chance(10);
        let remedies = if owed {
            vec![Remedy::Apologize]
        } else {
            vec![]
        };
        Step::redress(name, "So it is.", remedies)
    }

    async fn look(&mut self, subject: &dyn CaseStore, memory: &dyn CaseStore) {
        let mut filter = CaseFilter::all();
        filter.open_only = self.random.chance(40);
        filter.untold_only = self.random.chance(20);
        if self.random.chance(30) {
            let states = standard_workflow().states;
            filter = filter.in_state(self.one(&states).name);
        }
        if self.random.chance(30) {
            let role = self.one(&ROLES);
            filter = filter.with_role(Role::from_static(role));
        }
        if self.random.chance(30) {
            let actor = self.officer().actor;
            let owners = [Ownership::Nobody, Ownership::Officer(actor)];
            filter = filter.owned_by(self.one(&owners));
        }
        if self.random.chance(30) {
            filter = filter.waiting_before(self.now - TimeDelta::hours(self.below(90)));
        }
        let mut page = Page::of(usize::try_from(1 + self.below(9)).unwrap()).unwrap();
        if self.random.chance(50) {
            page = page.after(CaseFilter::cursor(self.id()).unwrap());
        }
        let left = subject.list(&filter, &page).await;
        same(left, memory.list(&filter, &page).await, &filter);
        let id = self.id();
        if self.random.chance(50) {
            let version = 1 + self.random.below(9);
            page = Page::of(3).unwrap().after(Cursor::from_position(version));
        }
        let left = subject.events(id, &page).await;
        same(left, memory.events(id, &page).await, &page);
        if !self.known.is_empty() {
            let receipt = self.one(&self.known.clone()).2;
            let left = subject.find_by_receipt(&receipt).await;
            same(left, memory.find_by_receipt(&receipt).await, &"receipt");
        }
    }
}

async fn same_feed(subject: &dyn CaseStore, memory: &dyn CaseStore) {
    let mut page = Page::largest();
    loop {
        let left = subject.changes_since(&page).await.unwrap();
        let right = memory.changes_since(&page).await.unwrap();
        let told = |change: &solidarity_core::Change| {
            let at = change.recorded_at();
            (change.id(), change.kind().clone(), change.actor(), at)
        };
        assert!(
            left.items()
                .iter()
                .map(told)
                .eq(right.items().iter().map(told)),
            "the feeds differ"
        );
        assert_eq!(left.next().is_some(), right.next().is_some());
        match left.next().zip(left.items().last()) {
            Some((cursor, _)) => page = page.after(cursor.clone()),
            None => return,
        }
    }
}
