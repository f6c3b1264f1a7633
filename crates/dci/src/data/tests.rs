//! The data objects against the classes of the standard's JSON-LD.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::*;
use crate::Leniency;
use crate::json::Object;

pub(super) fn vectors() -> Option<PathBuf> {
    let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return None;
    };
    Some(Path::new(&vectors).join("dci"))
}

pub(super) fn load(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub(super) fn object(value: &Value) -> Object {
    Object::new(value.as_object().unwrap().clone())
}

/// What is known of one type: what it writes again, what it did not know, and
/// how it is shown.
type Check = fn(&Object) -> (Object, Object, String);

macro_rules! classes {
    ($( $type:ident: $($file:literal)+; )+) => {
        vec![$((
            stringify!($type),
            vec![$($file),+],
            (|object| {
                let read = object.read::<$type>(&Leniency::none()).unwrap().value;
                (Object::of(&read).unwrap(), read.other.clone(), format!("{read:?}"))
            }) as Check,
        )),+]
    };
}

/// Each type, and the files whose properties it has.
fn classes() -> Vec<(&'static str, Vec<&'static str>, Check)> {
    classes! {
        Address: "core/v1/data/Address";
        DisabilityInfo: "core/v1/data/DisabilityInfo";
        GeoCoordinates: "core/v1/data/Geocoordinates";
        GeoLocation: "core/v1/data/GeoLocation";
        GeoShape: "core/v1/data/GeoShape";
        Group: "core/v1/data/Group" "extensions/social/v1/data/Group" "extensions/dr/v1/data/Group"
            "extensions/fr/v1/data/Group" "extensions/ibr/v1/data/Group";
        Identifier: "core/v1/data/Identifier";
        Member: "core/v1/data/Member" "extensions/social/v1/data/Member"
            "extensions/dr/v1/data/Member" "extensions/fr/v1/data/Member"
            "extensions/ibr/v1/data/Member";
        Name: "core/v1/data/Name";
        Person: "core/v1/data/Person" "extensions/social/v1/data/SRPerson"
            "extensions/dr/v1/data/DRPerson" "extensions/ess/v1/data/ESSPerson"
            "extensions/fr/v1/data/FRPerson" "extensions/ibr/v1/data/IBRPerson";
        Place: "core/v1/data/Place";
        RelatedPerson: "core/v1/data/RelatedPerson";
        CrvsPerson: "core/v1/data/Person" "extensions/crvs/v1/data/CRVSPerson";
        AnimalAssistance: "extensions/dr/v1/data/AnimalAssistance";
        AssistiveTechnology: "extensions/dr/v1/data/AssistiveTechnology";
        DisabilityDetails: "extensions/dr/v1/data/DisabilityDetails";
        DisabilitySupport: "extensions/dr/v1/data/DisabilitySupport";
        HousingSupport: "extensions/dr/v1/data/HousingSupport";
        HumanAssistance: "extensions/dr/v1/data/HumanAssistance";
        MedicalCare: "extensions/dr/v1/data/MedicalCare";
        PwdPerson: "extensions/dr/v1/data/PWDPerson";
        EmploymentInfo: "extensions/ess/v1/data/EmploymentInfo";
        EssGroup: "core/v1/data/Group" "extensions/ess/v1/data/Group";
        EssMember: "core/v1/data/Member" "extensions/ess/v1/data/Member";
        CropDetails: "extensions/fr/v1/data/CropDetails";
        FarmInfo: "extensions/fr/v1/data/FarmInfo";
        Farmer: "extensions/fr/v1/data/Farmer";
        FarmingActivities: "extensions/fr/v1/data/FarmingActivities";
        LivestockDetails: "extensions/fr/v1/data/LivestockDetails";
        Machineries: "extensions/fr/v1/data/Machineries";
        Beneficiary: "extensions/ibr/v1/data/Beneficiary" "extensions/ess/v1/data/Beneficiary";
        Benefit: "extensions/ibr/v1/data/Benefit";
        BenefitFrequency: "extensions/ibr/v1/code/BenefitFrequency";
        Programme: "extensions/ibr/v1/data/Programme" "extensions/ess/v1/data/Programme";
        BiometricData: "extensions/id/v1/data/BiometricData";
        IdPerson: "core/v1/data/Person" "extensions/id/v1/data/IDPerson";
    }
}

/// The properties of the class in a file.
fn properties(file: &Value) -> Vec<&Value> {
    let graph = file["@graph"].as_array();
    let class = match graph {
        Some(graph) => graph.iter().find(|node| node["rdfs:property"].is_array()),
        None => Some(file),
    };
    let properties = class.and_then(|class| class["rdfs:property"].as_array());
    properties.map_or_else(Vec::new, |properties| properties.iter().collect())
}

fn after_colon(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, name)| name)
}

/// What a property ranges over, other than values and code lists.
const CLASSES: &[&str] = &[
    "Address",
    "AnimalAssistance",
    "AssistiveTechnology",
    "Benefit",
    "BenefitFrequency",
    "Biometric_Data",
    "CropDetails",
    "DRPerson",
    "DisabilityDetails",
    "DisabilityInfo",
    "DisabilitySupport",
    "ESSPerson",
    "EmploymentInfo",
    "FRPerson",
    "FarmInfo",
    "FarmingActivities",
    "GeoCoordinates",
    "GeoLocation",
    "Group",
    "HousingSupport",
    "HumanAssistance",
    "IBRPerson",
    "Identifier",
    "Machineries",
    "MedicalCare",
    "Member",
    "Name",
    "Person",
    "Place",
    "Programme",
    "RelatePerson",
    "SRPerson",
    "livestockDetails",
    "@id",
];

/// A value of what `property` ranges over, made of texts that must not be
/// shown where they are personal.
fn value_of(property: &Value, name: &str) -> Value {
    let range = &property["rdfs:range"];
    let kind = match range {
        Value::String(kind) => kind.as_str(),
        range => ["@id", "@type"]
            .iter()
            .find_map(|key| match range[key].as_str() {
                Some("rdfs:Class") | None => None,
                Some(kind) => Some(kind),
            })
            .unwrap_or("rdfs:Class"),
    };
    let value = match (kind, after_colon(kind)) {
        ("rdfs:Class", _) => Value::Object(
            range["rdfs:property"]
                .as_array()
                .unwrap()
                .iter()
                .map(|inner| {
                    let name = after_colon(inner["@id"].as_str().unwrap());
                    (name.to_owned(), value_of(inner, name))
                })
                .collect(),
        ),
        (_, "string" | "binary" | "Currency") if PUBLIC.contains(&name) => json!("public"),
        (_, "string" | "binary" | "Currency") => json!("CANARY"),
        (_, "DateTime") if PERSONAL_DATES.contains(&name) => json!("1984-07-13"),
        (_, "DateTime") => json!("2020-01-02"),
        (_, "decimal" | "Decimal") if ["latitude", "longitude"].contains(&name) => json!(84.0713),
        (_, "decimal" | "Decimal") => json!(12.5),
        (_, "integer" | "Integer") => json!(3),
        (_, "boolean") => json!(true),
        (_, class) if CLASSES.contains(&class) => json!({}),
        _ => json!("CANARY of a list"),
    };
    match range["@container"].as_str() {
        Some("@list") => Value::Array(vec![value]),
        _ => value,
    }
}

const PERSONAL_DATES: [&str; 4] = ["birth_date", "death_date", "marriage_date", "divorce_date"];

/// Texts that are about no person.
const PUBLIC: [&str; 9] = [
    "poverty_score_type",
    "variety",
    "season",
    "programme_name",
    "programme_identifier",
    "programme_description",
    "implementing_institution",
    "freq",
    "wkst",
];

/// The object that has every property of these files.
fn filled(schemas: &Path, files: &[&str]) -> Object {
    let mut members = Map::new();
    for file in files {
        let file = load(&schemas.join(format!("{file}.jsonld")));
        for property in properties(&file) {
            let name = after_colon(property["@id"].as_str().unwrap());
            let value = value_of(property, name);
            members.insert(name.to_owned(), value);
        }
    }
    Object::new(members)
}

#[test]
fn every_property_of_the_standard_is_a_field() {
    let Some(vectors) = vectors() else { return };
    let schemas = vectors.join("spdci-schemas-jsonld");
    for (name, files, check) in classes() {
        let object = filled(&schemas, &files);
        assert!(!object.is_empty(), "{name}");
        let (written, unknown, _) = check(&object);
        let unknown: Vec<_> = unknown.expose().keys().collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{name}");
        assert_eq!(written, object, "{name}: {:?}", written.expose());
    }
}

#[test]
fn what_is_personal_is_not_shown() {
    let Some(vectors) = vectors() else { return };
    let schemas = vectors.join("spdci-schemas-jsonld");
    for (name, files, check) in classes() {
        let mut object = filled(&schemas, &files);
        object
            .expose_mut()
            .insert("@note".to_owned(), json!("CANARY"));
        let (_, _, shown) = check(&object);
        for personal in ["CANARY", "1984", "84.07"] {
            assert!(!shown.contains(personal), "{name}: {shown}");
        }
    }
}

#[test]
fn no_class_of_the_standard_is_left_out() {
    let Some(vectors) = vectors() else { return };
    let schemas = vectors.join("spdci-schemas-jsonld");
    // A date, and an object of anything: `Date` and `Object`.
    let mut known: BTreeSet<_> = ["core/v1/data/DateTime", "core/v1/data/AdditionalInfo"].into();
    known.extend(classes().into_iter().flat_map(|(_, files, _)| files));
    for part in [
        "core",
        "extensions/crvs",
        "extensions/dr",
        "extensions/ess",
        "extensions/fr",
        "extensions/ibr",
        "extensions/id",
        "extensions/social",
    ] {
        for file in std::fs::read_dir(schemas.join(part).join("v1/data")).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            let file = format!("{part}/v1/data/{}", file.trim_end_matches(".jsonld"));
            assert!(known.contains(file.as_str()), "{file}");
        }
    }
}
