//! Numbers as people read them.

use solidarity_core::Money;

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    group(&n.to_string())
}

/// `1234.50 KES` as `KES 1,234.50`.
pub(crate) fn money(money: Money) -> String {
    let amount = money.amount();
    let (whole, decimals) = match amount.split_once('.') {
        Some((whole, decimals)) => (whole, format!(".{decimals}")),
        None => (amount.as_str(), String::new()),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    format!("{} {sign}{}{decimals}", money.currency(), group(digits))
}

fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[test]
fn thousands_are_grouped() {
    assert_eq!(grouped(0), "0");
    assert_eq!(grouped(999), "999");
    assert_eq!(grouped(1_234_567), "1,234,567");
    let amount: Money = "-1234567.05 KES".parse().unwrap();
    assert_eq!(money(amount), "KES -1,234,567.05");
}
