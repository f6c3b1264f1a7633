//! The run, step by step. Each step may be done again.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use solidarity_core::{PersonId, UnitId};
use solidarity_payments::BatchId;
use solidarity_registry::Person;
use solidarity_registry::import::ImportReport;

use crate::args::{Args, Settings, beside, discard, lock};
use crate::bank::{Lines, Telephones};
use crate::duplicates::{self, Duplicates};
use crate::enrol::{self, Decided};
use crate::figures::{Count, Findings, Summary, Totals};
use crate::office::{Office, Result};
use crate::pay;
use crate::progress::Progress;
use crate::redress::{self, Redress};
use crate::register::{self, Input};
use crate::treasury::{self, Treasury};
use crate::verify::Verified;
use crate::{districts, sharing, verify, words};

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

/// Runs the programme as `args` say.
pub(crate) async fn run(args: &Args) -> Result<Findings> {
    let began = Instant::now();
    let mut run = Run {
        args,
        db: args.database(),
        progress: Progress::new(),
        lock: None,
    };
    let (office, registered) = run.register().await?;
    let decided = run.decide(&office, &registered).await?;
    let identified = run.identify(&office, &registered, &decided).await?;
    let paid = run.disburse(&office, &registered, &decided).await?;
    let mut findings = run
        .add_up(&office, &registered, &decided, identified, &paid)
        .await?;
    findings.summary.seconds = began.elapsed().as_secs();
    Ok(findings)
}

struct Run<'a> {
    args: &'a Args,
    db: PathBuf,
    progress: Progress,
    /// Held to the end.
    lock: Option<File>,
}

struct Registered {
    report: ImportReport,
    people: Vec<Person>,
    duplicates: Duplicates,
}

struct Identified {
    consent: Vec<Count>,
    verified: Verified,
}

struct Paid {
    treasury: Treasury,
    batches: Vec<BatchId>,
    /// Whether the appeal brought a unit in.
    admitted: bool,
}

impl Run<'_> {
    /// Opens the office, imports the file, and looks at what came.
    async fn register(&mut self) -> Result<(Office, Registered)> {
        let args = self.args;
        std::fs::create_dir_all(&args.out)
            .map_err(|error| format!("cannot make the folder {}: {error}", args.out.display()))?;
        let input = Input::of(args)?;
        self.lock = Some(lock(&self.db)?);
        if args.db.is_none() {
            discard(&self.db)?;
        }
        let settings = Settings {
            source: input.source.clone(),
            seed: args.seed,
            start: args.start,
        };
        let is_new = settings.hold(&self.db)?;
        let office = Office::open(&self.db, input.mapping.rules(), args.start)?;

        office.begin_day(days::REGISTER);
        let bytes = std::fs::metadata(&input.path)?.len();
        let bar = self.progress.step("import the households", Some(bytes));
        let rejects = args.out.join("rejects.csv");
        let report = match register::import(&office, input, &rejects, &bar).await {
            // Nothing was begun: the file is put right, and tried again.
            Err(error) if is_new => {
                drop(office);
                discard(&self.db)?;
                return Err(error);
            }
            imported => imported?,
        };
        bar.finish_and_clear();
        let bar = self
            .progress
            .step("look at the quality, and for possible duplicates", None);
        let people = register::everybody(&office).await?;
        let duplicates = duplicates::find(&office, &people).await?;
        bar.finish_and_clear();
        let registered = Registered {
            report,
            people,
            duplicates,
        };
        Ok((office, registered))
    }

    async fn decide(&mut self, office: &Office, registered: &Registered) -> Result<Decided> {
        let bar = self.progress.step("decide who is eligible", None);
        let decided = enrol::decide(office, &registered.people, &bar).await?;
        bar.finish_and_clear();
        let units = decided.units() as u64;
        let bar = self.progress.step("enrol, and give notice", Some(units));
        enrol::enrol(office, &decided, &bar).await?;
        bar.finish_and_clear();
        Ok(decided)
    }

    async fn identify(
        &mut self,
        office: &Office,
        registered: &Registered,
        decided: &Decided,
    ) -> Result<Identified> {
        office.begin_day(days::VERIFY);
        let (people, seed) = (&registered.people, self.args.seed);
        let units: Vec<UnitId> = decided
            .funded
            .iter()
            .map(|decision| decision.unit())
            .collect();
        let payees = units
            .iter()
            .filter_map(|unit| decided.payees.get(unit))
            .copied();
        let payees: Vec<PersonId> = payees.collect();
        let what = "check the lawful basis, and ask for consent to share";
        let bar = self.progress.step(what, None);
        let consent = sharing::share(office, &payees, &units, people, seed).await?;
        bar.finish_and_clear();
        let bar = self
            .progress
            .step("verify who collects", Some(payees.len() as u64));
        let telephones = Telephones(Lines::open(&beside(&self.db, "telephones.jsonl"))?);
        let verified = verify::verify(office, &payees, people, seed, telephones, &bar).await?;
        bar.finish_and_clear();
        Ok(Identified { consent, verified })
    }

    /// From the first payment to the end of the cycle, day by day.
    async fn disburse(
        &mut self,
        office: &Office,
        registered: &Registered,
        decided: &Decided,
    ) -> Result<Paid> {
        let people = registered.people.iter().map(|person| (person.id(), person));
        let people: BTreeMap<PersonId, &Person> = people.collect();
        let redress = Redress::open(office, decided, self.args.seed);
        let mut treasury = Treasury::open(office, &self.db, self.args.seed)?;
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

        let bar = self.progress.step(
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
        redress
            .close(office, &pay::credited(office, &batches).await?)
            .await?;
        bar.finish_and_clear();
        let admitted = !pay::entitlements(office, second.id()).await?.is_empty();
        Ok(Paid {
            treasury,
            batches,
            admitted,
        })
    }

    async fn add_up(
        &mut self,
        office: &Office,
        registered: &Registered,
        decided: &Decided,
        identified: Identified,
        paid: &Paid,
    ) -> Result<Findings> {
        let bar = self.progress.step("add up, and write the report", None);
        let totals = pay::totals(office, &paid.batches).await?;
        let complaints = redress::complaints(office).await?;
        let lines = pay::all_lines(office, &paid.batches).await?;
        let (places, today) = (&registered.report.places, office.today());
        let summary = Summary {
            people: registered.people.len() as u64,
            units: decided.units() as u64,
            eligible: decided.funded.len() as u64,
            ineligible: decided.ineligible.len() as u64,
            undetermined: decided.undetermined.len() as u64,
            waiting: decided.waiting.len() as u64,
            enrolled: decided.funded.len() as u64 + u64::from(paid.admitted),
            exceptions: identified.verified.exceptions,
            complaints: complaints.received,
            appeals_upheld: complaints.appeals_upheld,
            seconds: 0,
            control_totals: Totals::from(&totals),
        };
        let findings = Findings {
            programme: office.programme.name().to_owned(),
            source: source(self.args),
            from: office.day(days::REGISTER).to_string(),
            to: office.day(days::END).to_string(),
            summary,
            import: register::import_counts(&registered.report),
            quality: register::quality_counts(&registered.report),
            duplicates: registered.duplicates.counts.clone(),
            pairs: registered.duplicates.shown.clone(),
            consent: identified.consent,
            reasons: enrol::reason_counts(decided),
            verification: identified.verified.counts(),
            payments: paid.treasury.counts(office, &totals).await?,
            not_credited: pay::not_credited(&lines),
            districts: districts::by_district(places, &decided.homes, &lines, today)?,
            accounts: treasury::accounts(office, &paid.batches).await?,
            complaints: complaints.rows,
        };
        bar.finish_and_clear();
        Ok(findings)
    }
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
