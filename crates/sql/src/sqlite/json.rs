//! Bodies as JSON text. What `serde_json` says of a bad body may quote it, so
//! only the place of the fault is passed on.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fail::Fail;

/// `value` as text.
pub(crate) fn to_text<T: Serialize, E>(value: &T) -> Result<String, Fail<E>> {
    serde_json::to_string(value).map_err(|_| Fail::unreadable("a body cannot be written as JSON"))
}

/// The value that `text` is.
pub(crate) fn from_text<T: DeserializeOwned, E>(text: &str) -> Result<T, Fail<E>> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!(
            "a stored {} cannot be read at line {} column {}",
            std::any::type_name::<T>(),
            error.line(),
            error.column()
        );
        Fail::Unreadable(place.into())
    })
}
