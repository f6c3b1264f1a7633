use super::{Comparator, Level, Pair};
use crate::normalize::PartialDate;

/// Compares dates of birth: whole or in part, changed over, or with a slip. A
/// first of January is *weak*: it is often a guess.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it never has anything to hold")]
pub struct DateComparator;

const LEVELS: &[Level] = &[
    Level::new("different", 0.01, 0.0),
    Level::new("two digits differ", 0.02, 0.4),
    Level::new("within two years, one of them weak", 0.02, 0.4),
    Level::new("the year, or the day within ten years", 0.02, 0.4),
    Level::new("a year apart, both weak", 0.03, 0.7),
    Level::new("the year, one of them weak", 0.06, 0.8),
    Level::new("one slip, or day and month changed over", 0.08, 0.9),
    Level::new("the same, weak", 0.15, 0.9),
    Level::new("the same", 0.65, 1.0),
];

impl Comparator for DateComparator {
    fn levels(&self) -> &[Level] {
        LEVELS
    }

    fn compare(&self, pair: Pair<'_>, field: usize) -> Option<usize> {
        let (one, other) = (pair.left.date(field), pair.right.date(field));
        (one.is_some() && other.is_some()).then(|| level(one, other))
    }
}

fn level(one: PartialDate, other: PartialDate) -> usize {
    let weak = (one.is_weak(), other.is_weak());
    let years = one.year.abs_diff(other.year);
    if one == other {
        return 8 - usize::from(weak.0);
    }
    let unknown = |date: PartialDate| date.month == 0 || date.day == 0;
    if years == 0 && (weak.0 || weak.1 || unknown(one) || unknown(other)) {
        return 5;
    }
    let changed_over = years == 0 && one.month == other.day && one.day == other.month;
    let slips = slips(one, other);
    match weak {
        (true, true) if years <= 1 => 4,
        (true, true) if years <= 2 => 2,
        (true, true) => 0,
        _ if changed_over || slips == 1 => 6,
        (false, false) if years == 0 => 3,
        (false, false) if years <= 10 && one.month == other.month && one.day == other.day => 3,
        _ if slips == 2 => 1,
        (false, false) => 0,
        _ => {
            if years <= 2 {
                2
            } else {
                0
            }
        }
    }
}

/// How many of the eight digits differ; two neighbors changed over are one
/// slip.
fn slips(one: PartialDate, other: PartialDate) -> usize {
    let digits = |date: PartialDate| {
        let number =
            u32::from(date.year) * 10_000 + u32::from(date.month) * 100 + u32::from(date.day);
        [7, 6, 5, 4, 3, 2, 1, 0].map(|place| number / 10_u32.pow(place) % 10)
    };
    let (one, other) = (digits(one), digits(other));
    let (mut slips, mut pairs) = (0, one.iter().zip(&other).peekable());
    while let Some((a, b)) = pairs.next() {
        if a != b {
            slips += 1;
            if let Some((c, d)) = pairs.peek()
                && (a, b) == (*d, *c)
            {
                pairs.next();
            }
        }
    }
    slips
}
