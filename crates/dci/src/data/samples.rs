//! The data objects against the records in the standard's samples.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::tests::{load, object, vectors};
use super::*;
use crate::json::Object;
use crate::{Leniency, Rule};

/// What `record` says as a `T`, written as the standard has it; or the field at
/// which it is refused, and why.
fn read_as<T: DeserializeOwned + Serialize>(record: &Object) -> Outcome {
    let profile = RecordProfile::standard()
        .with(RecordHabit::FirstAndLastName)
        .with(RecordHabit::EarlierNames);
    let mut record = record.clone();
    profile.adapt_incoming(&mut record);
    match record.read::<T>(&Leniency::all()) {
        Ok(read) => Ok(serde_json::to_value(read.value).unwrap()),
        Err(fault) => Err((fault.path().to_string(), fault.rule())),
    }
}

type ReadAs = fn(&Object) -> Outcome;

/// What must be read from a record, or where it must be refused, and why.
type Outcome = Result<Value, (String, Rule)>;

fn refused(path: &str) -> Outcome {
    Err((path.to_owned(), Rule::WrongType))
}

/// A record: its file, where it stands in it, and what it is.
type Sample = (&'static str, &'static str, ReadAs, Outcome);

fn check(name: &str, read: ReadAs, record: &Value, outcome: Outcome) {
    match (read(&object(record)), outcome) {
        (Ok(value), Ok(facts)) => {
            for (at, expected) in facts.as_object().unwrap() {
                assert_eq!(value.pointer(at), Some(expected), "{name}: {at}");
            }
        }
        (Err(fault), Err(why)) => assert_eq!(fault, why, "{name}"),
        (outcome, expected) => panic!("{name}: {outcome:?} for {expected:?}"),
    }
}

const RECORD: &str = "/message/search_response/0/data/reg_records/0";
const EXAMPLE: &str = "/message/message/search_response/0/data/reg_records/example";
const EXAMPLES: &str = "/message/message/search_response/0/data/reg_records/example/0";

/// The records in the standard's sample responses.
fn samples() -> Vec<Sample> {
    let civil = json!({
        "/identifier/1/identifier_type": "BRN", "/name/given_name": "Sudarat",
        "/birth_date": "1995-09-21T11:20:00Z", "/birth_place/geo/latitude": 9.5604,
        "/birth_place/contains_place/1/geo/longitude": 100.0587, "/death_place": {},
        "/address/0/address_line_1": "Bophut Koh Samui",
        "/address/0/geo_location/plus_code/geometry/bounds/northeast/latitude": 48.900000000000006,
        "/marital_status": "M", "/marriage_date/0": "2019-09-21T11:20:00Z",
        "/parent2_identifier/identifier_value": "847941632", "/email/0": "PhumchaiS@isp.com",
    });
    // Their heads are persons without the member around them.
    let group = json!({
        "/group_identifier/0/identifier_type": "NID", "/place_address": true,
        "/geographical_location/geo/latitude": 40.712776, "/poverty_score": 4, "/group_size": 1,
        "/group_head_info/sex": "F",
        "/member_list/0/member_identifier/0/identifier_value": "HS0205202401",
        "/member_list/0/demographic_info/name/given_name": "Test",
        "/member_list/0/demographic_info/sex": "female", "/member_list/0/is_disabled": false,
        "/member_list/0/marital_status": "S", "/member_list/0/employment_status": "1",
        "/member_list/0/education_level": "Highschool", "/member_list/0/language_code": "1",
        "/member_list/0/registration_date": "1985-05-20T00:00:00Z",
    });
    let beneficiary = json!({
        "/identifier/0/identifier_value": "847951632", "/sex": "female",
        "/birth_date": "1995-09-21T11:20:00Z", "/is_disabled": "2",
    });
    let farmer = json!({
        "/farmer_personal_details/member_identifier/0/identifier_value": "M123456",
        "/farmer_personal_details/demographic_info/identifier/0/identifier_type": "NationalID",
        "/farmer_personal_details/demographic_info/name/surname": "Doe",
        "/farmer_personal_details/demographic_info/sex": "male",
        "/farmer_personal_details/demographic_info/birth_date": "1990-05-15T00:00:00Z",
        "/family_details/group_type": "3", "/family_details/poverty_score": 45.2,
        "/family_details/member_list/0/marital_status": "M",
        "/machineries_details/0/type": "Machine powered equipment",
        "/machineries_details/0/count": 2,
    });
    let disabled = json!({
        "/disability_status": "0", "/disability_status_level": "2",
        "/disability_details/0/impairment_level": "3", "/disability_details/0/impairment_cause": "5",
        "/disability_details/0/age_on_set": "2",
        "/disability_support/0/human_assistance/0/type": "mobility",
        "/transport_requirement": "2", "/housing_type": "3",
        "/programs_enrolments/0/programme_identifier": "AD234",
    });
    // A list of one name.
    // Its name is a list of one.
    let list_of_names = || Ok(json!({"/name/given_name": "Sudarat"}));
    vec![
        (
            "crvs/processflow1res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil.clone()),
        ),
        (
            "crvs/processflow2res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil.clone()),
        ),
        (
            "crvs/processflow3res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil.clone()),
        ),
        (
            "crvs/processflow4res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil.clone()),
        ),
        (
            "crvs/processflow5res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil.clone()),
        ),
        (
            "crvs/processflow6res",
            RECORD,
            read_as::<CrvsPerson>,
            Ok(civil),
        ),
        (
            "dr/processflow1res",
            EXAMPLE,
            read_as::<PwdPerson>,
            Ok(disabled.clone()),
        ),
        (
            "dr/processflow3res",
            "/message/results/0",
            read_as::<PwdPerson>,
            Ok(disabled),
        ),
        (
            "fr/processflow1res",
            EXAMPLES,
            read_as::<Farmer>,
            Ok(farmer.clone()),
        ),
        (
            "fr/processflow2res",
            EXAMPLES,
            read_as::<Farmer>,
            Ok(farmer),
        ),
        // What IBR's own sample puts into it is none of the class's fields.
        (
            "ibr/processflow2res",
            RECORD,
            read_as::<Beneficiary>,
            Ok(json!({
                "/programme_identifier/0/programme/programme_identifier": "DCI001",
            })),
        ),
        (
            "ibr/processflow3ares",
            RECORD,
            read_as::<Person>,
            Ok(beneficiary.clone()),
        ),
        (
            "ibr/processflow4res",
            RECORD,
            read_as::<Person>,
            Ok(beneficiary),
        ),
        (
            "social/processflow1-1res",
            RECORD,
            read_as::<Group>,
            Ok(group.clone()),
        ),
        (
            "social/processflow1-2res",
            RECORD,
            read_as::<Group>,
            Ok(group),
        ),
        (
            "social/processflow1-3res",
            RECORD,
            read_as::<Member>,
            Ok(json!({
                "/demographic_info/name/surname": "Test3", "/demographic_info/sex": "female",
                "/marital_status": "W", "/is_disabled": false,
            })),
        ),
        (
            "social/processflow2res",
            RECORD,
            read_as::<Person>,
            Ok(json!({
                "/name/given_name": "Sudarat", "/phone_number/1": "+1 (425) 555-1321",
                "/registration_date": "2020-09-21T11:20:00Z",
            })),
        ),
        (
            "social/processflow3ares",
            RECORD,
            read_as::<Person>,
            list_of_names(),
        ),
        (
            "social/processflow4res",
            RECORD,
            read_as::<Person>,
            list_of_names(),
        ),
    ]
}

#[test]
fn samples_are_read_or_refused_for_a_known_reason() {
    let Some(vectors) = vectors() else { return };
    let samples_folder = vectors.join("spdci-standards-sample-json");
    for (file, at, read, outcome) in samples() {
        let text = load(&samples_folder.join(format!("{file}.json")));
        check(file, read, text.pointer(at).unwrap(), outcome);
    }
}

/// The examples in the standard's OpenAPI, each the first of its kind.
#[test]
fn examples_of_the_openapi_are_read_or_refused_for_a_known_reason() {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("spdci-openapi-2025-12-openspp-patched");
    let record = "properties/data/properties/reg_records";
    let search = format!("SearchResponse/properties/search_response/items/{record}");
    let notify = format!("NotifyEventRequest/properties/notify_event/items/{record}");
    let support = format!("GetDisabilitySupportResponse/properties/search_response/items/{record}");
    let details = format!("GetDisabilityInfoResponse/properties/search_response/items/{record}");
    let cases: [(&str, String, ReadAs, Outcome); 8] = [
        (
            "crvs",
            format!("{search}/items/example"),
            read_as::<CrvsPerson>,
            Ok(json!({
                "/identifier/0/identifier_value": "197382465", "/address/0/address_line_1":
                "Bophut Koh Samui", "/birth_date": "1980-03-23T10:20:15Z", "/marital_status": "S",
            })),
        ),
        (
            "dr",
            format!("{search}/example/example"),
            read_as::<PwdPerson>,
            Ok(json!({
                "/disability_status": "0", "/disability_status_level": "2",
                "/programs_enrolments/0/programme_name": "financial_assistance",
            })),
        ),
        // Of the one who assists it gives an identifier as text.
        (
            "dr",
            format!("{support}/items/example/0"),
            read_as::<DisabilitySupport>,
            refused("`human_assistance[0].caregiver.identifier[0]`"),
        ),
        (
            "dr",
            format!("{details}/items/example"),
            read_as::<PwdPerson>,
            Ok(json!({
                "/disability_details/0/impairment_cause": "5",
            })),
        ),
        // It has a list of activities where the class has one object.
        (
            "fr",
            format!("{search}/items/example"),
            read_as::<Farmer>,
            Ok(json!({"/farm_details/0/farming_activities/mixed_farming": true})),
        ),
        // It has two languages where the class has one.
        (
            "ibr",
            format!("{notify}/example/example"),
            read_as::<Member>,
            refused("`language_code`"),
        ),
        // Its dates are written 02.05.2004.
        (
            "ibr",
            format!("{search}/items/example"),
            read_as::<Beneficiary>,
            Err((
                "`member.demographic_info.birth_date`".to_owned(),
                Rule::NotADate,
            )),
        ),
        // One of its members has an identifier as text.
        (
            "social",
            format!("{search}/items/example"),
            read_as::<Group>,
            refused("`member_list[3].member_identifier[0]`"),
        ),
    ];
    for (register, within, read, outcome) in cases {
        let file = folder.join(format!("{register}_api_v1.0.0.yaml"));
        let text = std::fs::read_to_string(file).unwrap();
        let document: Value = serde_norway::from_str(&text).unwrap();
        let at = format!("/components/schemas/{within}");
        check(register, read, document.pointer(&at).unwrap(), outcome);
    }
}

#[test]
fn no_sample_with_records_is_left_out() {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("spdci-standards-sample-json");
    let known: BTreeSet<_> = samples().iter().map(|(file, ..)| *file).collect();
    for register in ["crvs", "dr", "fr", "ibr", "social"] {
        for file in std::fs::read_dir(folder.join(register)).unwrap() {
            let path = file.unwrap().path();
            if std::fs::read_to_string(&path)
                .unwrap()
                .contains("\"reg_records\"")
            {
                let name = path.file_stem().unwrap().to_str().unwrap();
                let name = format!("{register}/{name}");
                assert!(known.contains(name.as_str()), "{name}");
            }
        }
    }
}
