/// Why an act is not allowed. Nothing was written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The workflow has no such action from the case's state.
    #[error("there is no such action from this state")]
    NotFromHere,
    /// No role of the officer allows it, or it is for someone else to do.
    #[error("the act is for another role")]
    NotYourRole,
    /// No role of the officer is cleared for cases this sensitive.
    #[error("the officer is not cleared for this case")]
    NotCleared,
    /// The case is about the officer, or about their office.
    #[error("the case concerns the officer")]
    ConflictOfInterest,
    /// The officer took part in the decision that is to be looked at again.
    #[error("the officer took a decision in this case")]
    NotIndependent,
    /// The case ended.
    #[error("the case has ended")]
    HasEnded,
    /// The case is open.
    #[error("the case has not ended")]
    NotEnded,
    /// The time to appeal or reopen is over.
    #[error("the time for it is over")]
    WindowClosed,
    /// A case does not end without an answer to the complainant.
    #[error("the complainant must be answered")]
    AnswerNeeded,
    /// A decision for the complainant says what they are owed.
    #[error("a decision for the complainant names a remedy")]
    RemedyNeeded,
    /// Only a decision for the complainant gives a remedy.
    #[error("only a decision for the complainant gives a remedy")]
    RemedyNotFitting,
    /// There is no such remedy, or no room for another.
    #[error("there is no such remedy, or no room for more")]
    NoSuchRemedy,
    /// It was done before.
    #[error("it was done before")]
    AlreadyDone,
    /// Nobody extends the clock of a case that is with themself or their
    /// role.
    #[error("nobody extends their own clock")]
    OwnClock,
    /// The clock has run out: it is late, and is not made timely afterwards.
    #[error("the clock has run out")]
    TooLate,
    /// The round's clocks would be extended beyond the cap.
    #[error("the extension goes beyond the cap")]
    BeyondCap,
    /// The workflow knows no such reason.
    #[error("the reason is not one of the workflow's")]
    UnknownReason,
    /// The case is not due for this rung of the ladder.
    #[error("the case is not due for this level")]
    NotDue,
    /// There is no answer of which the complainant is to be told.
    #[error("there is no answer to tell of")]
    NothingToTell,
    /// A case is never protected less.
    #[error("a case is never protected less")]
    LowersProtection,
    /// The case takes no more of these.
    #[error("the case holds as many of these as it may")]
    TooMany,
}
