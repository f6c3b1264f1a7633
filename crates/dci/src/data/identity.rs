use super::object;
use super::person::person;
use crate::codes::BiometricType;

object! {
    /// What a person is recognized by
    /// (`extensions/id/v1/data/BiometricData.jsonld`).
    BiometricData {
        /// The data, as text; the standard does not say in which encoding.
        data: pii String,
        /// What it is.
        #[serde(rename = "type")]
        kind: BiometricType,
        /// Who sends it.
        issuer: pii String,
    }
}

person! {
    /// A person in an identity register (`extensions/id/v1/data/IDPerson.jsonld`).
    IdPerson {
        /// What the person is recognized by.
        biometric_data: BiometricData,
    }
}
