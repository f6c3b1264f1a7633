//! Tokens, keys, places and errors of HTTP.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use solidarity_dci::platform::{
    AccessToken, ClientSecret, ErrorEnvelope, ExpiresIn, HttpError, HttpErrorResponse, JWKS_PATH,
    Jwk, JwkSet, KeyUse, LOCATIONS_PATH, Location, LocationId, Locations, SCOPES, TOKEN_PATH,
    TokenRequest, TokenResponse,
};
use solidarity_dci::{CorrelationId, ErrorCode, Leniency, Note, Term, platform};
use solidarity_signing::{Key, KeySet, PartyId, SigningKey};

use crate::messages::at;
use crate::registries::{members, without};
use crate::schema::{Document, faults};

const AUTHZ: [&str; 2] = [
    "g2p-connect-openapi/authz_core_api_v1.0.0.yaml",
    "spdci-standards-openapi-2025-01/authz_core_api_v1.0.0.yaml",
];
const JWKS: &str = "spdci-standards-openapi-2025-01/jwks_core_api_v1.0.0.yaml";
const LOCATIONS: &str = "spdci-standards-openapi-2025-01/locations_core_api_v1.0.0.yaml";

fn term(text: &str) -> Term {
    Term::new(text).unwrap()
}

fn note() -> Note {
    Note::new("a token is needed").unwrap()
}

/// The pointer of what a `200` of `path` holds.
fn answer(path: &str, method: &str) -> String {
    let path = path.replace('/', "~1");
    format!("/paths/{path}/{method}/responses/200/content/application~1json/schema")
}

/// Checks `value` against the schema at `pointer`, and that it is none any more
/// without any one of its members but the `optional` ones.
fn check(file: &str, pointer: &str, value: &Value, optional: &[&str]) {
    let Some(document) = Document::load(file) else {
        return;
    };
    let validator = document.validator_at(pointer);
    let faults = faults(&validator, value);
    assert!(faults.is_empty(), "{file}{pointer}: {faults:#?}\n{value:#}");
    let mut all = Vec::new();
    members(value, "", &mut all);
    all.retain(|member| validator.is_valid(&without(value, member)));
    assert_eq!(all, optional, "{file}{pointer}");
}

#[test]
fn a_request_for_a_token_is_a_form_of_the_standard() {
    let mut request = TokenRequest::new(term("1001"), ClientSecret::new("not-a-secret").unwrap());
    for scope in SCOPES {
        request = request.with_scope(term(scope)).unwrap();
    }
    let form = request.form().into_iter();
    let form: Map<_, _> = form
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    for file in AUTHZ {
        let schema = "/components/schemas/OAuth2ClientTokenRequest";
        check(file, schema, &json!(form), &["/scope"]);
    }
}

#[test]
fn a_token_is_a_document_of_the_standard() {
    let token = AccessToken::new("2YotnFZFEjr1zCsicMWpAA").unwrap();
    let expires = ExpiresIn::new(TimeDelta::hours(1)).unwrap();
    let token = json!(TokenResponse::bearer(token, expires));
    let read = platform::read::<TokenResponse>(token.to_string().as_bytes(), &Leniency::none());
    assert_eq!(json!(read.unwrap().value), token);
    for file in AUTHZ {
        check(file, &answer(TOKEN_PATH, "post"), &token, &["/expires_in"]);
    }
}

/// The standard's list, whose last value, `<etc>`, is none.
#[test]
fn the_scopes_are_those_that_the_standard_lists() {
    let Some(document) = Document::load(AUTHZ[0]) else {
        return;
    };
    let listed = document
        .listed("components schemas OidcScope items")
        .unwrap();
    let listed: Vec<_> = listed
        .into_iter()
        .filter(|scope| *scope != "<etc>")
        .collect();
    assert_eq!(listed, SCOPES);
}

/// As `signing` writes them, with nothing added, and keys for encryption beside
/// them.
#[test]
fn the_keys_of_a_system_are_a_document_of_the_standard() {
    let owner = PartyId::new("sr.example").unwrap();
    let mut keys = KeySet::new(owner.clone());
    for key in [SigningKey::generate_ed25519(), SigningKey::generate_es256()] {
        keys.add(Key::new(key.unwrap().public().clone())).unwrap();
    }
    let mut document = JwkSet::of(&keys, at()).unwrap();
    assert_eq!(json!(document).to_string(), keys.to_jwks(at()));

    let material = serde_json::from_value(json!({"n": "AQAB", "e": "AQAB"})).unwrap();
    let (kty, alg) = (term("RSA"), term("RSA-OAEP-256"));
    document
        .keys
        .push(Jwk::new(kty, term("e-1"), KeyUse::Encryption, alg, material).unwrap());
    let written = json!(document);
    let read = platform::read::<JwkSet>(written.to_string().as_bytes(), &Leniency::none());
    assert_eq!(read.unwrap().value, document);
    assert_eq!(document.key_set(owner).unwrap().keys(), keys.keys());
    assert_eq!(document.encryption_keys().count(), 1);

    let optional = [
        "/keys/0/crv",
        "/keys/0/x",
        "/keys/1/crv",
        "/keys/1/x",
        "/keys/1/y",
        "/keys/2/e",
        "/keys/2/n",
    ];
    check(JWKS, &answer(JWKS_PATH, "get"), &written, &optional);
}

#[test]
fn the_places_of_a_registry_are_a_document_of_the_standard() {
    let root = Location::root(term("1"), term("Country"));
    let mut place = Location::within(term("2"), term("Clinic"), term("1"));
    place.additional_type = Some(term("crvs:HEALTH_FACILITY"));
    place.identifier = vec![LocationId::new(term("crvs-location"), term("c-2"))];
    let mut document = Locations::new(vec![root, place]);
    document.last_updated = Some(at().into());
    let written = json!(document);
    let read = platform::read::<Locations>(written.to_string().as_bytes(), &Leniency::none());
    assert_eq!(read.unwrap().value, document);
    let optional = [
        "/last_updated",
        "/locations",
        "/locations/0/@type",
        "/locations/0/contained_in_place",
        "/locations/1/@type",
        "/locations/1/additional_type",
        "/locations/1/contained_in_place",
        "/locations/1/identifier",
        "/locations/1/identifier/0/@type",
        "/locations/1/identifier/0/identifier",
        "/locations/1/identifier/0/name",
    ];
    check(
        LOCATIONS,
        &answer(LOCATIONS_PATH, "get"),
        &written,
        &optional,
    );
}

#[test]
fn an_error_is_a_document_of_the_standard_and_an_acknowledgement() {
    let error = HttpError::new(term("401"), Some(note()));
    let schema = |name| format!("/components/responses/{name}/content/application~1json/schema");
    let errors = ["/errors", "/errors/0/code", "/errors/0/message"];
    let written = json!(HttpErrorResponse::new(vec![error]));
    check(JWKS, &schema("HttpErrorResponse"), &written, &errors);

    let correlation = CorrelationId::new("c-1").unwrap();
    let both = ErrorEnvelope::new(correlation, at(), ErrorCode::Unauthorized, Some(note()));
    let written = json!(both);
    let file = "g2p-connect-openapi/mapper_core_api_v1.0.0.yaml";
    let optional = [
        "/errors",
        "/errors/0/code",
        "/errors/0/message",
        "/message",
        "/message/error",
        "/message/error/code",
        "/message/error/message",
    ];
    check(file, &schema("Response"), &written, &optional);
    let Some(document) = Document::load(file) else {
        return;
    };
    let validator = document.validator_at(&schema("HttpErrorResponse"));
    assert!(validator.is_valid(&written));
    assert!(!validator.is_valid(&json!({"errors": [{"code": 401}]})));
}
