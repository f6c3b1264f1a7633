use chrono::Weekday;

use super::{
    Action, ActionKind, Extension, Outcome, OutsideRemedy, Protected, RoleRule, State, Workflow,
};
use crate::{
    ActionName, BySensitivity, CategoryCode, ReasonCode, Role, Sensitivity, Span, StateName,
    WorkflowCode, WorkingCalendar,
};

/// A workflow to begin with: change what the country does otherwise, and
/// [`check`](Workflow::check) it.
///
/// A complaint is acknowledged within 24 hours and answered within 10 working
/// days; a sensitive one goes to management, which has 24 hours to take it up.
/// An answer can be appealed for 30 days after it reached the complainant. The
/// appeal is decided by someone else, within 10 working days; whoever refuses
/// it names the ombudsperson. What nobody does in time goes up a ladder.
///
/// | state | answered for by | clock | then to |
/// |---|---|---|---|
/// | `received` | `intake`; sensitive: `management` | 24 h | `supervisor`, `management`; sensitive: `oversight` |
/// | `in-review` | `handler`; sensitive: `management` | 8 working days | `supervisor`, `management`; sensitive: `oversight` |
/// | `appealed` | `appeals` | 10 working days | `oversight` |
///
/// Its numbers are common practice: acknowledgement in 24 hours (county
/// complaint rules in Kenya), routine answers in 10 working days and sensitive
/// ones before management in 24 hours (protocols of donor programmes), appeal
/// in 30 days. All are data.
#[must_use]
pub fn standard_workflow() -> Workflow {
    Workflow {
        code: WorkflowCode::from_static("standard-1"),
        entry: BySensitivity::all(state("received")),
        answer_within: BySensitivity::all(Span::WorkingDays(10)),
        appeal_within: Span::Days(30),
        reopen_within: Span::Days(30),
        escalate_every: Span::WorkingDays(2),
        extension: Extension::new(
            10,
            roles(&["supervisor", "oversight"]),
            ["complainant-away", "records-elsewhere", "site-unreachable"]
                .map(ReasonCode::from_static)
                .into(),
        ),
        calendar: WorkingCalendar::new(vec![Weekday::Sat, Weekday::Sun]),
        roles: standard_roles(),
        protected: vec![
            protected("abuse", Sensitivity::HighlySensitive),
            protected("corruption", Sensitivity::Sensitive),
            protected("data-breach", Sensitivity::Sensitive),
            protected("staff-conduct", Sensitivity::Sensitive),
        ],
        states: states(),
        actions: actions(),
    }
}

fn standard_roles() -> Vec<RoleRule> {
    let rule = |name, clearance| RoleRule::new(Role::from_static(name), clearance);
    vec![
        rule("intake", Sensitivity::Standard).seeing_complainant(),
        rule("handler", Sensitivity::Standard).seeing_complainant(),
        rule("supervisor", Sensitivity::Standard),
        rule("management", Sensitivity::HighlySensitive).seeing_complainant(),
        rule("appeals", Sensitivity::HighlySensitive).seeing_complainant(),
        rule("oversight", Sensitivity::HighlySensitive),
    ]
}

fn states() -> Vec<State> {
    let ladder = BySensitivity::split(roles(&["supervisor", "management"]), roles(&["oversight"]));
    let owner =
        |name| BySensitivity::split(Role::from_static(name), Role::from_static("management"));
    let elsewhere = || OutsideRemedy::new("the ombudsperson, or a court", Span::Days(90));
    vec![
        State::open(
            state("received"),
            owner("intake"),
            BySensitivity::all(Span::Hours(24)),
            ladder.clone(),
        ),
        State::open(
            state("in-review"),
            owner("handler"),
            BySensitivity::all(Span::WorkingDays(8)),
            ladder,
        ),
        State::open(
            state("appealed"),
            BySensitivity::all(Role::from_static("appeals")),
            BySensitivity::all(Span::WorkingDays(10)),
            BySensitivity::all(roles(&["oversight"])),
        )
        .independent(),
        State::end(state("upheld"), Outcome::Upheld),
        State::end(state("partly-upheld"), Outcome::PartlyUpheld),
        State::end(state("rejected"), Outcome::Rejected),
        State::end(state("withdrawn"), Outcome::Withdrawn),
        State::end(state("noted"), Outcome::Noted),
        State::end(state("redirected"), Outcome::Redirected),
        State::end(state("appeal-upheld"), Outcome::Upheld),
        State::end(state("appeal-partly-upheld"), Outcome::PartlyUpheld).outside(elsewhere()),
        State::end(state("appeal-rejected"), Outcome::Rejected).outside(elsewhere()),
    ]
}

fn actions() -> Vec<Action> {
    let first = ["received", "in-review"];
    let any = ["intake", "handler", "management"];
    let review = ["handler", "management"];
    let appeal = ["appeals", "oversight"];
    let by_complainant = ["complainant", "intake"];
    vec![
        action(
            "acknowledge",
            &["received"],
            "in-review",
            &["intake", "management"],
        ),
        action("uphold", &["in-review"], "upheld", &review),
        action("uphold-in-part", &["in-review"], "partly-upheld", &review),
        action("reject", &["in-review"], "rejected", &review),
        action("note", &first, "noted", &any),
        action("redirect", &first, "redirected", &any),
        action(
            "withdraw",
            &["received", "in-review", "appealed"],
            "withdrawn",
            &["complainant"],
        ),
        action(
            "appeal",
            &["rejected", "partly-upheld", "noted", "redirected"],
            "appealed",
            &by_complainant,
        )
        .of_kind(ActionKind::Appeal),
        action(
            "reopen",
            &["upheld", "appeal-upheld", "withdrawn"],
            "in-review",
            &by_complainant,
        )
        .of_kind(ActionKind::Reopening),
        action("uphold-appeal", &["appealed"], "appeal-upheld", &appeal),
        action(
            "uphold-appeal-in-part",
            &["appealed"],
            "appeal-partly-upheld",
            &appeal,
        ),
        action("dismiss-appeal", &["appealed"], "appeal-rejected", &appeal),
    ]
}

const fn state(name: &'static str) -> StateName {
    StateName::from_static(name)
}

fn roles(names: &[&'static str]) -> Vec<Role> {
    names.iter().map(|name| Role::from_static(name)).collect()
}

fn action(
    name: &'static str,
    from: &[&'static str],
    to: &'static str,
    by: &[&'static str],
) -> Action {
    let from = from.iter().map(|name| state(name)).collect();
    Action::new(ActionName::from_static(name), from, state(to), roles(by))
}

const fn protected(category: &'static str, sensitivity: Sensitivity) -> Protected {
    Protected::new(CategoryCode::from_static(category), sensitivity)
}
