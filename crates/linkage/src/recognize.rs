use crate::normalize::{PartialDate, email, phone, words};
use crate::{Field, FieldKind};

/// What the columns of a file seem to say, by their names and by some of their
/// values. `None` for a column that is no use for telling people apart, such as
/// the file's own number of the record.
///
/// ```
/// use solidarity_linkage::{FieldKind, recognize};
///
/// let header = ["id", "surname", "x1"];
/// let rows = [vec!["1", "Said", "1984-05-12"], vec!["2", "Roy", "1990-01-01"]];
/// let kinds: Vec<_> = recognize(&header, &rows).into_iter().map(|f| f.map(|f| f.kind)).collect();
/// assert_eq!(kinds, [None, Some(FieldKind::FamilyName), Some(FieldKind::BirthDate)]);
/// ```
#[must_use]
pub fn recognize<S: AsRef<str>>(header: &[S], rows: &[Vec<S>]) -> Vec<Option<Field>> {
    let columns = header.iter().enumerate().map(|(n, name)| {
        let name = name.as_ref();
        let values: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.get(n))
            .map(|value| value.as_ref().trim())
            .filter(|value| !value.is_empty())
            .collect();
        let kind = match by_name(&words(name)) {
            Some(named) => named,
            None => by_content(&values),
        };
        kind.map(|kind| Field::new(name, kind))
    });
    columns.collect()
}

/// What a column's name says: `Some(None)` that it is no use.
fn by_name(words: &[String]) -> Option<Option<FieldKind>> {
    let all = words.join(" ");
    let says = |word: &str, part: &str| word == part || word.strip_suffix('s') == Some(part);
    let has = |any: &[&str]| {
        let said = |part: &&str| words.iter().any(|word| says(word, part));
        any.iter().any(said)
    };
    let is = |any: &[&str]| any.contains(&all.as_str());
    let name = has(&["name", "nom", "nombre"]);
    Some(Some(
        if is(&[
            "id",
            "record id",
            "rec id",
            "row",
            "no",
            "nr",
            "number",
            "unique id",
            "index",
            "uuid",
            "key",
            "cluster",
            "entity id",
        ]) {
            return Some(None);
        } else if is(&[
            "household size",
            "family size",
            "hh size",
            "household members",
            "income",
            "monthly income",
            "annual income",
            "household income",
            "salary",
        ]) {
            FieldKind::Quantity
        } else if has(&[
            "father",
            "mother",
            "parent",
            "patronymic",
            "grandfather",
            "spouse",
            "husband",
        ]) {
            FieldKind::ParentName
        } else if has(&["family", "surname", "lastname"]) || (name && has(&["last", "second"])) {
            FieldKind::FamilyName
        } else if has(&["given", "firstname", "forename", "forenames"])
            || (name && has(&["first", "middle"]))
        {
            FieldKind::GivenName
        } else if has(&["fullname"]) || is(&["name", "names", "full name", "person name"]) {
            FieldKind::FullName
        } else if has(&["sex", "gender"]) {
            FieldKind::Sex
        } else if has(&["dob", "birthdate", "birthday", "born"])
            || (has(&["birth"]) && !has(&["place", "country"]))
        {
            FieldKind::BirthDate
        } else if has(&["phone", "telephone", "mobile", "tel", "msisdn", "cell"]) {
            FieldKind::Phone
        } else if has(&["email", "mail"]) {
            FieldKind::Email
        } else if has(&[
            "id",
            "identifier",
            "passport",
            "ssn",
            "card",
            "document",
            "licence",
            "license",
        ]) {
            FieldKind::Identifier
        } else if has(&[
            "village",
            "district",
            "city",
            "town",
            "suburb",
            "state",
            "province",
            "region",
            "county",
            "ward",
            "postcode",
            "zip",
            "place",
            "postal",
            "commune",
            "municipality",
        ]) {
            FieldKind::Place
        } else if has(&["address", "street", "addr", "road"]) && !has(&["number"]) {
            FieldKind::Address
        } else if has(&["number", "house", "occupation", "job"]) {
            FieldKind::Text
        } else {
            return None;
        },
    ))
}

/// What most of the values look like.
fn by_content(values: &[&str]) -> Option<FieldKind> {
    if values.is_empty() {
        return None;
    }
    let most = |is: &dyn Fn(&str) -> bool| {
        let found = values.iter().filter(|value| is(value)).count();
        found * 10 >= values.len() * 8
    };
    let mut distinct = values.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
    let is_date = |value: &str| {
        let date = PartialDate::parse(value);
        digits(value) >= 6 && date.is_some_and(|d| (1_850..=2_100).contains(&d.year) && d.month > 0)
    };
    let is_number = |value: &str| digits(value) * 2 > value.chars().count();
    if distinct.len() < 2 {
        None
    } else if most(&|value| email(value).is_some()) {
        Some(FieldKind::Email)
    } else if most(&is_date) {
        Some(FieldKind::BirthDate)
    } else if distinct.len() <= 4
        && most(&|value| match value.chars().count() {
            0 | 1 => true,
            letters => letters <= 6 && !is_number(value),
        })
    {
        Some(FieldKind::Sex)
    } else if most(&|value| {
        value.starts_with(['+', '0']) && is_number(value) && phone(value).is_some()
    }) {
        Some(FieldKind::Phone)
    } else if most(&is_number) {
        (distinct.len() * 2 > values.len()).then_some(FieldKind::Identifier)
    } else if most(&|value| value.contains(char::is_numeric)) {
        Some(FieldKind::Address)
    } else if distinct.len() * 20 <= values.len() {
        Some(FieldKind::Place)
    } else {
        Some(FieldKind::FullName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, values: &[&str]) -> Option<FieldKind> {
        let rows: Vec<Vec<&str>> = values.iter().map(|value| vec![*value]).collect();
        let fields = recognize(&[name], &rows);
        fields.into_iter().next().flatten().map(|field| field.kind)
    }

    #[test]
    fn a_name_says_what_a_column_holds() {
        use FieldKind::*;
        for (name, expected) in [
            ("record_id", None),
            ("ID", None),
            ("entity_id", None),
            ("given_name", Some(GivenName)),
            ("First Name", Some(GivenName)),
            ("surname", Some(FamilyName)),
            ("second_family_name", Some(FamilyName)),
            ("last name", Some(FamilyName)),
            ("father_name", Some(ParentName)),
            ("Mother's name", Some(ParentName)),
            ("name", Some(FullName)),
            ("sex", Some(Sex)),
            ("date_of_birth", Some(BirthDate)),
            ("DOB", Some(BirthDate)),
            ("mobile", Some(Phone)),
            ("e_mail email", Some(Email)),
            ("national_id", Some(Identifier)),
            ("soc_sec_id", Some(Identifier)),
            ("village", Some(Place)),
            ("place_of_birth", Some(Place)),
            ("postcode", Some(Place)),
            ("address_1", Some(Address)),
            ("street_number", Some(Text)),
            ("occupation", Some(Text)),
            ("household_size", Some(Quantity)),
            ("family size", Some(Quantity)),
            ("monthly income", Some(Quantity)),
            ("family", Some(FamilyName)),
        ] {
            assert_eq!(kind(name, &["a", "b"]), expected, "{name}");
        }
    }

    #[test]
    fn values_say_what_a_column_holds_whose_name_says_nothing() {
        use FieldKind::*;
        let many =
            |of: &[&str]| -> Vec<String> { (0..60).map(|n| of[n % of.len()].to_owned()).collect() };
        for (values, expected) in [
            (vec!["a@b.org", "c@d.org"], Some(Email)),
            (vec!["1984-05-12", "1990-01-01", ""], Some(BirthDate)),
            (vec!["19840512", "19900101"], Some(BirthDate)),
            (vec!["+221825510618", "0825510619"], Some(Phone)),
            (vec!["512345", "598765"], Some(Identifier)),
            (vec!["12 Well Lane", "7 Hill Side"], Some(Address)),
            (
                vec!["Tuti Juma", "Asha Roy", "Eko", "Amina Ali", "Sita"],
                Some(FullName),
            ),
            (vec!["M", "F", "F"], Some(Sex)),
            (vec!["", " "], None),
            (vec![], None),
            (vec!["same", "same"], None),
        ] {
            assert_eq!(kind("x", &values), expected, "{values:?}");
        }
        // Few values, often: places. Few numbers, often: nothing that helps.
        let villages = many(&["Tolaha South", "Koziso"]);
        assert_eq!(
            kind(
                "x",
                &villages.iter().map(String::as_str).collect::<Vec<_>>()
            ),
            Some(Place)
        );
        let numbers = many(&["1000", "2000", "3000", "4000", "5000"]);
        assert_eq!(
            kind("x", &numbers.iter().map(String::as_str).collect::<Vec<_>>()),
            None
        );
    }

    #[test]
    fn a_few_odd_values_change_nothing() {
        let mut values = vec!["1984-05-12"; 7];
        values.extend(["1990-01-01", "not known", "?"]);
        assert_eq!(kind("x", &values), Some(FieldKind::BirthDate));
        values.push("unknown");
        assert_ne!(kind("x", &values), Some(FieldKind::BirthDate));
    }

    #[test]
    fn ragged_rows_and_no_rows_are_read_as_far_as_they_go() {
        let fields = recognize(&["name", "x"], &[vec!["Tuti"], vec![], vec!["a", "b", "c"]]);
        assert_eq!(fields.len(), 2);
        assert_eq!(recognize::<&str>(&[], &[]).len(), 0);
    }
}
