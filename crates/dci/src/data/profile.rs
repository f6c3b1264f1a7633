use std::fmt;

use serde_json::{Map, Value};

use crate::codes::{self, List};
use crate::json::Object;

/// One way in which a partner's records differ in shape from the standard's.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum RecordHabit {
    /// `identifier`, `member_identifier` and `group_identifier` are one
    /// object, not a list.
    SingleIdentifier,
    /// `address` is one object, not a list.
    SingleAddress,
    /// A name is `first_name`, `middle_name` and `last_name`, not
    /// `given_name`, `second_name` and `surname` (FR and DR).
    FirstAndLastName,
    /// Fields are named as in earlier versions: `date_of_birth`, `gender`,
    /// `address_line1`, `disability_level`, …
    EarlierNames,
    /// Codes of the lists are given as words: `Married`, not `M`.
    WordsForCodes,
}

impl RecordHabit {
    const ALL: [Self; 5] = [
        Self::SingleIdentifier,
        Self::SingleAddress,
        Self::FirstAndLastName,
        Self::EarlierNames,
        Self::WordsForCodes,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The shape of the records of one partner: the standard's, save for its
/// [habits](RecordHabit).
///
/// It rewrites records as they are sent and received; what the data objects
/// write and read stays the standard's.
///
/// ```
/// use solidarity_dci::codes::IdentifierType;
/// use solidarity_dci::data::{Identifier, Name, Person, RecordHabit, RecordProfile};
/// use solidarity_dci::{Leniency, json::Object};
///
/// let mut person = Person::default();
/// person.identifier = vec![Identifier::new(IdentifierType::Uin, "TEST-001")];
/// person.name = Some(Name::new("Amina", "Test"));
///
/// let partner = RecordProfile::standard()
///     .with(RecordHabit::SingleIdentifier)
///     .with(RecordHabit::FirstAndLastName);
/// let mut record = Object::of(&person)?;
/// partner.adapt_outgoing(&mut record);
/// assert_eq!(record.expose()["identifier"]["identifier_value"], "TEST-001");
/// assert_eq!(record.expose()["name"]["first_name"], "Amina");
///
/// partner.adapt_incoming(&mut record);
/// assert_eq!(record.read::<Person>(&Leniency::none())?.value, person);
/// # Ok::<(), solidarity_dci::Fault>(())
/// ```
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct RecordProfile(u8);

impl RecordProfile {
    /// The shape that the standard gives records.
    #[must_use]
    pub const fn standard() -> Self {
        Self(0)
    }

    /// The same, with `habit`.
    #[must_use]
    pub const fn with(self, habit: RecordHabit) -> Self {
        Self(self.0 | habit.bit())
    }

    /// Whether `habit` is among them.
    #[must_use]
    pub const fn has(self, habit: RecordHabit) -> bool {
        self.0 & habit.bit() != 0
    }

    /// Gives `record`, of the standard's shape, the partner's.
    ///
    /// Of several identifiers or addresses, a partner who takes one gets the
    /// first.
    pub fn adapt_outgoing(self, record: &mut Object) {
        self.outwards("", record.expose_mut());
    }

    /// Gives `record`, of the partner's shape, the standard's.
    ///
    /// A field that is there under both names keeps both. Words stay words:
    /// the lists are read from either.
    pub fn adapt_incoming(self, record: &mut Object) {
        self.inwards("", record.expose_mut());
    }

    /// The names that differ in an object that stands under `parent`: the
    /// standard's, the partner's.
    fn names(self, parent: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        let of_name = self.has(RecordHabit::FirstAndLastName) && parent == "name";
        let earlier = self.has(RecordHabit::EarlierNames);
        let of_name = NAMES.iter().filter(move |_| of_name);
        of_name.chain(EARLIER_NAMES.iter().filter(move |_| earlier))
    }

    fn is_single(self, field: &str) -> bool {
        match field {
            "identifier" | "member_identifier" | "group_identifier" => {
                self.has(RecordHabit::SingleIdentifier)
            }
            "address" => self.has(RecordHabit::SingleAddress),
            _ => false,
        }
    }

    fn outwards(self, parent: &str, object: &mut Map<String, Value>) {
        for (field, value) in object.iter_mut() {
            if let Value::Array(items) = value
                && self.is_single(field)
                && !items.is_empty()
            {
                *value = items.swap_remove(0);
            }
            if self.has(RecordHabit::WordsForCodes)
                && let Some(list) = list_of(parent, field)
            {
                put_words(list, value);
            }
            each_object(value, &mut |object| self.outwards(field, object));
        }
        for (standard, theirs) in self.names(parent) {
            rename(object, standard, theirs);
        }
    }

    fn inwards(self, parent: &str, object: &mut Map<String, Value>) {
        for (standard, theirs) in self.names(parent) {
            rename(object, theirs, standard);
        }
        for (field, value) in object.iter_mut() {
            each_object(value, &mut |object| self.inwards(field, object));
            if value.is_object() && self.is_single(field) {
                *value = Value::Array(vec![value.take()]);
            }
        }
    }
}

impl fmt::Debug for RecordProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let habits = RecordHabit::ALL.iter().filter(|habit| self.has(**habit));
        f.debug_set().entries(habits).finish()
    }
}

fn each_object(value: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => visit(object),
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}

fn rename(object: &mut Map<String, Value>, from: &str, to: &str) {
    if !object.contains_key(to)
        && let Some(value) = object.remove(from)
    {
        object.insert(to.to_owned(), value);
    }
}

fn put_words(list: &List, value: &mut Value) {
    match value {
        Value::String(code) => {
            if let Some(label) = list.label(code) {
                label.clone_into(code);
            }
        }
        Value::Array(codes) => codes.iter_mut().for_each(|code| put_words(list, code)),
        _ => {}
    }
}

const NAMES: [(&str, &str); 3] = [
    ("given_name", "first_name"),
    ("second_name", "middle_name"),
    ("surname", "last_name"),
];

/// What the standard's samples and examples of earlier versions call fields.
const EARLIER_NAMES: [(&str, &str); 10] = [
    ("birth_date", "date_of_birth"),
    ("sex", "gender"),
    ("address_line_1", "address_line1"),
    ("address_line_2", "address_line2"),
    ("geographical_location", "place"),
    ("last_updated", "last_update"),
    ("enrollment_date", "enrolment_date"),
    ("enrollment_status", "enrolment_status"),
    ("disability_status_level", "disability_level"),
    ("measurment", "measurement"),
];

/// The list whose codes stand in `field` of an object that stands under
/// `parent`.
fn list_of(parent: &str, field: &str) -> Option<&'static List> {
    Some(match (parent, field) {
        (_, "identifier_type") => codes::IdentifierType::LIST,
        (_, "sex") => codes::Sex::LIST,
        (_, "marital_status") => codes::MaritalStatus::LIST,
        (_, "employment_status") => codes::EmploymentStatus::LIST,
        (_, "occupation") => codes::Occupation::LIST,
        (_, "income_level") => codes::IncomeLevel::LIST,
        (_, "language_code") => codes::LanguageCode::LIST,
        (_, "education_level") => codes::EducationLevel::LIST,
        (_, "relationship_type" | "relationship") => codes::RelationshipType::LIST,
        (_, "disability_limitation_type") => codes::FunctionalLimitation::LIST,
        (_, "functional_severity") => codes::FunctionalSeverity::LIST,
        (_, "group_type" | "assistance_unit") => codes::AssistanceUnit::LIST,
        ("biometric_data", "type") => codes::BiometricType::LIST,

        (_, "enrollment_status") => codes::EnrollmentStatus::LIST,
        (_, "benefit_type") => codes::BenefitType::LIST,
        (_, "institution_type") => codes::InstitutionType::LIST,
        (_, "legal_status") => codes::LegalStatus::LIST,
        (_, "social_protection_functions") => codes::SocialProtectionFunction::LIST,
        (_, "contribution_type") => codes::ContributionType::LIST,
        (_, "programme_type") => codes::ProgrammeType::LIST,

        (_, "employment_type") => codes::EmploymentType::LIST,
        (_, "unemployment_reason") => codes::UnemploymentReason::LIST,

        (_, "disability_status") => codes::DisabilityStatus::LIST,
        (_, "disability_status_level") => codes::DisabilityLevel::LIST,
        (_, "impairment_type") => codes::ImpairmentType::LIST,
        (_, "impairment_level") => codes::ImpairmentLevel::LIST,
        (_, "impairment_cause") => codes::ImpairmentCause::LIST,
        (_, "age_on_set") => codes::DisabilityOnset::LIST,
        (_, "transport_requirement") => codes::TransportRequirement::LIST,
        (_, "housing_type") => codes::HousingType::LIST,
        ("human_assistance", "type") => codes::HumanAssistanceType::LIST,
        ("human_assistance", "intensity") => codes::SupportFrequency::LIST,
        ("human_assistance", "support") => codes::SupportStatus::LIST,
        ("assistive_technology", "type") => codes::AssistiveTechnologyType::LIST,
        ("housing_support", "type") => codes::HousingSupportType::LIST,
        ("medical_care", "type") => codes::MedicalCareType::LIST,
        ("animal_assistance", "type") => codes::AnimalAssistanceType::LIST,
        (
            "assistive_technology" | "housing_support" | "medical_care" | "animal_assistance",
            "status",
        ) => codes::SupportStatus::LIST,

        (_, "farm_type") => codes::FarmType::LIST,
        (_, "land_tenure") => codes::LandTenure::LIST,
        (_, "measurment") => codes::MeasurementUnit::LIST,
        (_, "agri_support_activities") => codes::AgriSupportActivity::LIST,
        (_, "aquaculture") => codes::Aquaculture::LIST,
        (_, "aqua_support_activities") => codes::AquaSupportActivity::LIST,
        (_, "agroforestry") => codes::ForestActivity::LIST,
        (_, "activity_group") => codes::CropActivity::LIST,
        (_, "crop_type_name") => codes::CropType::LIST,
        (_, "end_use") => codes::CropEndUse::LIST,
        (_, "irrigation_water") => codes::IrrigationWater::LIST,
        (_, "fertilizer_type") => codes::FertilizerType::LIST,
        (_, "livestock_system") => codes::LivestockSystem::LIST,
        ("animal_production", "type") => codes::AnimalType::LIST,
        ("machineries_details", "type") => codes::MachineryType::LIST,
        (_, "equipement_source") => codes::EquipmentSource::LIST,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(members) => Object::new(members),
            _ => Object::default(),
        }
    }

    #[test]
    fn each_habit_changes_its_own_fields() {
        let standard = json!({
            "member_identifier": [{"identifier_type": "UIN", "identifier_value": "1"}],
            "demographic_info": {
                "identifier": [
                    {"identifier_type": "UIN", "identifier_value": "1"},
                    {"identifier_type": "BRN", "identifier_value": "2"},
                ],
                "name": {"given_name": "A", "second_name": "B", "surname": "C", "prefix": "D"},
                "sex": "female",
                "birth_date": "2000-01-01",
                "address": [{"address_line_1": "1", "locality": "X"}, {"locality": "Y"}],
            },
            "marital_status": "M",
            "phone_number": [],
        });
        type Change<'a> = &'a [(&'a str, Value)];
        let cases: [(RecordHabit, Change<'_>); 5] = [
            (
                RecordHabit::SingleIdentifier,
                &[
                    (
                        "/member_identifier",
                        standard["member_identifier"][0].clone(),
                    ),
                    (
                        "/demographic_info/identifier",
                        standard["demographic_info"]["identifier"][0].clone(),
                    ),
                ],
            ),
            (
                RecordHabit::SingleAddress,
                &[(
                    "/demographic_info/address",
                    standard["demographic_info"]["address"][0].clone(),
                )],
            ),
            (
                RecordHabit::FirstAndLastName,
                &[(
                    "/demographic_info/name",
                    json!({"first_name": "A", "middle_name": "B", "last_name": "C", "prefix": "D"}),
                )],
            ),
            (
                RecordHabit::EarlierNames,
                &[(
                    "/demographic_info",
                    json!({
                        "identifier": standard["demographic_info"]["identifier"],
                        "name": standard["demographic_info"]["name"],
                        "gender": "female",
                        "date_of_birth": "2000-01-01",
                        "address": [{"address_line1": "1", "locality": "X"}, {"locality": "Y"}],
                    }),
                )],
            ),
            (
                RecordHabit::WordsForCodes,
                &[
                    ("/marital_status", json!("Married")),
                    ("/demographic_info/sex", json!("Female")),
                ],
            ),
        ];
        for (habit, changes) in cases {
            let profile = RecordProfile::standard().with(habit);
            let mut expected = standard.clone();
            for (pointer, value) in changes {
                *expected.pointer_mut(pointer).unwrap() = value.clone();
            }
            let mut record = object(standard.clone());
            profile.adapt_outgoing(&mut record);
            assert_eq!(record, object(expected), "{habit:?}");
        }
        let mut record = object(standard.clone());
        RecordProfile::standard().adapt_outgoing(&mut record);
        RecordProfile::standard().adapt_incoming(&mut record);
        assert_eq!(record, object(standard));
    }

    #[test]
    fn names_and_lists_come_back() {
        let standard = object(json!({
            "personal_details": {
                "member_identifier": [{"identifier_value": "1"}],
                "demographic_info": {
                    "name": {"given_name": "A", "surname": "C"},
                    "birth_date": "2000-01-01",
                    "address": [{"address_line_2": "2"}],
                },
            },
            "disability_status_level": "2",
        }));
        let profile = RecordHabit::ALL[..4]
            .iter()
            .fold(RecordProfile::standard(), |profile, habit| {
                profile.with(*habit)
            });
        let mut record = standard.clone();
        profile.adapt_outgoing(&mut record);
        assert_ne!(record, standard);
        profile.adapt_incoming(&mut record);
        assert_eq!(record, standard);
    }

    #[test]
    fn a_name_of_both_kinds_keeps_both() {
        let profile = RecordProfile::standard().with(RecordHabit::FirstAndLastName);
        let both =
            object(json!({"name": {"given_name": "A", "first_name": "B"}, "first_name": "C"}));
        for change in [RecordProfile::adapt_outgoing, RecordProfile::adapt_incoming] {
            let mut record = both.clone();
            change(profile, &mut record);
            assert_eq!(record, both);
        }
    }

    #[test]
    fn a_type_is_worded_by_where_it_stands() {
        let profile = RecordProfile::standard().with(RecordHabit::WordsForCodes);
        let mut record = object(json!({
            "machineries_details": [{"type": "10", "equipement_source": "4"}],
            "human_assistance": [{"type": "basic_activity", "support": "0"}],
            "medical_care": [{"type": "constant_healthcare", "status": "1"}],
            "biometric_data": {"type": "1"},
            "irrigation_water": ["1", "unheard of"],
            "type": "10",
            "status": "1",
        }));
        profile.adapt_outgoing(&mut record);
        let expected = object(json!({
            "machineries_details": [{"type": "Manually operated machines", "equipement_source": "4"}],
            "human_assistance": [{"type": "Basic Activity", "support": "Needed"}],
            "medical_care": [{"type": "Constant healthcare", "status": "Received"}],
            "biometric_data": {"type": "img"},
            "irrigation_water": ["Surface water", "unheard of"],
            "type": "10",
            "status": "1",
        }));
        assert_eq!(record, expected);
    }
}
