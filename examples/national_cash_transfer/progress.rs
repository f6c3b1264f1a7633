//! How far the run is: bars on a terminal, lines elsewhere; on the standard
//! error, so that the output is the summary alone.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Tells what is being done.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    step: u32,
}

const STEPS: u32 = 8;

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            step: 0,
        }
    }

    /// The next step, of `length` parts if that is known.
    pub(crate) fn step(&mut self, what: &str, length: Option<u64>) -> ProgressBar {
        self.step += 1;
        let title = format!("[{}/{STEPS}] {what}", self.step);
        if !self.terminal {
            eprintln!("{title}");
            return ProgressBar::hidden();
        }
        let (bar, template) = match length {
            Some(length) => (ProgressBar::new(length), "{msg:52} {bar:30} {pos}/{len}"),
            None => (ProgressBar::no_length(), "{msg:52} {pos}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(title);
        bar
    }
}
