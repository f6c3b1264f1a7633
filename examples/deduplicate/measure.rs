//! How long each stage takes, on the clock and on the processors.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use solidarity_linkage::{Progress, Stage};

#[derive(Debug)]
pub(crate) struct Stages {
    began: Instant,
    bar: ProgressBar,
    done: Mutex<Vec<Took>>,
    /// The stage of the library that is at work, and since when.
    at: Mutex<Option<(Stage, Instant, f64)>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Took {
    pub(crate) stage: &'static str,
    pub(crate) seconds: f64,
    pub(crate) cpu: f64,
}

impl Stages {
    pub(crate) fn new() -> Self {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::new(1),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{msg:10} {bar:40} {percent}%") {
            bar.set_style(style);
        }
        Self {
            began: Instant::now(),
            bar,
            done: Mutex::default(),
            at: Mutex::default(),
        }
    }

    /// Measures what `work` takes, apart from the library's own stages.
    pub(crate) fn during<T>(&self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let (began, cpu) = (Instant::now(), cpu_seconds());
        let answer = work();
        self.pass_on(None);
        if stage != "link" {
            self.took(stage, began, cpu);
        }
        answer
    }

    fn took(&self, stage: &'static str, began: Instant, cpu: f64) {
        let took = Took {
            stage,
            seconds: began.elapsed().as_secs_f64(),
            cpu: cpu_seconds() - cpu,
        };
        if let Ok(mut done) = self.done.lock() {
            done.push(took);
        }
    }

    /// Ends the stage of the library that is at work, and begins another if
    /// there is one, and it comes later.
    fn pass_on(&self, next: Option<Stage>) {
        let Ok(mut at) = self.at.lock() else { return };
        if next.is_some_and(|next| at.is_some_and(|(at, ..)| at >= next)) {
            return;
        }
        if let Some((stage, began, cpu)) = at.take() {
            self.took(stage.name(), began, cpu);
        }
        if let Some(next) = next {
            *at = Some((next, Instant::now(), cpu_seconds()));
            self.bar.set_message(next.name());
        }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    pub(crate) fn done(&self) -> Vec<Took> {
        self.done
            .lock()
            .map(|done| done.clone())
            .unwrap_or_default()
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }
}

impl Progress for Stages {
    fn goes_on(&self, stage: Stage, done: u64, all: u64) -> bool {
        // Records are made ready while others are read: that is one stage here.
        if stage != Stage::Prepare {
            self.pass_on(Some(stage));
        }
        self.bar.set_length(all.max(1));
        self.bar.set_position(done);
        true
    }
}

/// What the process used of the processors so far; nothing where the system
/// does not say so in `/proc`.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or("");
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// The most memory that the process held, in mebibytes.
pub(crate) fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.split_whitespace().next());
    kib.and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1_024.0
}
