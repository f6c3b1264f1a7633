//! A national cash transfer, from a file of households to reconciled payments,
//! answered complaints and a report. It shows how the blocks are put together;
//! what it decides lives in them.
//!
//! `cargo run --example national_cash_transfer`
//!
//! Stopped at any moment and started again with the same `--db`, it goes on:
//! every step is a command whose id follows from its cause, so that doing it
//! again does nothing. Nobody is paid twice.

mod args;
mod bank;
mod districts;
mod enrol;
mod figures;
mod office;
mod page;
mod pay;
mod progress;
mod redress;
mod register;
mod sharing;
mod verify;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use solidarity_core::testing::block_on;
use solidarity_core::{PaymentId, PersonId, UnitId};
use solidarity_payments::LineState;
use solidarity_registry::Person;

use crate::args::{Args, Settings, beside, discard, write_whole};
use crate::figures::{Findings, Summary, Totals};
use crate::office::{Office, Result, told};
use crate::pay::Treasury;
use crate::progress::Progress;
use crate::redress::Redress;
use crate::register::Input;

fn main() -> ExitCode {
    let args = Args::parse();
    match block_on(run(&args)) {
        Ok(findings) => match tell(&args, &findings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&*error),
        },
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {}", told(error));
    ExitCode::FAILURE
}

/// The days of the programme, counted from its start.
mod days {
    pub(super) const REGISTER: u64 = 0;
    pub(super) const VERIFY: u64 = 1;
    pub(super) const PAY: u64 = 2;
    pub(super) const COMPLAIN: u64 = 5;
    pub(super) const REISSUE: u64 = 8;
    pub(super) const APPEAL: u64 = 9;
    pub(super) const UPHOLD: u64 = 14;
    pub(super) const LATE: u64 = 21;
    pub(super) const END: u64 = 22;
}

async fn run(args: &Args) -> Result<Findings> {
    let began = Instant::now();
    let mut progress = Progress::new();
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("cannot make the folder {}: {error}", args.out.display()))?;
    let input = Input::of(args)?;
    let settings = Settings {
        source: input.source.clone(),
        seed: args.seed,
        start: args.start,
    };
    let db = args.database();
    if args.db.is_none() {
        discard(&db)?;
    }
    let is_new = settings.hold(&db)?;
    let office = Office::open(&db, input.mapping.rules(), args.start)?;

    office.begin_day(days::REGISTER);
    let bytes = std::fs::metadata(&input.path)?.len();
    let bar = progress.step("import the households", Some(bytes));
    let rejects = args.out.join("rejects.csv");
    let report = match register::import(&office, input, &rejects, &bar).await {
        // Nothing was begun: the file is put right, and tried again.
        Err(error) if is_new => {
            drop(office);
            discard(&db)?;
            return Err(error);
        }
        imported => imported?,
    };
    bar.finish_and_clear();
    let bar = progress.step("look at the quality, and for possible duplicates", None);
    let people = register::everybody(&office).await?;
    let duplicates = register::duplicates(&office, &people);
    bar.finish_and_clear();
    let bar = progress.step("decide who is eligible", None);
    let decided = enrol::decide(&office, &people, &bar).await?;
    bar.finish_and_clear();
    let bar = progress.step("enrol, and give notice", Some(decided.units() as u64));
    enrol::enrol(&office, &decided, &bar).await?;
    bar.finish_and_clear();

    office.begin_day(days::VERIFY);
    let units: Vec<UnitId> = decided
        .funded
        .iter()
        .map(|decision| decision.unit())
        .collect();
    let payees: Vec<PersonId> = units
        .iter()
        .filter_map(|unit| decided.payees.get(unit))
        .copied()
        .collect();
    let bar = progress.step("check the lawful basis, and ask for consent to share", None);
    let consent = sharing::share(&office, &payees, &units, &people, args.seed).await?;
    bar.finish_and_clear();
    let bar = progress.step("verify who collects", Some(payees.len() as u64));
    let telephones = bank::Telephones(bank::Lines::open(&beside(&db, "telephones.jsonl"))?);
    let verified = verify::verify(&office, &payees, &people, args.seed, telephones, &bar).await?;
    bar.finish_and_clear();

    let paid = disburse(&office, args, &db, &decided, &people, &mut progress).await?;

    let bar = progress.step("add up, and write the report", None);
    let totals = pay::totals(&office, &paid.batches).await?;
    let complaints = redress::complaints(&office).await?;
    let admitted = u64::from(paid.appeal);
    let summary = Summary {
        people: people.len() as u64,
        units: decided.units() as u64,
        eligible: decided.funded.len() as u64,
        ineligible: decided.ineligible.len() as u64,
        undetermined: decided.undetermined.len() as u64,
        waiting: decided.waiting.len() as u64,
        enrolled: units.len() as u64 + admitted,
        exceptions: verified.exceptions,
        complaints: complaints.received,
        appeals_upheld: complaints.appeals_upheld,
        seconds: began.elapsed().as_secs(),
        control_totals: Totals::from(&totals),
    };
    let findings = Findings {
        programme: office.programme.name().to_owned(),
        source: source(args),
        from: office.day(days::REGISTER).to_string(),
        to: office.day(days::END).to_string(),
        import: register::import_counts(&report),
        quality: register::quality_counts(&report),
        duplicates: register::duplicate_counts(&duplicates),
        consent,
        reasons: enrol::reason_counts(&decided),
        verification: verified.counts(),
        payments: paid.treasury.counts(&office).await?,
        not_credited: pay::not_credited(&office, &paid.batches).await?,
        districts: districts::by_district(
            &report.places,
            &decided.homes,
            &pay::all_lines(&office, &paid.batches).await?,
            office.today(),
        )?,
        accounts: pay::accounts(&office, &paid.batches).await?,
        complaints: complaints.rows,
        summary,
    };
    bar.finish_and_clear();
    write_whole(&args.out.join("report.html"), &page::page(&findings))?;
    Ok(findings)
}

struct Paid {
    treasury: Treasury,
    batches: Vec<solidarity_payments::BatchId>,
    appeal: bool,
}

/// From the first payment to the end of the cycle, day by day.
async fn disburse(
    office: &Office,
    args: &Args,
    db: &std::path::Path,
    decided: &enrol::Decided,
    people: &[Person],
    progress: &mut Progress,
) -> Result<Paid> {
    let people: BTreeMap<PersonId, &Person> = people.iter().map(|p| (p.id(), p)).collect();
    let redress = Redress::open(office, decided, args.seed);
    let mut treasury = Treasury::open(office, db, args.seed)?;
    let first = pay::cycle(office, "first", days::REGISTER, days::UPHOLD - 1)?;
    let second = pay::cycle(office, "what was missed", days::UPHOLD, days::END)?;

    office.begin_day(days::PAY);
    let appropriation = decided.appropriation.ok_or("there is no money")?;
    treasury.fund(office, appropriation).await?;
    let due = pay::entitle(office, &first).await?;
    let instructions = pay::instructions(&due, &people)?;
    let mut batches = Vec::new();
    batches.extend(
        treasury
            .pay(office, &first, "regular", instructions.clone())
            .await?,
    );

    let bar = progress.step(
        "pay, ask, reconcile; hear complaints",
        Some(days::END - days::PAY + 1),
    );
    for day in days::PAY..=days::END {
        office.begin_day(day);
        match day {
            days::COMPLAIN => {
                redress
                    .take(office, decided, &instructions, &treasury)
                    .await?;
            }
            days::REISSUE => {
                let again = pay::reissues(office, &batches).await?;
                batches.extend(treasury.pay(office, &first, "reissues", again).await?);
            }
            days::APPEAL => redress.appeal(office).await?,
            days::UPHOLD => {
                redress.uphold(office, &first, &second).await?;
                let due = pay::entitlements(office, second.id()).await?;
                let due = pay::instructions(&due, &people)?;
                batches.extend(treasury.pay(office, &second, "arrears", due).await?);
            }
            days::LATE => redress.take_late(office, decided).await?,
            _ => {}
        }
        treasury.work(office, &batches).await?;
        if day >= days::COMPLAIN {
            redress.work(office).await?;
        }
        bar.inc(1);
    }
    let mut credited: BTreeSet<PaymentId> = BTreeSet::new();
    for batch in &batches {
        let lines = pay::lines(office, *batch, &[LineState::Credited]).await?;
        credited.extend(lines.iter().map(|line| line.id()));
    }
    redress.close(office, &credited).await?;
    bar.finish_and_clear();
    let appeal = !pay::entitlements(office, second.id()).await?.is_empty();
    Ok(Paid {
        treasury,
        batches,
        appeal,
    })
}

fn source(args: &Args) -> String {
    match &args.input {
        Some(file) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            format!("People of the file {name}")
        }
        None => format!(
            "{} made-up households",
            words::grouped(args.households.into())
        ),
    }
}

fn tell(args: &Args, findings: &Findings) -> Result<()> {
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings.summary)?);
    } else {
        print!("{}", words::summary(findings));
        println!("\nThe report: {}", args.out.join("report.html").display());
    }
    Ok(())
}
