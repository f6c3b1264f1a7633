//! The journey, chapter by chapter.

use crate::world::World;
use crate::{
    admitting, appealing, complaining, consenting, deciding, paying, registering, settling,
    verifying,
};

/// Part of a saga: it finds all that it needs in the stores and in the names of
/// the cast, so that it can be run again.
pub(crate) type Step = fn(&World);

pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) steps: &'static [Step],
    /// What can be seen when it has happened.
    pub(crate) shows: Step,
}

pub(crate) const JOURNEY: &[Chapter] = &[
    Chapter {
        title: "households are registered",
        steps: &[registering::everybody],
        shows: registering::one_name_is_enough,
    },
    Chapter {
        title: "each is asked whether a clinic may have their number",
        steps: &[consenting::asked, consenting::used, consenting::withdrawn],
        shows: consenting::law_goes_on_and_consent_stops,
    },
    Chapter {
        title: "who will be paid shows who they are",
        steps: &[
            verifying::vouched_for,
            verifying::code_sent,
            verifying::everybody_asked,
        ],
        shows: verifying::nobody_is_left_without_a_way,
    },
    Chapter {
        title: "it is decided who is eligible, and who comes first",
        steps: &[
            deciding::programme_stated,
            deciding::money_granted,
            deciding::decided,
            deciding::enrolled,
            deciding::rejection_noticed,
        ],
        shows: deciding::every_outcome_is_explained,
    },
    Chapter {
        title: "the first payments are approved and sent",
        steps: &[
            |world| paying::entitled(world, 1),
            |world| paying::drafted(world, 1),
            |world| paying::approved(world, "cycle 1", "first approver"),
            |world| paying::approved(world, "cycle 1", "second approver"),
            |world| paying::released(world, "cycle 1"),
            |world| paying::sent(world, "cycle 1"),
        ],
        shows: settling::silence_is_not_failure,
    },
    Chapter {
        title: "the bank is asked what became of them",
        steps: &[settling::an_hour_later, settling::payee_heard],
        shows: settling::the_lost_are_found,
    },
    Chapter {
        title: "an account is closed, and the money comes back",
        steps: &[settling::days_later],
        shows: settling::money_comes_back,
    },
    Chapter {
        title: "it is paid again, at the post office",
        steps: &[
            settling::reissue_drafted,
            |world| paying::approved(world, "reissue", "first approver"),
            |world| paying::approved(world, "reissue", "second approver"),
            |world| paying::released(world, "reissue"),
            |world| paying::sent(world, "reissue"),
            settling::reissue_collected,
        ],
        shows: settling::a_reissue_counts_once,
    },
    Chapter {
        title: "a letter without a name is answered",
        steps: &[
            complaining::letter_opened,
            complaining::letter_taken_up,
            complaining::letter_answered,
            complaining::letter_fetched,
        ],
        shows: complaining::the_answer_waits_for_whoever_asks,
    },
    Chapter {
        title: "Tajiri appeals before the day of effect, and is dismissed",
        steps: &[
            appealing::tajiri_goes_to_the_office,
            appealing::tajiri_is_refused,
            appealing::tajiri_appeals,
            appealing::tajiri_is_dismissed,
        ],
        shows: appealing::an_appeal_holds_a_stop_back,
    },
    Chapter {
        title: "Neema's benefit is suspended",
        steps: &[appealing::neema_is_suspended],
        shows: appealing::nothing_stops_before_its_day,
    },
    Chapter {
        title: "what was asked is answered, and more money comes",
        steps: &[
            admitting::income_stated,
            admitting::more_money_granted,
            admitting::decided_again,
            admitting::admitted,
        ],
        shows: admitting::asking_and_waiting_end_well,
    },
    Chapter {
        title: "the second payments go out",
        steps: &[
            |world| paying::entitled(world, 2),
            |world| paying::drafted(world, 2),
            |world| paying::approved(world, "cycle 2", "first approver"),
            |world| paying::approved(world, "cycle 2", "second approver"),
            |world| paying::released(world, "cycle 2"),
            |world| paying::sent(world, "cycle 2"),
            |world| settling::next_day(world, 2),
        ],
        shows: settling::the_second_cycle_pays_who_waited,
    },
    Chapter {
        title: "Neema appeals",
        steps: &[
            appealing::neema_goes_to_the_office,
            appealing::neema_is_refused,
            appealing::neema_appeals,
        ],
        shows: appealing::who_decided_does_not_decide_again,
    },
    Chapter {
        title: "Neema is right",
        steps: &[appealing::neema_is_upheld],
        shows: appealing::what_was_withheld_is_owed,
    },
    Chapter {
        title: "the third payments go out, with the arrears",
        steps: &[
            |world| paying::entitled(world, 3),
            |world| paying::drafted(world, 3),
            |world| paying::approved(world, "cycle 3", "first approver"),
            |world| paying::approved(world, "cycle 3", "second approver"),
            |world| paying::released(world, "cycle 3"),
            |world| paying::sent(world, "cycle 3"),
            |world| settling::next_day(world, 3),
            appealing::remedy_carried_out,
        ],
        shows: settling::arrears_are_paid,
    },
];
