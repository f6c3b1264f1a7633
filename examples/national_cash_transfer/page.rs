//! The report: one page, no network, pictures drawn in place.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use solidarity_core::Money;

use crate::figures::{Count, DistrictRow, Findings, PairRow, Totals};
use crate::words::{grouped, money};

/// One color a bucket, told apart also by those who do not see all colors;
/// the table beside says the same in words.
const COLORS: [&str; 7] = [
    "#2a7f62", "#5b8ecb", "#b9c4cf", "#c8553d", "#e09f3e", "#7d7f86", "#6a4c93",
];

pub(crate) fn page(findings: &Findings) -> String {
    let summary = &findings.summary;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (findings.programme) ": report of a cycle" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.kicker { "Report of a payment cycle" }
                    h1 { (findings.programme) }
                    p { (findings.source) ". " (findings.from) " to " (findings.to) ". The people are made up or taken from a test file; the payment provider is simulated." }
                }
                main {
                    (headline(findings))
                    (control_totals(&summary.control_totals))
                    (section("Who gets the transfer, and who does not yet", "Every assistance unit has an outcome and a reason. A missing fact makes nobody ineligible: it is asked for.", html! {
                        (bars("Outcomes of eligibility", &[
                            ("eligible, enrolled", summary.enrolled, COLORS[0]),
                            ("waiting for budget", summary.waiting, COLORS[4]),
                            ("undetermined", summary.undetermined, COLORS[1]),
                            ("ineligible", summary.ineligible, COLORS[5]),
                        ]))
                        (table("Reasons", &["reason", "units", "what it means"], &findings.reasons))
                    }))
                    (section("Payments", "Credited means that the provider booked the money to the payee's account. Only the payee can say that it was received.", html! {
                        (districts(&findings.districts))
                        (table("What happened to the payments", &["event", "payments", "what it means"], &findings.payments))
                        (table("Not credited, and why", &["reason", "payments", "what comes next"], &findings.not_credited))
                    }))
                    (section("Is it the right person?", "Nobody is turned away by a machine: where one way cannot be tried, the next one is, down to a neighbor's word, registered and bounded.", html! {
                        (bars("How payees were verified", &findings.verification.iter().map(|way| {
                            (way.what.as_str(), way.count, COLORS[0])
                        }).collect::<Vec<_>>()))
                        (table("How payees were verified", &["way", "people", "what it means"], &findings.verification))
                    }))
                    (section("Complaints", "Anyone may complain, also without a name. Clocks run on working days, and what nobody owns escalates too.", complaints(findings)))
                    (section("Lawful basis and consent", "Enrolment rests on public task. Consent is asked only for what is optional; refusing it changes no benefit.", html! {
                        (table("What was decided and asked", &["matter", "people", "what it means"], &findings.consent))
                    }))
                    (section("The register", "What was read, what is missing, and which records a person should look at. No record waits for that.", html! {
                        (table("Import", &["result", "rows", "what it means"], &findings.import))
                        (table("Gaps", &["fact", "people", "what it means"], &findings.quality))
                        (table("Possible duplicates, for review", &["how likely", "pairs", "what it means"], &findings.duplicates))
                        (pairs(&findings.pairs))
                    }))
                    (section("The ledger", "Double entry: debits and credits are equal, in total and at every step.", accounts(findings)))
                }
                footer { p { "Made by the example national_cash_transfer of Solidarity." } }
            }
        }
    }
    .into_string()
}

fn headline(findings: &Findings) -> Markup {
    let summary = &findings.summary;
    let totals = &summary.control_totals;
    let tiles = [
        (grouped(summary.people), "people in the register"),
        (grouped(summary.units), "assistance units"),
        (grouped(summary.enrolled), "units enrolled"),
        (money(totals.credited), "credited"),
        (grouped(summary.exceptions), "identity exceptions used"),
        (grouped(summary.complaints), "complaints"),
        (grouped(summary.appeals_upheld), "appeals upheld and paid"),
    ];
    html! {
        ul.tiles {
            @for (figure, what) in tiles {
                li { strong { (figure) } span { (what) } }
            }
        }
    }
}

fn control_totals(totals: &Totals) -> Markup {
    let buckets = totals.buckets();
    let mut left = 0;
    let parts: Vec<_> = buckets
        .iter()
        .zip(COLORS)
        .map(|((name, _, amount), color)| {
            let width = share(*amount, totals.envelope, 10_000);
            let part = (*name, color, left, width);
            left += width;
            part
        })
        .collect();
    let sum = buckets.map(|(_, _, amount)| amount.amount()).join(" + ");
    let verdict = if totals.balance() {
        "The control totals balance"
    } else {
        "THE CONTROL TOTALS DO NOT BALANCE"
    };
    section(
        "Where the money is",
        "Every amount of the envelope is in exactly one place. A payment that was sent anew counts once.",
        html! {
            svg viewBox="0 0 10000 600" preserveAspectRatio="none" class="strip" role="img" aria-label="Shares of the envelope" {
                @for (name, color, x, width) in parts {
                    @if width > 0 {
                        rect x=(x) y="0" width=(width) height="600" fill=(color) { title { (name) } }
                    }
                }
            }
            table {
                caption { "Control totals" }
                thead { tr { th { "place" } th.n { "amount" } th { "what it means" } } }
                tbody {
                    @for ((name, meaning, amount), color) in buckets.iter().zip(COLORS) {
                        tr {
                            td { span.dot style=(format!("background:{color}")) {} (name) }
                            td.n { (money(*amount)) }
                            td { (meaning) }
                        }
                    }
                }
                tfoot { tr { td { "envelope" } td.n { (money(totals.envelope)) } td { "approved by two people" } } }
            }
            p.proof { (verdict) ": " (totals.envelope.amount()) " = " (sum) "." }
        },
    )
}

fn complaints(findings: &Findings) -> Markup {
    html! {
        table {
            caption { "Complaints and their clocks" }
            thead { tr {
                th { "category" } th.n { "received" } th.n { "answered" } th.n { "open, on time" } th.n { "overdue" } th.n { "upheld" } th { "answered" }
            } }
            tbody {
                @for row in &findings.complaints {
                    tr {
                        td { (row.category) }
                        @for n in [row.received, row.answered, row.open_on_time, row.overdue, row.upheld] {
                            td.n { (grouped(n)) }
                        }
                        td { (meter(row.answered, row.received)) }
                    }
                }
            }
        }
    }
}

fn districts(rows: &[DistrictRow]) -> Markup {
    html! {
        table {
            caption { "Credited, by district" }
            thead { tr { th { "district" } th.n { "payments" } th.n { "credited" } th { "" } th.n { "amount" } } }
            tbody {
                @for row in rows {
                    tr {
                        td { (row.name) }
                        td.n { (grouped(row.payments)) }
                        td.n { (grouped(row.credited)) }
                        td { (meter(row.credited, row.payments)) }
                        td.n { (money(row.amount)) }
                    }
                }
            }
        }
    }
}

fn pairs(rows: &[PairRow]) -> Markup {
    html! {
        table {
            caption { "Held for review: the likeliest pairs, with their evidence" }
            thead { tr { th.n { "one person" } th { "evidence, in bits: one more doubles the odds" } } }
            tbody {
                @for row in rows {
                    tr { td.n { (row.probability) " %" } td { (row.evidence.join("; ")) } }
                }
                @if rows.is_empty() {
                    tr { td colspan="2" { "none" } }
                }
            }
        }
    }
}

/// A small bar: `part` of `whole`.
fn meter(part: u64, whole: u64) -> Markup {
    let width = part * 120 / whole.max(1);
    html! {
        svg.meter viewBox="0 0 120 10" role="img" aria-label=(format!("{part} of {whole}")) {
            rect width="120" height="10" rx="2" fill=(COLORS[2]) {}
            rect width=(width) height="10" rx="2" fill=(COLORS[0]) {}
        }
    }
}

fn accounts(findings: &Findings) -> Markup {
    html! {
        table {
            caption { "Accounts of the programme" }
            thead { tr { th { "account" } th.n { "balance" } } }
            tbody {
                @for (account, balance) in &findings.accounts {
                    tr { td { (account) } td.n { (balance) } }
                }
            }
        }
    }
}

fn section(title: &str, lead: &str, body: Markup) -> Markup {
    html! {
        section {
            h2 { (title) }
            p.lead { (lead) }
            (body)
        }
    }
}

fn table(caption: &str, [what, count, note]: &[&str; 3], rows: &[Count]) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th { (what) } th.n { (count) } th { (note) } } }
            tbody {
                @for row in rows {
                    tr { td { (row.what) } td.n { (grouped(row.count)) } td { (row.note) } }
                }
                @if rows.is_empty() {
                    tr { td colspan="3" { "none" } }
                }
            }
        }
    }
}

/// A bar each, to one scale.
fn bars(title: &str, rows: &[(&str, u64, &str)]) -> Markup {
    let most = rows.iter().map(|(_, n, _)| *n).max().unwrap_or(0).max(1);
    let height = rows.len() * 34;
    html! {
        svg.bars viewBox=(format!("0 0 760 {height}")) role="img" aria-label=(title) {
            @for (row, (name, n, color)) in rows.iter().enumerate() {
                @let y = row * 34;
                text x="190" y=(y + 21) text-anchor="end" { (name) }
                rect x="200" y=(y + 5) width=(n * 440 / most) height="24" rx="3" fill=(color) {}
                text x=(208 + n * 440 / most) y=(y + 21) { (grouped(*n)) }
            }
        }
    }
}

/// `part` of `whole`, in parts of `scale`.
fn share(part: Money, whole: Money, scale: i128) -> i128 {
    if whole.is_zero() {
        0
    } else {
        part.minor() * scale / whole.minor()
    }
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d2733; --soft: #566373; --line: #d9dfe6; --paper: #fff; --ground: #f3f5f7; --mark: #1f6f8b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --soft: #a3afbb; --line: #36414d; --paper: #1b232c; --ground: #12181f; --mark: #7cc4dd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
.kicker { margin: 0; color: var(--mark); font-weight: 600; letter-spacing: .04em; text-transform: uppercase; font-size: .8rem; }
h1 { margin: .1rem 0 .4rem; font-size: 2rem; line-height: 1.2; }
h2 { margin: 0 0 .2rem; font-size: 1.25rem; }
header p, .lead, footer { color: var(--soft); }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem; margin: 1.25rem 0; overflow-x: auto; }
.lead { margin: 0 0 1rem; }
.tiles { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0; padding: 0; }
.tiles li { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; }
.tiles strong { display: block; font-size: 1.2rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tiles span { color: var(--soft); font-size: .85rem; }
.strip { width: 100%; height: 2.2rem; border-radius: 5px; display: block; margin-bottom: 1rem; }
.bars { width: 100%; max-width: 46rem; display: block; margin-bottom: .75rem; }
.meter { width: 7.5rem; height: .65rem; }
.bars text { font: 14px system-ui, sans-serif; fill: var(--ink); }
table { width: 100%; border-collapse: collapse; margin: .5rem 0 1rem; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: .8rem; color: var(--soft); font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 1.2rem; }
tfoot td { font-weight: 600; border-bottom: 0; }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .5rem; }
.proof { font-variant-numeric: tabular-nums; background: var(--ground); border-radius: 6px; padding: .6rem .8rem; margin: 0; }
footer { padding-bottom: 2.5rem; font-size: .85rem; }
@media print { body { background: #fff; } section { break-inside: avoid; border: 0; padding: 0; } }
";
