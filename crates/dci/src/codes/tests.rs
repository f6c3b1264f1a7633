use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::json::Object;
use crate::{Leniency, Rule, Tolerance};

/// One list, without its type.
struct Listed {
    name: &'static str,
    list: &'static List,
    /// The code, the words, and what is written, of each value.
    all: Vec<[String; 3]>,
    /// The words for what a text is read as; `None` for `Other`.
    read: fn(&str) -> Option<String>,
}

macro_rules! listed {
    ($($name:ident)+) => {
        vec![$(Listed {
            name: stringify!($name),
            list: $name::LIST,
            all: $name::ALL.iter().map(|value| [
                value.code().to_owned(),
                value.label().to_owned(),
                serde_json::from_value(serde_json::to_value(value).unwrap()).unwrap(),
            ]).collect(),
            read: |text| match $name::new(text).unwrap() {
                $name::Other(_) => None,
                known => Some(known.label().to_owned()),
            },
        }),+]
    };
}

fn listed() -> Vec<Listed> {
    listed! {
        AssistanceUnit DisabilityType EducationLevel EmploymentStatus FunctionalLimitation
        FunctionalSeverity IdentifierType IncomeLevel LanguageCode MaritalStatus Occupation Sex
        VitalEventType AnimalAssistanceType AssistiveTechnologyType DisabilityLevel
        DisabilityOnset DisabilityStatus HousingSupportType HousingType HumanAssistanceType
        ImpairmentCause ImpairmentLevel ImpairmentType MedicalCareType SupportFrequency
        SupportStatus TransportRequirement EmploymentType EnrolmentStatus UnemploymentReason
        AgriSupportActivity AnimalType AquaSupportActivity Aquaculture CropActivity CropEndUse
        CropType EquipmentSource FarmType FertilizerType ForestActivity IrrigationWater
        LandTenure LivestockSystem MachineryType MeasurementUnit BenefitType ContributionType
        EnrollmentStatus InstitutionType LegalStatus ProgrammeType SocialProtectionFunction
        BiometricType RegistryEventType RegistryRecordType RegistryType RelationshipType
    }
}

/// The codes that the standard gives to two values.
const SHARED: [(&str, &str); 2] = [("EquipmentSource", "4"), ("LandTenure", "1")];

#[test]
fn every_value_comes_back_from_code_words_and_what_is_written() {
    for Listed {
        name,
        list,
        all,
        read,
    } in listed()
    {
        let mut labels = BTreeSet::new();
        for ([code, label, written], entry) in all.iter().zip(list.entries) {
            let itself = Some(label.clone());
            assert!(labels.insert(label.to_lowercase()), "{name}: {label} twice");
            if SHARED.contains(&(name, code)) {
                assert_eq!((read(code), written), (None, label), "{name}");
            } else {
                assert_eq!((read(code), written), (itself.clone(), code), "{name}");
            }
            assert_eq!(read(written), itself, "{name}: {written}");
            assert_eq!(read(label), itself, "{name}: {label}");
            assert_eq!(
                read(&format!(" {} ", label.to_lowercase())),
                itself,
                "{name}: {label}"
            );
            assert_eq!(list.label(label), Some(entry.label));
            for words in entry.words {
                assert_eq!(read(words), itself, "{name}: {words}");
            }
        }
    }
}

/// What deployed systems and the standard's own samples write.
#[test]
fn words_of_the_field_are_known() {
    let words = [
        ("AssistanceUnit", "family", "3"),
        ("BenefitType", "Cash", "1"),
        ("CropActivity", "perennial crops", "012"),
        ("CropType", "Fruit and nuts", "3"),
        ("DisabilityOnset", "Working age", "2"),
        ("DisabilityStatus", "Approved", "0"),
        ("DisabilityLevel", "Severe", "2"),
        ("DisabilityType", "VIS_SS", "VIS_SS"),
        ("EducationLevel", "bachelor", "6"),
        ("EmploymentStatus", "employed", "1"),
        ("EnrollmentStatus", "Active", "1"),
        ("EnrolmentStatus", "Awaiting Renewal", "7"),
        ("EquipmentSource", "Provided by a cooperative", "5"),
        ("HousingType", "Living in relatives' home", "2"),
        ("HumanAssistanceType", "mobility", "mobility"),
        ("ImpairmentCause", "Work Accident", "5"),
        ("ImpairmentLevel", "Severe impairment or difficulty", "3"),
        ("ImpairmentType", "Mobility", "3"),
        ("LanguageCode", "Eng", "1"),
        ("MaritalStatus", "Single", "S"),
        ("MaritalStatus", "Widow", "W"),
        ("MaritalStatus", "married", "M"),
        ("MeasurementUnit", "Acre", "1"),
        ("RegistryType", "DR", "ns:org:RegistryType:DR"),
        (
            "RegistryType",
            "ns:org:RegistryType:Disability",
            "ns:org:RegistryType:DR",
        ),
        (
            "RegistryRecordType",
            "spdci-extensions-dci:DisabledPerson",
            "DisabledPerson",
        ),
        ("RegistryEventType", "register", "REGISTER"),
        ("RelationshipType", "Parent", "PRN"),
        ("RelationshipType", "SON", "SON"),
        ("RelationshipType", "self", "SELF"),
        ("RelationshipType", "son", "SONC"),
        ("RelationshipType", "spouse", "SPS"),
        ("Sex", "F", "female"),
        ("Sex", "Male", "male"),
        ("SupportFrequency", "Daily", "2"),
        ("SupportStatus", "Required", "0"),
        ("TransportRequirement", "Adaptable vehical", "2"),
    ];
    let listed = listed();
    for (name, text, code) in words {
        let list = listed.iter().find(|listed| listed.name == name).unwrap();
        assert_eq!((list.read)(text), (list.read)(code), "{name}: {text}");
        assert!((list.read)(text).is_some(), "{name}: {text}");
    }
    for (name, text) in [
        ("EducationLevel", "Highschool"),
        ("IdentifierType", "NID"),
        ("ImpairmentType", "Physical and movement related functions"),
        ("IncomeLevel", "middle"),
        ("LanguageCode", "es"),
        ("MachineryType", "Machine powered equipment"),
        ("Occupation", "teacher"),
    ] {
        let list = listed.iter().find(|listed| listed.name == name).unwrap();
        assert_eq!((list.read)(text), None, "{name}: {text}");
    }
}

#[test]
fn what_no_list_has_comes_back_and_is_not_shown() {
    let other = MaritalStatus::new("Testname, widowed 1984").unwrap();
    assert_eq!(other.code(), "Testname, widowed 1984");
    assert_eq!(
        serde_json::to_value(&other).unwrap(),
        "Testname, widowed 1984"
    );
    assert_eq!(
        format!("{other:?} {:?}", MaritalStatus::Married),
        "Other(…) Married"
    );
    assert_eq!(MaritalStatus::new(" "), Err(Rule::Empty));
    assert_eq!(MaritalStatus::new("x".repeat(257)), Err(Rule::TooLong));
    assert_eq!(MaritalStatus::new("M\u{7}"), Err(Rule::ControlCharacter));
}

#[test]
fn a_number_is_a_code_only_where_that_is_tolerated() {
    #[derive(Debug, serde::Deserialize)]
    struct Record {
        assistance_unit: AssistanceUnit,
    }
    let record: Object = serde_json::from_str(r#"{"assistance_unit": 1}"#).unwrap();
    let fault = record.read::<Record>(&Leniency::none()).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "`assistance_unit` must be of the type that the standard gives it"
    );
    let lenient = Leniency::none().with(Tolerance::TextAsNumbers);
    let read = record.read::<Record>(&lenient).unwrap();
    assert_eq!(read.value.assistance_unit, AssistanceUnit::Member);
    assert_eq!(read.deviations.len(), 1);
}

fn schemas() -> Option<PathBuf> {
    let Some(vectors) = std::env::var_os("SOLIDARITY_VECTORS") else {
        println!("skipped: no vectors");
        return None;
    };
    Some(Path::new(&vectors).join("dci/spdci-schemas-jsonld"))
}

fn names(value: &Value) -> Vec<String> {
    let last = |name: &Value| {
        let name = name.as_str().unwrap();
        name.split_once(':')
            .map_or(name, |(_, name)| name)
            .to_owned()
    };
    value.as_array().unwrap().iter().map(last).collect()
}

/// Each file of a list, against the list here: what it describes, and what it
/// enumerates, is known by its code and by its words.
#[test]
fn the_lists_are_those_of_the_standard() {
    let Some(schemas) = schemas() else { return };
    // Enumerated, but nowhere described.
    let nowhere = [
        ("EquipmentSource", "7"),
        ("LandTenure", "7"),
        ("ProgrammeType", "15"),
        ("ProgrammeType", "programme14"),
    ];
    // Described by the words for another code.
    let misworded = [("RelationshipType", "CHILDFOST")];
    for listed in listed() {
        let Listed {
            name,
            list,
            all,
            read,
        } = listed;
        let path = schemas.join(list.source);
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let graph = file["@graph"].as_array().unwrap();
        for code in names(&graph[0]["owl:oneOf"]) {
            let unknown = SHARED.contains(&(name, &code)) || nowhere.contains(&(name, &code));
            assert_eq!(read(&code).is_none(), unknown, "{name}: {code}");
        }
        let described = &graph[1..];
        for item in described {
            let code = item["@id"].as_str().unwrap().split_once(':').unwrap().1;
            let label = item["rdfs:label"].as_str().unwrap();
            assert!(read(label).is_some(), "{name}: {label}");
            if !SHARED.contains(&(name, code)) {
                let same = read(code) == read(label);
                assert_eq!(same, !misworded.contains(&(name, code)), "{name}: {code}");
            }
        }
        if !name.starts_with("Registry") {
            assert_eq!(all.len(), described.len(), "{name}");
        }
    }
}

#[test]
fn no_list_of_the_standard_is_left_out() {
    let Some(schemas) = schemas() else { return };
    let known: BTreeSet<_> = listed().iter().map(|listed| listed.list.source).collect();
    for part in [
        "core",
        "extensions/crvs",
        "extensions/dr",
        "extensions/ess",
        "extensions/fr",
        "extensions/ibr",
        "extensions/id",
    ] {
        let folder = format!("{part}/v1/code");
        for file in std::fs::read_dir(schemas.join(&folder)).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            let source = format!("{folder}/{file}");
            // An object, which `data` has.
            let object = file == "BenefitFrequency.jsonld";
            assert_ne!(known.contains(source.as_str()), object, "{source}");
        }
    }
}
