/// The result of a fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why linkage did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The fields do not make a schema.
    #[error("the schema {rule}")]
    #[non_exhaustive]
    Schema {
        /// The rule that they break.
        rule: &'static str,
    },

    /// A row cannot be taken. None of it was.
    #[error("{field} {rule}")]
    #[non_exhaustive]
    Row {
        /// The field's name, or `the row`.
        field: String,
        /// The rule that it breaks.
        rule: &'static str,
    },

    /// An option is out of its range.
    #[error("`{option}` {rule}")]
    #[non_exhaustive]
    Option {
        /// Which.
        option: &'static str,
        /// The rule that it breaks.
        rule: &'static str,
    },

    /// There is no record of this number.
    #[error("there is no record {record}")]
    #[non_exhaustive]
    NotFound {
        /// The number.
        record: usize,
    },

    /// The bytes are not those of a saved index, or of another version of it.
    #[error("the bytes are not those of a saved index")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The caller asked to stop.
    #[error("stopped, as it was asked to")]
    Cancelled,
}
