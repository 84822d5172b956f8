//! The lease in a file: who may act, and until when.
//!
//! Owns the file and what may become of it. Does not know what is done under a lease. Whoever calls holds the lock of the
//! group.
//!
//! Invariants: the epoch only rises, and the file is the old one or the new one, never a part.

use super::LiveError;
use crate::ports::{Lease, PortError};
use crate::units::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Granted {
    /// The newest epoch granted; 0: none was.
    epoch: u32,
    /// By whom it is held.
    holder: String,
    /// Until when, in nanoseconds by the clock of the group.
    until: u64,
}

/// The file.
#[derive(Debug)]
pub(super) struct LeaseFile {
    path: PathBuf,
}

impl LeaseFile {
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Grants it to `holder`, under a new epoch.
    ///
    /// # Errors
    ///
    /// Refused while somebody else holds it.
    pub fn acquire(&self, holder: &str, now: Instant, span: Span) -> Result<Lease, PortError> {
        let granted = self.read()?;
        let until = Instant::from_nanos(granted.until);
        if granted.epoch > 0 && granted.holder != holder && now < until {
            let left = until.since(now);
            return Err(PortError::Refused(format!("{} holds the lease for another {left:#}", granted.holder)));
        }
        let Some(epoch) = granted.epoch.checked_add(1) else {
            return Err(PortError::Refused("there is no higher epoch".to_owned()));
        };
        self.write(&Granted { epoch, holder: holder.to_owned(), until: now.saturating_add(span).as_nanos() })?;
        Ok(Lease { epoch, lasts: span })
    }

    /// Holds that of epoch `held` for another `span`.
    ///
    /// # Errors
    ///
    /// It was granted to somebody else since.
    pub fn renew(&self, held: u32, now: Instant, span: Span) -> Result<(), PortError> {
        let granted = self.newest(held)?;
        if held == 0 {
            return Err(PortError::Refused("there is no lease to renew".to_owned()));
        }
        self.write(&Granted { until: now.saturating_add(span).as_nanos(), ..granted })
    }

    /// Whether epoch `held` is the newest.
    ///
    /// # Errors
    ///
    /// [`PortError::Superseded`] if it is not.
    pub fn check(&self, held: u32) -> Result<(), PortError> {
        self.newest(held).map(drop)
    }

    fn newest(&self, held: u32) -> Result<Granted, PortError> {
        let granted = self.read()?;
        let newest = granted.epoch;
        if held < newest { Err(PortError::Superseded { held, newest }) } else { Ok(granted) }
    }

    fn read(&self) -> Result<Granted, PortError> {
        let unreadable =
            |error: String| PortError::Unreachable(format!("{} is unreadable: {error}", self.path.display()));
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Granted::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Puts a whole new file in the place of the old one.
    fn write(&self, granted: &Granted) -> Result<(), PortError> {
        let aside = self.path.with_extension("new");
        let written = || -> std::io::Result<()> {
            let mut file = File::create(&aside)?;
            file.write_all(serde_json::to_string(granted)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&aside, &self.path)?;
            synced_folder_of(&self.path)
        };
        // The new file may be in place already.
        written().map_err(|error| PortError::Indeterminate(format!("{}: {error}", self.path.display())))
    }
}

/// Makes durable that the file at `path` is there.
pub(super) fn synced_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Makes durable that the file at `path` is there.
///
/// # Errors
///
/// The system refuses.
pub(super) fn made_durable(path: &Path) -> Result<(), LiveError> {
    synced_folder_of(path).map_err(LiveError::system(path, "cannot be made durable"))
}
