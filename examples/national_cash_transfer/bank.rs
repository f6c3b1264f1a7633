//! What outlives the run beside the database: the books of the two payment
//! providers, and the telephones that codes were sent to. Neither is ours.

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use solidarity_core::{BoxError, Retry};
use solidarity_identity::{CodeDelivery, CodeMessage, Error};
use solidarity_payments::{BookEntry, RailBooks};

/// A file to which whole lines are added. A line without its end was being
/// written when the writer was killed, and is not there.
#[derive(Debug)]
pub(crate) struct Lines(Mutex<File>);

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, BoxError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
        file.set_len(whole as u64)?;
        Ok(Self(Mutex::new(file)))
    }

    fn append<T: Serialize>(&self, entries: &[T]) -> Result<(), BoxError> {
        let mut text = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut text, entry)?;
            text.push(b'\n');
        }
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::End(0))?;
        file.write_all(&text)?;
        Ok(())
    }

    fn entries<T: DeserializeOwned>(&self) -> Result<Vec<T>, BoxError> {
        let mut text = String::new();
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        let entries = text.lines().map(serde_json::from_str);
        Ok(entries.collect::<Result<_, _>>()?)
    }
}

impl RailBooks for Lines {
    fn append(&self, entries: &[BookEntry]) -> Result<(), BoxError> {
        self.append(entries)
    }

    fn entries(&self) -> Result<Vec<BookEntry>, BoxError> {
        self.entries()
    }
}

/// The telephones of the people: what was sent to each.
#[derive(Debug)]
pub(crate) struct Telephones(pub(crate) Lines);

#[derive(Deserialize, Serialize)]
struct Text {
    to: String,
    code: String,
}

impl Telephones {
    /// The last code that came to `number`.
    pub(crate) fn last_code(&self, number: &str) -> Result<Option<String>, BoxError> {
        let texts: Vec<Text> = self.0.entries()?;
        let of_number = texts.into_iter().rev().find(|text| text.to == number);
        Ok(of_number.map(|text| text.code))
    }
}

#[async_trait]
impl CodeDelivery for Telephones {
    async fn deliver(&self, message: &CodeMessage) -> Result<(), Error> {
        let text = Text {
            to: message
                .contact()
                .address()
                .map_or_else(String::new, |a| a.expose().clone()),
            code: message.code().expose().clone(),
        };
        self.0
            .append(&[text])
            .map_err(|source| Error::unavailable("send a code", Retry::Later, source))
    }
}
