//! Rows become people.

use std::collections::{BTreeSet, HashSet};

use solidarity_core::PersonId;

use super::chunk::Entry;
use super::report::{Rejected, ReviewReason};
use super::row_decision::{RowDecision, decide_row};
use super::run::Run;
use crate::{Act, Command, Person, Refusal, Result};

/// A row for which more must be known than that nobody is registered.
struct Pending<'a> {
    at: usize,
    entry: &'a Entry,
    own: Option<PersonId>,
    holders: BTreeSet<PersonId>,
}

impl Pending<'_> {
    fn touches(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.own.iter().chain(&self.holders).copied()
    }
}

impl Run<'_> {
    /// Settles `entries`, in order. Gives for each the person whom it is
    /// about; `None` if it waits or was rejected.
    pub(super) async fn settle_people(
        &mut self,
        entries: &[&Entry],
    ) -> Result<Vec<Option<PersonId>>> {
        let mut settled = Vec::with_capacity(entries.len());
        let mut rest = entries;
        while !rest.is_empty() {
            let (wave, later) = rest
                .split_at_checked(self.wave_len(rest))
                .unwrap_or((rest, &[]));
            settled.extend(self.settle_wave(wave).await?);
            rest = later;
        }
        Ok(settled)
    }

    /// How many of `entries`, from the first, cannot be about one person:
    /// what one of them does, another need not see.
    fn wave_len(&self, entries: &[&Entry]) -> usize {
        let (mut people, mut identifiers) = (HashSet::new(), HashSet::new());
        entries
            .iter()
            .take_while(|entry| {
                people.insert(entry.own)
                    && entry
                        .identifiers(self.unique)
                        .collect::<HashSet<_>>()
                        .into_iter()
                        .all(|identifier| identifiers.insert(identifier))
            })
            .count()
            .max(1)
    }

    async fn settle_wave(&mut self, wave: &[&Entry]) -> Result<Vec<Option<PersonId>>> {
        let own: Vec<PersonId> = wave.iter().map(|entry| entry.own).collect();
        let known = self.target.people(&own).await?;
        let holders = self.holders(wave).await?;
        let mut settled = vec![None; wave.len()];
        let (mut simple, mut pending) = (Vec::new(), Vec::new());
        for (at, ((entry, known), holders)) in wave.iter().zip(known).zip(holders).enumerate() {
            let own = known.map(|person| person.id());
            let is_simple = own.is_some() || holders.is_empty();
            let row = Pending {
                at,
                entry,
                own,
                holders,
            };
            if is_simple {
                simple.push(row);
            } else {
                pending.push(row);
            }
        }
        // For who is registered already, the same command again tells whether
        // it was this very row that registered them.
        let commands: Vec<Command> = simple.iter().map(|row| self.register(row.entry)).collect();
        let outcomes = self.target.apply(&commands).await?;
        for (row, outcome) in simple.into_iter().zip(outcomes) {
            match (outcome, row.own) {
                (Ok(_), None) => self.registered(),
                (Ok(_), Some(_)) => self.unchanged(),
                (Err(_), Some(_)) => {
                    pending.push(row);
                    continue;
                }
                (Err(refused), None) => {
                    self.refuse(row.entry, &refused.refusal);
                    continue;
                }
            }
            put(&mut settled, row.at, row.entry.own);
        }
        pending.sort_by_key(|row| row.at);
        self.settle_pending(pending, &mut settled).await?;
        Ok(settled)
    }

    /// For each of `wave`, who holds an identifier of it.
    async fn holders(&mut self, wave: &[&Entry]) -> Result<Vec<BTreeSet<PersonId>>> {
        let mut counts = Vec::with_capacity(wave.len());
        let mut all = Vec::new();
        for entry in wave {
            let before = all.len();
            all.extend(entry.identifiers(self.unique));
            counts.push(all.len() - before);
        }
        let mut found = self.target.holders(&all).await?.into_iter();
        let of_row = |count| found.by_ref().take(count).flatten().collect();
        Ok(counts.into_iter().map(of_row).collect())
    }

    /// Settles rows that have to be decided, those together that touch
    /// different people.
    async fn settle_pending(
        &mut self,
        pending: Vec<Pending<'_>>,
        settled: &mut [Option<PersonId>],
    ) -> Result<()> {
        let mut rest = pending.as_slice();
        while !rest.is_empty() {
            let mut touched = HashSet::new();
            let count = rest
                .iter()
                .take_while(|row| row.touches().all(|person| touched.insert(person)))
                .count()
                .max(1);
            let (batch, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            self.decide(batch, settled).await?;
            rest = later;
        }
        Ok(())
    }

    async fn decide(
        &mut self,
        batch: &[Pending<'_>],
        settled: &mut [Option<PersonId>],
    ) -> Result<()> {
        let (mut commands, mut revising) = (Vec::new(), Vec::new());
        for row in batch {
            let touched: Vec<PersonId> = row.touches().collect();
            if let Some(person) = self.carried_out(row.entry, &touched).await? {
                self.unchanged();
                put(settled, row.at, person);
                continue;
            }
            let people = self.target.people(&touched).await?;
            let people: Vec<Person> = people.into_iter().flatten().collect();
            let own = people.iter().find(|p| Some(p.id()) == row.own);
            let holders: Vec<Person> = people
                .iter()
                .filter(|p| row.holders.contains(&p.id()))
                .cloned()
                .collect();
            match decide_row(&row.entry.facts.person, own, &holders, self.unique) {
                // The holder that was found is not there any more.
                RowDecision::Register => {
                    self.wait(row.entry, ReviewReason::ChangedMeanwhile);
                }
                RowDecision::Unchanged(person) => {
                    self.unchanged();
                    put(settled, row.at, person);
                }
                RowDecision::Review(reasons) => self.wait_for(row.entry, reasons),
                RowDecision::Revise(id, said) => {
                    if let Some(person) = people.iter().find(|p| p.id() == id) {
                        let on = self.mapping.effective_on.max(person.effective_on());
                        let act = Act::revise_person(id, person.version(), on, *said);
                        commands.push(Command::new(row.entry.command, act));
                        revising.push((row, id));
                    }
                }
            }
        }
        let outcomes = self.target.apply(&commands).await?;
        for ((row, person), outcome) in revising.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => {
                    self.revised();
                    put(settled, row.at, person);
                }
                Err(refused) => self.refuse(row.entry, &refused.refusal),
            }
        }
        Ok(())
    }

    /// Whom the row was carried out upon before, if it was.
    async fn carried_out(
        &mut self,
        entry: &Entry,
        people: &[PersonId],
    ) -> Result<Option<PersonId>> {
        for person in people {
            if self
                .target
                .was_done(entry.command, (*person).into())
                .await?
            {
                return Ok(Some(*person));
            }
        }
        Ok(None)
    }

    fn register(&self, entry: &Entry) -> Command {
        let person = entry.facts.person.clone();
        let act = Act::register_person(entry.own, self.mapping.effective_on, person);
        Command::new(entry.command, act)
    }

    fn refuse(&mut self, entry: &Entry, refusal: &Refusal) {
        match refusal {
            Refusal::Invalid(invalid) => self.reject(&Rejected::column(entry.line, invalid)),
            Refusal::Conflict { .. } | Refusal::AlreadyExists { .. } => {
                self.wait(entry, ReviewReason::ChangedMeanwhile);
            }
            _ => self.wait(entry, ReviewReason::NotTaken),
        }
    }
}

fn put(settled: &mut [Option<PersonId>], at: usize, person: PersonId) {
    if let Some(slot) = settled.get_mut(at) {
        *slot = Some(person);
    }
}
