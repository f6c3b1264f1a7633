//! What is written validates against the standard's own OpenAPI.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod g2p;
mod messages;
mod patches;
mod platform;
mod registries;
mod schema;

use schema::{Document, Part, faults};

/// Every operation has schemas that can be built, closed too.
#[test]
fn every_operation_has_its_schemas() {
    let documents = [
        "spdci-openapi-2025-12-openspp-patched/social_api_v1.0.0.yaml",
        "spdci-openapi-2025-12-openspp-patched/crvs_api_v1.0.0.yaml",
        "spdci-openapi-2025-12-openspp-patched/ibr_api_v1.0.0.yaml",
        "spdci-openapi-2025-12-openspp-patched/dr_api_v1.0.0.yaml",
        "spdci-openapi-2025-12-openspp-patched/fr_api_v1.0.0.yaml",
        "g2p-connect-openapi/mapper_core_api_v1.0.0.yaml",
        "g2p-connect-openapi/disburse_core_api_v1.0.0.yaml",
    ];
    for file in documents {
        let Some(document) = Document::load(file) else {
            return;
        };
        for path in document.paths() {
            for part in [Part::Request, Part::Response] {
                for validator in [
                    document.validator(path, part),
                    document.closed_validator(path, part),
                ] {
                    let faults = faults(
                        &validator,
                        &serde_json::json!({"header": {}, "message": {}}),
                    );
                    assert!(!faults.is_empty(), "{file} {path} {part:?} takes anything");
                }
            }
        }
    }
}
