use super::object;

object! {
    /// What a person is called (`core/v1/data/Name.jsonld`).
    ///
    /// Some deployments of FR and DR write `first_name` and `last_name`
    /// instead: see [`RecordHabit::FirstAndLastName`](super::RecordHabit).
    Name {
        /// The family name.
        surname: pii String,
        /// The first given name.
        given_name: pii String,
        /// The other given names.
        second_name: pii String,
        /// The family name at birth.
        maiden_name: pii String,
        /// What stands before the name, such as `Dr.`.
        prefix: pii String,
        /// What stands after it, such as `PhD`.
        suffix: pii String,
    }
}

impl Name {
    /// The name of somebody with these two.
    #[must_use]
    pub fn new(given: impl Into<String>, surname: impl Into<String>) -> Self {
        Self {
            given_name: Some(given.into().into()),
            surname: Some(surname.into().into()),
            ..Self::default()
        }
    }
}
