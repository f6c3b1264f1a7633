//! What stands beside the messages: tokens, keys, places, and errors of the
//! transport.
//!
//! None of these documents is signed, and none has an envelope; [`read`] reads
//! them within the same [limits](crate::limits) as a message. Nothing here
//! fetches them.

mod http_error;
mod jwks;
mod locations;
mod token;

use serde::de::DeserializeOwned;

use crate::json::{Path, Read, Reading, parse};
use crate::{Fault, Leniency, Rule};

pub use http_error::{ErrorEnvelope, HttpError, HttpErrorResponse};
pub use jwks::{Jwk, JwkSet, KeyUse};
pub use locations::{HierarchyType, Location, LocationId, Locations};
pub use token::{
    AccessToken, ClientSecret, ExpiresIn, SCOPES, TOKEN_PATH, TokenRequest, TokenResponse,
};

/// Where a system publishes its keys: `GET`, a [`JwkSet`].
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// Where a civil registry publishes its places: `GET`, [`Locations`].
pub const LOCATIONS_PATH: &str = "/.well-known/locations.json";

/// Reads `document` as a `T`, and says what was tolerated.
///
/// ```
/// use solidarity_dci::platform::{self, HttpErrorResponse};
/// use solidarity_dci::{Leniency, Rule};
///
/// let read = |json: &str| platform::read::<HttpErrorResponse>(json.as_bytes(), &Leniency::none());
/// assert!(read(r#"{"errors":[{"code":"401"}]}"#).is_ok());
/// let fault = read(r#"{"errors":[{"code":401}]}"#).unwrap_err();
/// assert_eq!(fault.to_string(), "`errors[0].code` must be of the type that the standard gives it");
/// assert!(matches!(read(r#"{"errors":[],"errors":[]}"#).unwrap_err().rule(), Rule::Malformed(_)));
/// ```
///
/// # Errors
///
/// [`Fault`]: with [`Rule::Malformed`] if it is no JSON within the limits, each
/// name once; else the field that is not as the standard has it.
pub fn read<T: DeserializeOwned>(document: &[u8], leniency: &Leniency) -> Result<Read<T>, Fault> {
    let tree = parse(document).map_err(|malformed| Fault::new(Rule::Malformed(malformed)))?;
    let reading = Reading::new(*leniency);
    let value = crate::json::read(tree.root(), &Path::ROOT, &reading)?;
    Ok(Read {
        value,
        deviations: reading.into_deviations(),
    })
}
