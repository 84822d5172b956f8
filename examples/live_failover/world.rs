//! What there is: two regions, each with a site and a database server, and the files that all of them share.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The one record, service and database.
pub const RECORD: &str = "app.example";
pub const SERVICE: &str = "api";
pub const DATABASE: &str = "orders";
pub const REGIONS: [&str; 2] = ["west", "north"];

/// How long anybody on this machine is waited for.
pub const PATIENCE: Duration = Duration::from_millis(400);
/// The same for what starts programs.
pub const PATIENCE_FOR_PROGRAMS: Duration = Duration::from_secs(20);

/// Writes the client sends in a second at most: what nobody has seen since the last scrape is bounded by it.
pub const WRITES_PER_SECOND: u64 = 50;
/// How long clients may keep what a name stands for.
pub const TTL_MS: u64 = 200;
/// How often monitoring looks.
pub const SCRAPE_EVERY: Duration = Duration::from_millis(100);

/// Where everything is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    pub folder: PathBuf,
    /// Ports by region.
    pub sites: BTreeMap<String, u16>,
    pub databases: BTreeMap<String, u16>,
    /// Whether the databases are PostgreSQL servers; otherwise they are programs of this example.
    pub postgres: bool,
}

impl World {
    pub fn read(folder: &Path) -> Self {
        read_json(&folder.join("world.json")).expect("whoever started this has written it")
    }

    /// Where the controllers keep their journal.
    pub fn group(&self) -> PathBuf {
        self.folder.join("controllers")
    }

    pub fn names(&self) -> PathBuf {
        self.folder.join("names.json")
    }

    /// Which epoch of the database is in effect, and which region leads it.
    pub fn register(&self) -> PathBuf {
        self.folder.join("register.json")
    }

    pub fn monitoring(&self) -> PathBuf {
        self.folder.join("monitoring.json")
    }

    pub fn notices(&self) -> PathBuf {
        self.folder.join("notices.txt")
    }

    pub fn transcript(&self, controller: &str) -> PathBuf {
        self.folder.join(format!("transcript-{controller}.jsonl"))
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Name {
    pub region: String,
    pub ttl_ms: u64,
}

/// Who may write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Register {
    pub epoch: u32,
    /// The region that leads that epoch; `None`: it is fenced off from older ones, and nobody leads it yet.
    pub leader: Option<String>,
}

pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Puts a whole file in the place of the old one.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), String> {
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let written = serde_json::to_vec(value).map_err(|error| error.to_string());
    written
        .and_then(|bytes| fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path)).map_err(|e| e.to_string()))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Does `work` while nobody changes who may write: a copy that acknowledges a write does it inside.
pub fn while_registered<T>(folder: &Path, change: bool, work: impl FnOnce() -> T) -> T {
    let mut options = fs::OpenOptions::new();
    let lock = options.append(true).create(true).open(folder.join("register.lock")).expect("a lock can be made");
    let locked = if change { lock.lock() } else { lock.lock_shared() };
    locked.expect("it can be locked");
    work()
}
