//! Writes: load what a command touches, let the payments crate decide, write
//! the answer back.

use std::collections::BTreeMap;

use rusqlite::Connection;
use solidarity_core::Stamp;
use solidarity_payments::{
    Batch, BatchDigest, BatchId, BatchState, ControlTotals, Decision, DraftFacts, Drafted, Line,
    LineEvent, NewBatch, Outcome, Recording, batch_news, event_news, replace,
};

use super::{FEED, Fail, rows};
use crate::sqlite::{changes, json};

const REISSUES: &str =
    "SELECT body FROM disbursement_line WHERE batch = ?1 AND replaces IS NOT NULL ORDER BY payment";

pub(super) fn draft(
    conn: &Connection,
    new: &NewBatch,
    revises: Option<BatchDigest>,
    stamp: &Stamp,
) -> Result<Batch, Fail> {
    let current = rows::batch(conn, new.id)?.map(|row| row.batch);
    let facts = facts(conn, new)?;
    let drafted = solidarity_payments::draft(new, revises, current.as_ref(), &facts, stamp);
    match drafted.map_err(Fail::refused)? {
        Drafted::Unchanged(batch) => Ok(*batch),
        Drafted::Written {
            batch,
            lines,
            totals,
        } => {
            rows::delete_lines(conn, batch.id())?;
            rows::put_batch(conn, &batch, &totals)?;
            for line in &lines {
                rows::insert_line(conn, line)?;
            }
            let kind = if current.is_some() { "revise" } else { "draft" };
            changes::append(conn, FEED, &batch_news(&batch, kind, stamp))?;
            Ok(*batch)
        }
    }
}

fn facts(conn: &Connection, new: &NewBatch) -> Result<DraftFacts, Fail> {
    let mut facts = DraftFacts::default();
    for instruction in &new.instructions {
        for id in [Some(instruction.id), instruction.replaces]
            .into_iter()
            .flatten()
        {
            if let Some(line) = rows::line(conn, id)? {
                facts.lines.insert(id, line);
            }
            if let Some(successor) = rows::successor(conn, id)? {
                facts.successors.insert(id, successor);
            }
        }
        if let Some(first) = rows::first(conn, instruction.entitlement)? {
            facts.first.insert(instruction.entitlement, first);
        }
    }
    Ok(facts)
}

pub(super) fn decide(
    conn: &Connection,
    id: BatchId,
    digest: BatchDigest,
    decision: Decision,
    stamp: &Stamp,
) -> Result<Batch, Fail> {
    let row = rows::get_batch(conn, id)?;
    let after = solidarity_payments::decide(&row.batch, digest, decision, stamp);
    let Some(after) = after.map_err(Fail::refused)? else {
        return Ok(row.batch);
    };
    let mut totals = row.totals;
    match decision {
        Decision::Approve => {}
        Decision::Release => release(conn, id, stamp)?,
        Decision::Withdraw => {
            rows::delete_lines(conn, id)?;
            totals = ControlTotals::empty(after.currency());
        }
    }
    rows::put_batch(conn, &after, &totals)?;
    changes::append(conn, FEED, &batch_news(&after, decision.name(), stamp))?;
    Ok(after)
}

/// Puts the reissues of the batch in the place of what they replace.
fn release(conn: &Connection, id: BatchId, stamp: &Stamp) -> Result<(), Fail> {
    let mut pairs: Vec<(Line, Line)> = Vec::new();
    let mut totals = BTreeMap::new();
    let mut statement = conn.prepare_cached(REISSUES)?;
    let mut found = statement.query([id.as_uuid().as_bytes()])?;
    while let Some(row) = found.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let line: Line = json::from_text(body)?;
        let Some(replaced) = line.instruction().replaces else {
            continue;
        };
        if let Some(old) = rows::line(conn, replaced)? {
            let origin = old.origin();
            totals.insert(origin, rows::get_batch(conn, origin)?.totals);
            pairs.push((line, old));
        }
    }
    let replacements = replace(&pairs, totals, stamp).map_err(Fail::refused)?;
    for line in &replacements.lines {
        rows::update_line(conn, line)?;
    }
    for (batch, totals) in &replacements.totals {
        rows::put_totals(conn, *batch, totals)?;
    }
    Ok(())
}

pub(super) fn record(
    conn: &Connection,
    events: &[LineEvent],
    stamp: &Stamp,
) -> Result<Vec<Outcome>, Fail> {
    let mut recording = Recording::default();
    for event in events {
        load(conn, event, &mut recording)?;
    }
    let outcomes = events
        .iter()
        .map(|event| recording.record(event, stamp))
        .collect();
    let written = recording.written();
    for line in written.lines {
        rows::update_line(conn, line)?;
    }
    for (batch, totals) in written.totals {
        rows::put_totals(conn, batch, totals)?;
    }
    for recorded in written.events {
        rows::insert_event(conn, recorded)?;
        changes::append(conn, FEED, &event_news(recorded))?;
    }
    Ok(outcomes)
}

/// Loads what `event` touches, where it is not loaded yet.
fn load(conn: &Connection, event: &LineEvent, recording: &mut Recording) -> Result<(), Fail> {
    if !recording.known.contains_key(&event.id)
        && let Some(known) = rows::event(conn, event.id)?
    {
        recording.known.insert(event.id, known);
    }
    if recording.lines.contains_key(&event.payment) {
        return Ok(());
    }
    let Some(line) = rows::line(conn, event.payment)? else {
        return Ok(());
    };
    for batch in [line.batch(), line.origin()] {
        if recording.totals.contains_key(&batch) {
            continue;
        }
        let row = rows::get_batch(conn, batch)?;
        if row.batch.state() == BatchState::Released {
            recording.released.insert(batch);
        }
        recording.totals.insert(batch, row.totals);
    }
    recording.lines.insert(line.id(), line);
    Ok(())
}
