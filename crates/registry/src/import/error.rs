use std::fs::File;
use std::io;
use std::path::Path;

use solidarity_core::{Invalid, Retry};

/// Why an import did not begin, or could not go on.
///
/// A row that cannot be read is not one of these: it is among the rejects of
/// the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The mapping is not TOML, or has a key that there is not.
    #[error("the mapping cannot be read: {message}")]
    #[non_exhaustive]
    Mapping {
        /// What is wrong, and where.
        message: String,
    },
    /// The mapping breaks a rule, or the register's rules do not fit it.
    #[error("in the mapping, {0}")]
    Invalid(#[from] Invalid),
    /// The mapping names a column that the file does not have.
    #[error("the file has no column `{column}`")]
    #[non_exhaustive]
    MissingColumn {
        /// The column, as the mapping names it.
        column: String,
    },
    /// The mapping names a column that the file has twice.
    #[error("the file has more than one column `{column}`")]
    #[non_exhaustive]
    AmbiguousColumn {
        /// The column, as the mapping names it.
        column: String,
    },
    /// The path is a folder or a device.
    #[error("not a file")]
    NotAFile,
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The file has a header and no row.
    #[error("the file has no row below its header")]
    NoRows,
    /// The header is not UTF-8, so neither is the file.
    #[error("the file is not UTF-8, at line {line}, byte {offset}")]
    #[non_exhaustive]
    Encoding {
        /// The line, from 1.
        line: u64,
        /// The byte of the file, from 0.
        offset: u64,
    },
    /// The header cannot be read.
    #[error("the header {rule}")]
    #[non_exhaustive]
    Header {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// The file could not be read to its end. What was done stays done: run
    /// the import again.
    #[error("the file could not be read")]
    Read(#[from] io::Error),
    /// The register did not answer. What was done stays done: run the import
    /// again.
    #[error(transparent)]
    Registry(#[from] crate::Error),
}

impl ImportError {
    /// What the caller may do next.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Read(_) => Retry::Later,
            Self::Registry(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}

/// Opens the file at `path`, to be imported.
///
/// # Errors
///
/// [`ImportError::NotAFile`], [`ImportError::Empty`], or
/// [`ImportError::Read`] if there is none or it may not be read.
pub fn open(path: impl AsRef<Path>) -> Result<File, ImportError> {
    // Asked of the path first: to open a pipe waits for whoever fills it.
    if !path.as_ref().metadata()?.is_file() {
        return Err(ImportError::NotAFile);
    }
    let file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Err(ImportError::Empty);
    }
    Ok(file)
}
