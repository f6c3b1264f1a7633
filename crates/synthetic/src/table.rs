use std::io::{self, Write};

use solidarity_core::{Channel, MessageForm};

use crate::{NamePart, Population, SyntheticPerson, SyntheticUnit, Variation, birth};

/// The columns of the household file, in order.
pub const HOUSEHOLD_COLUMNS: [&str; 28] = [
    "unit_id",
    "unit_kind",
    "person_id",
    "role",
    "collector",
    "name",
    "given_name",
    "father_name",
    "grandfather_name",
    "patronymic",
    "family_name",
    "second_family_name",
    "name_native",
    "sex",
    "birth",
    "birth_calendar",
    "phone",
    "phone_shared",
    "document_scheme",
    "document_number",
    "district",
    "village",
    "residence",
    "disability",
    "monthly_income",
    "contact_channel",
    "contact_language",
    "contact_form",
];

/// The columns of the truth file, in order.
pub const TRUTH_COLUMNS: [&str; 3] = ["person_id", "entity_id", "variations"];

impl Population {
    /// Writes the household file: UTF-8, commas, one row for each member of
    /// each unit. Returns the number of rows below the header.
    ///
    /// Every value begins with a letter or a digit, so that none is a formula
    /// to a spreadsheet.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_csv(&self, out: &mut impl Write) -> io::Result<u64> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(HOUSEHOLD_COLUMNS)?;
        let mut rows = 0;
        for unit in self.units() {
            for person in &unit.members {
                csv.write_record(row(&unit, person))?;
                rows += 1;
            }
        }
        csv.flush()?;
        Ok(rows)
    }

    /// Writes the truth file: which person each record is of, and how it
    /// differs from the first record of that person. Returns the number of
    /// rows below the header, one for each person id.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_truth_csv(&self, out: &mut impl Write) -> io::Result<u64> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(TRUTH_COLUMNS)?;
        let mut rows = 0;
        for person in self.units().flat_map(|unit| unit.members) {
            if person.listed_before {
                continue;
            }
            let variations: Vec<_> = person
                .variations
                .iter()
                .map(|v| Variation::word(*v))
                .collect();
            csv.write_record([
                person.person_id.as_str(),
                person.entity_id.as_str(),
                &variations.join(" "),
            ])?;
            rows += 1;
        }
        csv.flush()?;
        Ok(rows)
    }
}

fn row(unit: &SyntheticUnit, person: &SyntheticPerson) -> [String; 28] {
    let part = |part| person.name.part(part);
    let (birth, calendar) = birth::written(person.birth);
    let phone = person.phone.as_ref();
    let document = person.document.as_ref();
    let contact = person.contact.as_ref();
    [
        unit.unit_id.clone(),
        unit.kind.word().to_owned(),
        person.person_id.clone(),
        person.role.word().to_owned(),
        yes_no(Some(person.collects)),
        person.name.full(),
        part(NamePart::Given),
        part(NamePart::Father),
        part(NamePart::Grandfather),
        part(NamePart::Patronymic),
        part(NamePart::Family),
        part(NamePart::SecondFamily),
        person.name.native.clone().unwrap_or_default(),
        person.sex.map_or("", crate::Sex::letter).to_owned(),
        birth,
        calendar.to_owned(),
        phone.map(|p| p.number.clone()).unwrap_or_default(),
        yes_no(phone.map(|p| p.shared)),
        document.map_or("", |d| d.scheme).to_owned(),
        document.map(|d| d.number.clone()).unwrap_or_default(),
        unit.district.clone(),
        unit.village.clone().unwrap_or_default(),
        residence(unit).to_owned(),
        yes_no(person.disability),
        unit.monthly_income
            .map(|minor| format!("{}.{:02}", minor / 100, minor % 100))
            .unwrap_or_default(),
        contact.map_or("", |c| channel(c.channel())).to_owned(),
        contact
            .map(|c| c.language().as_str().to_owned())
            .unwrap_or_default(),
        contact.map_or("", |c| form(c.form())).to_owned(),
    ]
}

fn yes_no(value: Option<bool>) -> String {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
    .to_owned()
}

const fn residence(unit: &SyntheticUnit) -> &'static str {
    match unit.village {
        Some(_) => "village",
        None => "no_fixed_place",
    }
}

const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Call => "call",
        Channel::Sms => "sms",
        Channel::App => "app",
        Channel::Email => "email",
        Channel::Letter => "letter",
        _ => "in_person",
    }
}

const fn form(form: MessageForm) -> &'static str {
    match form {
        MessageForm::Text => "text",
        MessageForm::Voice => "voice",
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::Options;

    fn files(seed: u64, units: u32) -> (Vec<u8>, Vec<u8>) {
        let on = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        let population = Population::new(seed, Options::new(units, on));
        let (mut households, mut truth) = (Vec::new(), Vec::new());
        population.write_csv(&mut households).unwrap();
        population.write_truth_csv(&mut truth).unwrap();
        (households, truth)
    }

    fn digest(bytes: &[u8]) -> String {
        let digest = Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_seed_has_the_same_bytes_for_ever() {
        let (households, truth) = files(20_261_123, 200);
        assert_eq!(
            digest(&households),
            "9aaf8d67d7d58e1d688db170001835f81ce6939bf97969ec0d120e7df64faccc"
        );
        assert_eq!(
            digest(&truth),
            "7d6552a8f59269785671b49534f2bbb93a42fd77fc02669db9ae9a1e330e8922"
        );
        assert_ne!(households, files(20_261_124, 200).0);
    }

    #[test]
    fn the_first_rows_do_not_depend_on_how_many_follow() {
        let (few, many) = (files(1, 50), files(1, 100));
        assert!(many.0.starts_with(&few.0));
        assert!(many.1.starts_with(&few.1));
    }

    #[test]
    fn no_value_is_a_formula_and_every_row_is_whole() {
        let (households, _) = files(6, 500);
        let mut reader = csv::Reader::from_reader(households.as_slice());
        assert_eq!(reader.headers().unwrap(), &HOUSEHOLD_COLUMNS[..]);
        let mut rows = 0;
        for record in reader.records() {
            let record = record.unwrap();
            for value in &record {
                assert!(!value.starts_with(['=', '+', '-', '@', '\t', '\r']));
            }
            rows += 1;
        }
        assert!(rows > 2_000);
    }
}
