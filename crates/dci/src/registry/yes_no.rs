use serde::{Deserialize, Serialize};

/// `yes` or `no`, where a register answers no more than that.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(
    clippy::exhaustive_enums,
    reason = "neither of them may be guessed from something else"
)]
pub enum YesNo {
    /// It is so.
    Yes,
    /// It is not so.
    No,
}
