//! Numbers as people read them.

use std::fmt::Write;

use solidarity_core::Money;

use crate::figures::{Count, Findings};

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

/// The summary, for a terminal.
pub(crate) fn summary(findings: &Findings) -> String {
    let (summary, totals) = (&findings.summary, &findings.summary.control_totals);
    let mut said = String::new();
    let head = format!("{}: {}", findings.programme, findings.source);
    let mut say = |line: String| {
        said.push_str(&line);
        said.push('\n');
    };
    say(head);
    say(format!("{} to {}", findings.from, findings.to));
    say(String::new());
    for (what, n) in [
        ("people", summary.people),
        ("units", summary.units),
        ("eligible", summary.eligible),
        ("waiting for budget", summary.waiting),
        ("undetermined: to be asked", summary.undetermined),
        ("ineligible: told why", summary.ineligible),
        ("enrolled, by appeal too", summary.enrolled),
        ("identity exceptions", summary.exceptions),
        ("complaints", summary.complaints),
        ("appeals upheld and paid", summary.appeals_upheld),
    ] {
        say(format!("  {what:<28}{:>16}", grouped(n)));
    }
    section(&mut said, "Import", &findings.import);
    section(&mut said, "What the register lacks", &findings.quality);
    section(
        &mut said,
        "Possible duplicates, for review",
        &findings.duplicates,
    );
    section(&mut said, "Lawful basis and consent", &findings.consent);
    section(
        &mut said,
        "How payees were verified",
        &findings.verification,
    );
    section(&mut said, "Payments", &findings.payments);
    section(&mut said, "Not credited, and why", &findings.not_credited);
    let _ = writeln!(said, "\nWhere the money is");
    for (name, _, amount) in totals.buckets() {
        let _ = writeln!(said, "  {name:<28}{:>16}", money(amount));
    }
    let _ = writeln!(said, "  {:<28}{:>16}", "envelope", money(totals.envelope));
    let verdict = if totals.balance() {
        "they balance"
    } else {
        "THEY DO NOT BALANCE"
    };
    let _ = writeln!(said, "  {verdict}, after {} s", summary.seconds);
    said
}

fn section(said: &mut String, title: &str, counts: &[Count]) {
    let _ = writeln!(said, "\n{title}");
    for count in counts.iter().filter(|count| count.count > 0) {
        let _ = writeln!(said, "  {:<60} {:>9}", count.what, grouped(count.count));
    }
}

#[test]
fn thousands_are_grouped() {
    assert_eq!(grouped(0), "0");
    assert_eq!(grouped(999), "999");
    assert_eq!(grouped(1_234_567), "1,234,567");
    let amount: Money = "-1234567.05 KES".parse().unwrap();
    assert_eq!(money(amount), "KES -1,234,567.05");
}
