//! How messages of the field spell what the standard spells otherwise.

use chrono::{NaiveDate, NaiveDateTime};

use crate::Tolerance;

/// The names by which a type asks for text of its own kind.
pub(crate) const ID: &str = "Id";
pub(crate) const TIME: &str = "Time";
pub(crate) const DATE: &str = "Date";
pub(crate) const LOCALE: &str = "Locale";
pub(crate) const NAME: &str = "Name";
pub(crate) const NOTE: &str = "Note";
pub(crate) const PARTY: &str = "Party";

/// The name by which a type asks for one of several shapes.
pub(crate) const EITHER: &str = "Either";

/// The name by which an object asks for what is there, as it is.
pub(crate) const OPEN: &str = "Object";

pub(crate) fn is_text(name: &str) -> bool {
    [ID, TIME, DATE, LOCALE, NAME, NOTE, PARTY].contains(&name)
}

/// The standard's spelling of a field that was once misspelt in it.
pub(crate) fn of_field(name: &str) -> Option<&'static str> {
    match name {
        "timesstamp" | "timesatmp" => Some("timestamp"),
        "sunscription_codes" => Some("subscription_codes"),
        "disburemsents" => Some("disbursements"),
        "famer_personal_details" => Some("farmer_personal_details"),
        "programs_enrollments" => Some("programs_enrolments"),
        _ => None,
    }
}

/// Names under which partners put an object into another of the same kind.
pub(crate) fn is_wrapper(name: &str) -> bool {
    matches!(name, "person" | "household_member")
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "0" | "false" | "False" => Some(false),
        "1" | "true" | "True" => Some(true),
        _ => None,
    }
}

/// Which of `variants` a text of the field stands for.
pub(crate) fn of_value(text: &str, variants: &[&'static str]) -> Option<&'static str> {
    let text = match text {
        "gte" => "ge",
        "lte" => "le",
        "subscibe" => "subscribe",
        "Household" | "HouseHold" | "household" => "Group",
        "Person" | "Individual" => "Member",
        other => other,
    };
    variants
        .iter()
        .find(|variant| variant.eq_ignore_ascii_case(text))
        .copied()
}

/// The spelling of `text` that the type `name` takes, and what is tolerated
/// with it; `None` where there is no other.
pub(crate) fn of_type(name: &str, text: &str) -> Option<(Tolerance, String)> {
    match name {
        ID if text.is_empty() => Some((Tolerance::EmptyIds, "-".to_owned())),
        DATE => local_time(text).map(|time| (Tolerance::TimesWithoutOffset, time)),
        TIME => time(text).map(|time| (Tolerance::TimesWithoutOffset, time)),
        LOCALE => locale(text)
            .filter(|locale| *locale != text)
            .map(|locale| (Tolerance::LocaleSpelling, locale.to_owned())),
        _ => None,
    }
}

/// A time without its offset, or a date alone, as a time in UTC.
fn time(text: &str) -> Option<String> {
    local_time(text).or_else(|| {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(format!("{date}T00:00:00Z"))
    })
}

/// A time without its offset, as a time in UTC.
fn local_time(text: &str) -> Option<String> {
    let formats = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S%.f",
    ];
    let time = formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    Some(format!("{}Z", time.format("%Y-%m-%dT%H:%M:%S%.f")))
}

/// The languages that partners give by two letters (ISO 639-1), which the
/// samples and the deployed systems do: the official ones of the United
/// Nations and those of the deployments that we know.
fn locale(text: &str) -> Option<&'static str> {
    let language = text.split(['/', '-', '_']).next()?.to_ascii_lowercase();
    Some(match language.as_str() {
        "en" | "eng" => "eng",
        "fr" | "fra" => "fra",
        "ar" | "ara" => "ara",
        "es" | "spa" => "spa",
        "pt" | "por" => "por",
        "ru" | "rus" => "rus",
        "zh" | "zho" => "zho",
        "sw" | "swa" => "swa",
        "am" | "amh" => "amh",
        "si" | "sin" => "sin",
        "ta" | "tam" => "tam",
        "km" | "khm" => "khm",
        "lo" | "lao" => "lao",
        "th" | "tha" => "tha",
        "vi" | "vie" => "vie",
        "id" | "ind" => "ind",
        "tl" | "fil" => "fil",
        _ => return None,
    })
}
