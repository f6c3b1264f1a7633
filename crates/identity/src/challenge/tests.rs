use solidarity_core::Purpose;

use super::*;

fn at(seconds: i64) -> Stamp {
    let at = DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap();
    Stamp::new(at, ActorId::generate(), Purpose::from_static("test"))
}

fn tag(n: u8) -> CodeTag {
    CodeTag::from_bytes([n; 32])
}

fn open() -> Challenge {
    let new = NewChallenge::new(PersonId::generate(), tag(1));
    let id = ChallengeId::generate();
    CodeRules::default().issue([], id, &new, &at(0)).unwrap()
}

#[test]
fn every_state_answers_every_try_as_its_table_says() {
    use ChallengeState::{Exhausted, Open, Superseded, Used, Withdrawn};
    let rules = CodeRules::default();
    let try_once = |state, seconds, n| {
        let challenge = Challenge { state, ..open() };
        rules.attempt(&challenge, AttemptId::generate(), &tag(n), &at(seconds))
    };
    for (state, seconds, n, answer, after) in [
        (Open, 0, 1, CodeAnswer::Right, Some(Used)),
        (Open, 299, 1, CodeAnswer::Right, Some(Used)),
        (Open, 299, 2, CodeAnswer::Wrong, Some(Open)),
        (Open, 300, 1, CodeAnswer::Closed(Closed::Expired), None),
        (Open, 300, 2, CodeAnswer::Closed(Closed::Expired), None),
        (Used, 0, 1, CodeAnswer::Closed(Closed::Used), None),
        (Used, 300, 2, CodeAnswer::Closed(Closed::Used), None),
        (Exhausted, 0, 1, CodeAnswer::Closed(Closed::Exhausted), None),
        (
            Superseded,
            0,
            1,
            CodeAnswer::Closed(Closed::Superseded),
            None,
        ),
        (Withdrawn, 0, 1, CodeAnswer::Closed(Closed::Withdrawn), None),
    ] {
        let (said, changed) = try_once(state, seconds, n).unwrap();
        assert_eq!(said, answer, "{state:?} at {seconds}");
        assert_eq!(changed.map(|c| c.state()), after, "{state:?} at {seconds}");
    }
}

#[test]
fn the_last_try_closes_the_challenge() {
    let rules = CodeRules::default();
    let mut challenge = open();
    for tried in 1..=rules.tries {
        let attempt = AttemptId::generate();
        let (said, after) = rules.attempt(&challenge, attempt, &tag(9), &at(0)).unwrap();
        assert_eq!(said, CodeAnswer::Wrong);
        challenge = after.unwrap();
        let (again, unchanged) = rules.attempt(&challenge, attempt, &tag(9), &at(0)).unwrap();
        assert_eq!((again, unchanged), (CodeAnswer::Wrong, None));
        let full = tried == rules.tries;
        assert_eq!(challenge.state() == ChallengeState::Exhausted, full);
    }
    let (said, _) = rules
        .attempt(&challenge, AttemptId::generate(), &tag(1), &at(0))
        .unwrap();
    assert_eq!(said, CodeAnswer::Closed(Closed::Exhausted));
}

#[test]
fn a_person_is_sent_so_many_codes_in_a_window() {
    let rules = CodeRules::default();
    let new = NewChallenge::new(PersonId::generate(), tag(1));
    let mut sent = Vec::new();
    for seconds in [0, 10, 20] {
        let id = ChallengeId::generate();
        sent.push(rules.issue(&sent, id, &new, &at(seconds)).unwrap());
    }
    let id = ChallengeId::generate();
    for (seconds, until) in [(20, Some(900)), (899, Some(900)), (900, None)] {
        match (rules.issue(&sent, id, &new, &at(seconds)), until) {
            (Ok(_), None) => {}
            (Err(Error::TooManyCodes { until, .. }), Some(expected)) => {
                assert_eq!(until, at(expected).at());
            }
            other => panic!("at {seconds}: {other:?}"),
        }
    }
    // One that never arrived does not count.
    sent[1] = sent[1].ended_as(ChallengeState::Withdrawn).unwrap();
    assert!(rules.issue(&sent, id, &new, &at(20)).is_ok());
}

#[test]
fn rules_out_of_bounds_are_refused() {
    let rules = CodeRules::default();
    assert_eq!(rules.check(), Ok(()));
    for (bad, field) in [
        (CodeRules { digits: 5, ..rules }, "digits"),
        (
            CodeRules {
                digits: 11,
                ..rules
            },
            "digits",
        ),
        (CodeRules { tries: 0, ..rules }, "tries"),
        (CodeRules { tries: 11, ..rules }, "tries"),
        (CodeRules { sends: 0, ..rules }, "sends"),
        (
            CodeRules {
                lifetime_seconds: 29,
                ..rules
            },
            "lifetime_seconds",
        ),
        (
            CodeRules {
                window_seconds: 86_401,
                ..rules
            },
            "window_seconds",
        ),
    ] {
        assert_eq!(bad.check().unwrap_err().field(), field);
    }
}

#[test]
fn a_tag_does_not_show_itself() {
    assert_eq!(format!("{:?}", tag(7)), "CodeTag(..)");
}
