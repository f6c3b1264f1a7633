//! A harness for stores on disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use solidarity_core::testing::Harness;
use tempfile::TempDir;

use super::Database;

/// A [`Harness`] whose subjects live in files of a temporary folder. To
/// reopen one is to copy its files as they lie on the disk, which is what a
/// killed process leaves, and to open the copy.
pub(crate) struct OnDisk<F> {
    make: F,
    folder: TempDir,
    // Which file each open subject lives in, by the subject's address.
    files: Mutex<HashMap<usize, PathBuf>>,
}

impl<F> OnDisk<F> {
    pub(crate) fn new<S: ?Sized>(make: F) -> Self
    where
        F: Fn(&Database) -> Arc<S>,
    {
        Self {
            make,
            folder: tempfile::tempdir().unwrap(),
            files: Mutex::default(),
        }
    }

    fn open_in<S: ?Sized>(&self, path: PathBuf) -> Arc<S>
    where
        F: Fn(&Database) -> Arc<S>,
    {
        let subject = (self.make)(&Database::open(&path).unwrap());
        self.files().insert(address(&subject), path);
        subject
    }

    fn fresh_path(&self, files: usize) -> PathBuf {
        self.folder
            .path()
            .join(format!("{files}-{}.db", uuid::Uuid::now_v7()))
    }

    fn files(&self) -> std::sync::MutexGuard<'_, HashMap<usize, PathBuf>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address<S: ?Sized>(subject: &Arc<S>) -> usize {
    Arc::as_ptr(subject).cast::<()>() as usize
}

#[async_trait]
impl<S, F> Harness<S> for OnDisk<F>
where
    S: ?Sized + Send + Sync + 'static,
    F: Fn(&Database) -> Arc<S> + Send + Sync,
{
    async fn open(&self) -> Arc<S> {
        let path = self.fresh_path(self.files().len());
        self.open_in(path)
    }

    async fn reopen(&self, subject: Arc<S>) -> Arc<S> {
        let path = self.files().get(&address(&subject)).cloned().unwrap();
        let copy = self.fresh_path(self.files().len());
        for suffix in ["", "-wal"] {
            let beside = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
            std::fs::copy(beside(&path), beside(&copy)).unwrap();
        }
        drop(subject);
        self.open_in(copy)
    }
}
