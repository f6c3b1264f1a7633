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
mod duplicates;
mod enrol;
mod figures;
mod office;
mod page;
mod pay;
mod progress;
mod redress;
mod register;
mod run;
mod sharing;
mod treasury;
mod verify;
mod words;

use std::process::ExitCode;

use clap::Parser;
use solidarity_core::testing::block_on;

use crate::args::{Args, write_whole};
use crate::figures::Findings;
use crate::office::{Result, told};

fn main() -> ExitCode {
    let args = Args::parse();
    let findings = block_on(run::run(&args));
    match findings.and_then(|findings| tell(&args, &findings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", told(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Writes the report, and prints the summary or its figures.
fn tell(args: &Args, findings: &Findings) -> Result<()> {
    let report = args.out.join("report.html");
    write_whole(&report, &page::page(findings))?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings.summary)?);
    } else {
        print!("{}", words::summary(findings));
        println!("\nThe report: {}", report.display());
    }
    Ok(())
}
