use super::with_western_digits;

/// The most digits of a quantity before and after the decimal mark: so many a
/// binary number of 64 bits holds.
const DIGITS_MAX: usize = 15;

/// How much or how many, in one form: digits, and behind a point what is less
/// than one.
///
/// - A point or comma that is there once, behind everything else that parts
///   digits, is the decimal mark: `1.234,5`, `1,234.5`, `1 234,567`.
/// - **But if it is alone, and exactly three digits follow one to three that
///   begin with no zero, it parts thousands**: `1.500` is fifteen hundred,
///   because so amounts are written; `0.125` is an eighth, and `1.50` is one and
///   a half.
/// - Thousands are parted by one and the same of point, comma, space,
///   apostrophe, low line and `٬`, in threes, or as in India (`12,34,567`).
///
/// `None` for anything else: a sign, a unit, a currency, a range, more than 15
/// digits.
///
/// ```
/// use solidarity_linkage::normalize::quantity;
///
/// assert_eq!(quantity("1,234.50"), quantity("1 234,5"));
/// assert_eq!(quantity("٤").as_deref(), Some("4"));
/// assert_eq!(quantity("4 or 5"), None);
/// ```
#[must_use]
pub fn quantity(text: &str) -> Option<String> {
    let text = with_western_digits(text);
    let text = text.trim();
    let (whole, part) = match decimal_mark(text) {
        Some((at, mark)) => (text.get(..at)?, text.get(at + mark.len_utf8()..)?),
        None => (text, "0"),
    };
    let is_number = |digits: &str| {
        (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let whole = joined(whole)?;
    if !is_number(&whole) || !is_number(part) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    match whole.len() + part.len() <= DIGITS_MAX {
        true if part.is_empty() => Some(whole.to_owned()),
        true => Some(format!("{whole}.{part}")),
        false => None,
    }
}

/// Where the decimal mark is, if there is one.
fn decimal_mark(text: &str) -> Option<(usize, char)> {
    let (at, mark) = text
        .char_indices()
        .rfind(|(_, c)| matches!(c, '.' | ',' | '٫'))?;
    let (before, after) = (text.get(..at)?, text.get(at + mark.len_utf8()..)?);
    if before.contains(mark) {
        return None;
    }
    let alone = before.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = mark != '٫'
        && alone
        && after.len() == 3
        && (1..=3).contains(&before.len())
        && !before.starts_with('0');
    (!thousands).then_some((at, mark))
}

/// The digits of a whole number, without what parts its thousands.
fn joined(whole: &str) -> Option<String> {
    let Some(parts) = whole.find(|c: char| !c.is_ascii_digit()) else {
        return Some(whole.to_owned());
    };
    let mark = whole.get(parts..)?.chars().next()?;
    let groups: Vec<&str> = whole.split(mark).collect();
    let (last, before) = groups.split_last()?;
    let (first, middle) = before.split_first()?;
    let are = |size: usize| {
        (1..=size).contains(&first.len()) && middle.iter().all(|group| group.len() == size)
    };
    let is_mark = matches!(mark, '.' | ',' | ' ' | '\'' | '’' | '_' | '٬');
    (is_mark && last.len() == 3 && (are(3) || are(2))).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_read_by_one_rule() {
        for (text, expected) in [
            ("4", "4"),
            (" 007 ", "7"),
            ("0", "0"),
            ("0.00", "0"),
            ("1234.5", "1234.5"),
            ("1234,5", "1234.5"),
            ("1.50", "1.5"),
            ("1.500", "1500"),
            ("1,500", "1500"),
            ("0.125", "0.125"),
            ("0,125", "0.125"),
            ("1234.567", "1234.567"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
            ("1.234.567,89", "1234567.89"),
            ("1,234,567.89", "1234567.89"),
            ("1,234.567", "1234.567"),
            ("1 234 567,5", "1234567.5"),
            ("1\u{a0}234\u{202f}567", "1234567"),
            ("1'234'567.50", "1234567.5"),
            ("12,34,567.5", "1234567.5"),
            ("5_000", "5000"),
            ("١٬٢٣٤٫٥", "1234.5"),
            ("٠٫١٢٥", "0.125"),
            ("१२३", "123"),
            ("999999999999999", "999999999999999"),
        ] {
            assert_eq!(quantity(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_quantity() {
        for text in [
            "",
            " ",
            "-5",
            "+5",
            "5 km",
            "$5",
            "4-5",
            "four",
            "1e3",
            "NaN",
            "inf",
            ".5",
            "5.",
            "1.2.3",
            "1,23,4",
            "1234,567,890",
            "1,234 567",
            "1  234",
            "12,345,67",
            ",500",
            "1000000000000000",
            "0.0000000000000001",
            "99999999999999.99",
        ] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_number_in_one_form(text in "[0-9.,' ]{0,14}|\\PC{0,12}") {
            if let Some(read) = quantity(&text) {
                let number: f64 = read.parse().unwrap();
                prop_assert!(number.is_finite() && number >= 0.0);
                prop_assert_eq!(number.to_string(), read);
            }
        }

        #[test]
        fn however_thousands_are_parted_it_is_the_same(n in 0_u64..1_000_000_000_000, cents in 1_u64..100) {
            let digits = n.to_string();
            let parted = |mark: &str| {
                let bytes = digits.as_bytes().rchunks(3).rev();
                let groups: Vec<&str> = bytes.map(|group| str::from_utf8(group).unwrap()).collect();
                groups.join(mark)
            };
            let expected = quantity(&format!("{n}.{cents:02}"));
            prop_assert!(expected.is_some());
            for (thousands, decimal) in [(",", "."), (".", ","), (" ", ","), ("'", ".")] {
                let text = format!("{}{decimal}{cents:02}", parted(thousands));
                prop_assert_eq!(quantity(&text), expected.clone(), "{}", text);
            }
        }
    }
}
