//! The table of a payment's life, as a pure function.

use solidarity_core::Invalid;

use crate::line::TRIES_MAX;
use crate::{EventKind, Line, LineEvent, LineState, Reason, Refusal, Resolution};

use LineState::{
    Cancelled, Credited, InFlight, Prepared, Rejected, Returned, Submitting, Unknown, Unresolved,
};

/// What an event says to the table, once amounts and times are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Word {
    Submit,
    Resubmit,
    Accept,
    LoseAnswer,
    NotKnown,
    Reject,
    Credit,
    Return,
    /// Another amount than was asked for, or news that cannot follow what was
    /// said before.
    Odd,
    Cancel,
    Resolve(LineState),
    /// A fee or a payee's word, which change no state.
    Note,
}

/// The state after `word`; `None` where the table does not allow it.
const fn next(state: LineState, word: Word) -> Option<LineState> {
    Some(match (state, word) {
        (state, Word::Note) => state,

        // What we do.
        (Prepared, Word::Submit) => Submitting,
        (Submitting | Unknown, Word::Resubmit) => Submitting,
        (Submitting | Unknown, Word::LoseAnswer) => Unknown,
        (Prepared | Cancelled, Word::Cancel) => Cancelled,
        (Unknown | Unresolved, Word::Resolve(to)) => to,
        (_, Word::Submit | Word::Resubmit | Word::LoseAnswer) => return None,
        (_, Word::Cancel | Word::Resolve(_)) => return None,

        // What the rail says of a payment that it has, or may have.
        (Submitting | Unknown, Word::NotKnown) => Prepared,
        (Submitting | Unknown | InFlight, Word::Accept) => InFlight,
        (Submitting | Unknown | InFlight, Word::Reject) => Rejected,
        (Submitting | Unknown | InFlight, Word::Credit) => Credited,
        (Submitting | Unknown | InFlight, Word::Return) => Returned,
        (Credited, Word::Return) => Returned,

        // The same again, or late news of what came before.
        (Prepared | Rejected | Cancelled, Word::NotKnown) => state,
        (Credited | Rejected | Returned, Word::Accept) => state,
        (Credited | Returned, Word::Credit) => state,
        (Rejected, Word::Reject) => state,
        (Returned, Word::Return) => state,

        // A contradiction: never a silent overwrite.
        (_, Word::Accept | Word::NotKnown | Word::Reject) => Unresolved,
        (_, Word::Credit | Word::Return | Word::Odd) => Unresolved,
    })
}

/// What `event` says about `line`.
fn word(line: &Line, event: &LineEvent) -> Word {
    let earlier = event.at < line.since;
    let later = event.at > line.since;
    match &event.kind {
        EventKind::Submitting => Word::Submit,
        EventKind::Resubmitting => Word::Resubmit,
        EventKind::AnswerLost => Word::LoseAnswer,
        EventKind::NotKnown => Word::NotKnown,
        EventKind::Cancelled => Word::Cancel,
        EventKind::FeeCharged { .. } | EventKind::ReceiptStated { .. } => Word::Note,
        EventKind::Resolved { to } => Word::Resolve(match to {
            Resolution::Credited => Credited,
            Resolution::Rejected(_) => Rejected,
            Resolution::Returned(_) => Returned,
        }),
        // "I have it already" tells nothing of what became of it: ask.
        EventKind::Rejected {
            reason: Reason::Duplicate,
        } => match line.state {
            Submitting | Unknown => Word::LoseAnswer,
            _ => Word::Accept,
        },
        EventKind::Rejected { .. } => Word::Reject,
        // After the rejection, not merely told after it.
        EventKind::Accepted { .. } if line.state == Rejected && later => Word::Odd,
        EventKind::Accepted { .. } => Word::Accept,
        EventKind::Credited { amount, .. } if *amount != line.amount() => Word::Odd,
        EventKind::Credited { .. } if line.state == Returned && later => Word::Odd,
        EventKind::Credited { .. } => Word::Credit,
        EventKind::Returned { amount, .. } if *amount != line.amount() => Word::Odd,
        EventKind::Returned { .. } if line.state == Credited && earlier => Word::Odd,
        EventKind::Returned { .. } => Word::Return,
    }
}

/// The line after `event`, which is recorded at `recorded_at`.
///
/// Every accepted event is one version on, also one that changes no state.
///
/// # The table
///
/// | from \ event | submit | resubmit | accepted | answer lost | not known | rejected | credited | returned | other amount | cancel | resolve |
/// |---|---|---|---|---|---|---|---|---|---|---|---|
/// | prepared | submitting | – | *unresolved* | – | = | *unresolved* | *unresolved* | *unresolved* | *unresolved* | cancelled | – |
/// | submitting | – | submitting | in flight | unknown | prepared | rejected | credited | returned | *unresolved* | – | – |
/// | in flight | – | – | = | – | *unresolved* | rejected | credited | returned | *unresolved* | – | – |
/// | unknown | – | submitting | in flight | = | prepared | rejected | credited | returned | *unresolved* | – | as decided |
/// | credited | – | – | = | – | *unresolved* | *unresolved* | = | returned | *unresolved* | – | – |
/// | rejected | – | – | = | – | = | = | *unresolved* | *unresolved* | *unresolved* | – | – |
/// | returned | – | – | = | – | *unresolved* | *unresolved* | = | = | *unresolved* | – | – |
/// | cancelled | – | – | *unresolved* | – | = | *unresolved* | *unresolved* | *unresolved* | *unresolved* | = | – |
/// | unresolved | – | – | = | – | = | = | = | = | = | – | as decided |
///
/// `–` is refused, `=` is recorded and changes nothing. Times are compared
/// where they tell: a credit dated after the return, a return dated before
/// the credit and an acceptance dated after the rejection are contradictions.
/// A rejection for [`Reason::Duplicate`] says that the rail has the payment,
/// and is an answer lost. A fee or a payee's word changes no state.
///
/// # Errors
///
/// - [`Refusal::Conflict`] if an act was decided on another version.
/// - [`Refusal::NotAllowed`] where the table has a dash, or the payment was
///   handed over [`TRIES_MAX`](crate::TRIES_MAX) times.
/// - [`Refusal::Invalid`] for an act with no version, or a fee that is not
///   above zero in the payment's currency.
pub fn transition(
    line: &Line,
    event: &LineEvent,
    recorded_at: chrono::DateTime<chrono::Utc>,
) -> Result<Line, Refusal> {
    match event.expected {
        Some(expected) if expected != line.version => {
            return Err(Refusal::Conflict {
                actual: line.version,
            });
        }
        None if event.kind.is_act() => {
            return Err(Invalid::new("expected", "must be the version that an act is on").into());
        }
        _ => {}
    }
    let word = word(line, event);
    let submits = matches!(word, Word::Submit | Word::Resubmit);
    let state = next(line.state, word)
        .filter(|_| !submits || line.tries < TRIES_MAX)
        .ok_or(Refusal::NotAllowed {
            state: line.state,
            event: event.kind.name(),
        })?;
    let mut line = line.clone();
    line.version = line.version.next();
    line.recorded_at = recorded_at;
    if submits {
        line.tries += 1;
        line.submitted_at = Some(event.at);
    }
    note(&mut line, event)?;
    if state != line.state {
        line.state = state;
        line.since = event.at;
        let bucket = state.bucket();
        let moved = line.trail.last().is_none_or(|(_, last)| *last != bucket);
        if line.replaced_by.is_none() && moved {
            line.trail.push((line.version, bucket));
        }
    }
    Ok(line)
}

/// Keeps what `event` says beside the state.
fn note(line: &mut Line, event: &LineEvent) -> Result<(), Refusal> {
    match &event.kind {
        EventKind::Accepted { reference } => line.reference = Some(reference.clone()),
        EventKind::Credited { amount, entry } if *amount == line.amount() => {
            let entry = line.credited_by.take().or_else(|| entry.clone());
            line.credited_by = entry;
        }
        EventKind::Rejected {
            reason: Reason::Duplicate,
        } => {}
        EventKind::Returned { reason, entry, .. } => {
            line.reason = Some(reason.clone());
            let entry = line.returned_by.take().or_else(|| entry.clone());
            line.returned_by = entry;
        }
        EventKind::Rejected { reason }
        | EventKind::Resolved {
            to: Resolution::Rejected(reason) | Resolution::Returned(reason),
        } => line.reason = Some(reason.clone()),
        EventKind::FeeCharged { amount } => {
            let refused = || Invalid::new("fee", "must be above zero in the payment's currency");
            if !amount.is_positive() {
                return Err(refused().into());
            }
            line.fees = line.fees.checked_add(*amount).map_err(|_| refused())?;
        }
        EventKind::ReceiptStated { receipt } => line.receipt = Some(*receipt),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use solidarity_core::{
        CycleId, EntitlementId, Money, PaymentId, PersonId, ProgrammeId, Version,
    };

    use super::*;
    use crate::{BatchId, FinancialAddress, Instruction, RailCode, RailReference, Receipt};

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn money(minor: i128) -> Money {
        Money::from_minor(minor, "KES".parse().unwrap()).unwrap()
    }

    fn line(state: LineState) -> Line {
        let person = PersonId::derive(&CycleId::from_uuid(Default::default()), "payee");
        let instruction = Instruction::new(
            PaymentId::derive(&person, "payment"),
            person,
            FinancialAddress::account(RailCode::from_static("bank"), "1").unwrap(),
            money(1_000),
            EntitlementId::derive(&person, "entitlement"),
        );
        let batch = BatchId::derive(&person, "batch");
        let programme = ProgrammeId::derive(&person, "programme");
        let mut line = Line::begin(instruction, batch, programme, batch, at(10));
        line.state = state;
        line.trail = vec![(Version::FIRST, state.bucket())];
        line
    }

    fn news(hours: i64, kind: EventKind) -> LineEvent {
        let mut event = LineEvent::act(&line(Prepared), at(hours), kind);
        if !event.kind.is_act() {
            event.expected = None;
        }
        event
    }

    fn accepted() -> EventKind {
        EventKind::Accepted {
            reference: RailReference::from_static("r"),
        }
    }

    fn rejected() -> EventKind {
        EventKind::Rejected {
            reason: Reason::AccountClosed,
        }
    }

    fn credited(minor: i128) -> EventKind {
        EventKind::Credited {
            amount: money(minor),
            entry: None,
        }
    }

    fn returned(minor: i128) -> EventKind {
        EventKind::Returned {
            amount: money(minor),
            reason: Reason::NotCollected,
            entry: None,
        }
    }

    const WORDS: [Word; 11] = [
        Word::Submit,
        Word::Resubmit,
        Word::Accept,
        Word::LoseAnswer,
        Word::NotKnown,
        Word::Reject,
        Word::Credit,
        Word::Return,
        Word::Odd,
        Word::Cancel,
        Word::Resolve(Rejected),
    ];

    /// The documented table, every state and every event: what the
    /// documentation promises is what the code does.
    #[test]
    fn the_table_is_the_one_documented() {
        let named = |state: LineState| {
            let name = format!("{state:?}").to_lowercase();
            if state == InFlight {
                "in flight".to_owned()
            } else {
                name
            }
        };
        let source = include_str!("transition.rs");
        for state in LineState::ALL {
            let head = format!("/// | {} |", named(state));
            let row = source.lines().find_map(|l| l.strip_prefix(&head)).unwrap();
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            for (word, cell) in WORDS.into_iter().zip(&cells) {
                let expected = match *cell {
                    "–" => None,
                    "=" => Some(named(state)),
                    "as decided" => Some(named(Rejected)),
                    other => Some(other.trim_matches('*').to_owned()),
                };
                assert_eq!(
                    next(state, word).map(named),
                    expected,
                    "{state:?} on {word:?}"
                );
            }
            assert_eq!(next(state, Word::Note), Some(state));
        }
    }

    /// Money that may be with the payee is never free to be sent again: the
    /// only ways back to `Prepared` begin where a rail says that it does not
    /// know the payment.
    #[test]
    fn only_a_rail_that_does_not_know_a_payment_frees_it() {
        for state in LineState::ALL {
            for word in WORDS {
                if state != Prepared && next(state, word) == Some(Prepared) {
                    assert_eq!(word, Word::NotKnown);
                    assert!(matches!(state, Submitting | Unknown));
                }
            }
        }
    }

    #[test]
    fn another_amount_is_never_a_credit() {
        for state in LineState::ALL {
            for minor in [999, 1_001] {
                for kind in [credited(minor), returned(minor)] {
                    let next = transition(&line(state), &news(11, kind), at(12)).unwrap();
                    assert_eq!(next.state, Unresolved);
                }
            }
        }
    }

    #[test]
    fn times_tell_late_news_from_a_contradiction() {
        for (from, kind, hours, to) in [
            (Rejected, accepted(), 9, Rejected),
            (Rejected, accepted(), 11, Unresolved),
            (Returned, credited(1_000), 9, Returned),
            (Returned, credited(1_000), 10, Returned),
            (Returned, credited(1_000), 11, Unresolved),
            (Credited, returned(1_000), 9, Unresolved),
            (Credited, returned(1_000), 10, Returned),
        ] {
            let next = transition(&line(from), &news(hours, kind.clone()), at(12)).unwrap();
            assert_eq!(next.state, to, "{from:?} {kind:?} at {hours}");
        }
    }

    #[test]
    fn a_duplicate_is_a_payment_that_the_rail_has() {
        let duplicate = || EventKind::Rejected {
            reason: Reason::Duplicate,
        };
        for (from, to) in [
            (Submitting, Unknown),
            (Unknown, Unknown),
            (InFlight, InFlight),
            (Prepared, Unresolved),
        ] {
            let next = transition(&line(from), &news(11, duplicate()), at(12)).unwrap();
            assert_eq!((next.state, next.reason), (to, None));
        }
    }

    #[test]
    fn an_act_on_another_version_is_refused() {
        let line = line(Prepared);
        let mut act = LineEvent::act(&line, at(11), EventKind::Submitting);
        act.expected = Some(Version::FIRST.next());
        let conflict = Refusal::Conflict {
            actual: Version::FIRST,
        };
        assert_eq!(transition(&line, &act, at(12)), Err(conflict));
        act.expected = None;
        assert!(matches!(
            transition(&line, &act, at(12)),
            Err(Refusal::Invalid(_))
        ));
    }

    /// Two processes that read one line and decide the same at the same time:
    /// the second must not take the first one's act for its own repeat.
    #[test]
    fn the_same_act_decided_twice_is_two_acts() {
        let line = line(Prepared);
        let [one, other] = [0, 1].map(|_| LineEvent::act(&line, at(11), EventKind::Submitting));
        assert_ne!(one.id, other.id);
        let first = transition(&line, &one, at(12)).unwrap();
        assert!(matches!(
            transition(&first, &other, at(12)),
            Err(Refusal::Conflict { .. })
        ));
    }

    #[test]
    fn a_payment_is_tried_a_bounded_number_of_times() {
        let mut line = line(Prepared);
        for _ in 0..TRIES_MAX {
            for kind in [EventKind::Submitting, EventKind::NotKnown] {
                let act = LineEvent::act(&line, at(11), kind);
                line = transition(&line, &act, at(12)).unwrap();
            }
        }
        let once_more = LineEvent::act(&line, at(11), EventKind::Submitting);
        assert!(matches!(
            transition(&line, &once_more, at(12)),
            Err(Refusal::NotAllowed { .. })
        ));
        let cancel = LineEvent::act(&line, at(11), EventKind::Cancelled);
        assert_eq!(transition(&line, &cancel, at(12)).unwrap().state, Cancelled);
    }

    #[test]
    fn fees_and_receipts_stand_beside_the_state() {
        for state in LineState::ALL {
            let fee = news(11, EventKind::FeeCharged { amount: money(25) });
            let said = news(
                11,
                EventKind::ReceiptStated {
                    receipt: Receipt::NotReceived,
                },
            );
            let before = line(state);
            let after = transition(&before, &fee, at(12)).unwrap();
            let after = transition(&after, &said, at(12)).unwrap();
            assert_eq!((after.state, after.amount()), (state, before.amount()));
            assert_eq!(after.fees, money(25));
            assert_eq!(after.receipt, Some(Receipt::NotReceived));
            let nothing = news(11, EventKind::FeeCharged { amount: money(0) });
            assert!(transition(&before, &nothing, at(12)).is_err());
        }
    }

    #[test]
    fn every_act_says_its_reason_and_reference() {
        let sent = line(Submitting);
        let taken = transition(&sent, &news(11, accepted()), at(12)).unwrap();
        assert_eq!(taken.reference.unwrap().as_str(), "r");
        let refused = transition(&sent, &news(11, rejected()), at(12)).unwrap();
        assert_eq!(refused.reason, Some(Reason::AccountClosed));
    }
}
