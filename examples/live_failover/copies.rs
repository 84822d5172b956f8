//! The copies of the database: two programs of this example, or two PostgreSQL servers, behind the same few words.

use super::http::{NoAnswer, call};
use super::postgres::Postgres;
use super::world::{PATIENCE, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The state of a copy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub epoch: u32,
    pub applied: u64,
    pub received: u64,
    pub writable: bool,
}

/// A row: a write that was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub position: u64,
    pub epoch: u32,
    pub operation: u64,
}

/// Why a copy did not do what it was told.
#[derive(Debug)]
pub enum CopyError {
    /// It said no.
    Refused(String),
    /// It is not there.
    Unreachable(String),
    /// It may have done it.
    Silent(String),
}

/// One copy.
#[derive(Debug, Clone)]
pub enum Copy {
    /// A program of this example, at a port.
    Program(u16),
    /// A PostgreSQL server.
    Postgres(Postgres),
}

impl Copy {
    pub fn of(world: &World, region: &str) -> Self {
        match world.postgres {
            true => Self::Postgres(Postgres::of(world, region)),
            false => Self::Program(world.databases[region]),
        }
    }

    /// Stores a write. Returns where it stands.
    pub async fn append(&self, operation: u64) -> Result<Row, CopyError> {
        match self {
            Self::Program(port) => ask(*port, "/append", json!(operation)).await,
            Self::Postgres(server) => server.append(operation).await,
        }
    }

    pub async fn state(&self) -> Result<State, CopyError> {
        match self {
            Self::Program(port) => ask(*port, "/state", json!(null)).await,
            Self::Postgres(server) => server.state().await,
        }
    }

    /// What it holds, from position `from` on.
    pub async fn rows(&self, from: u64) -> Result<Vec<Row>, CopyError> {
        match self {
            Self::Program(port) => ask(*port, "/rows", json!(from)).await,
            Self::Postgres(server) => server.rows(from).await,
        }
    }

    /// Takes care that it acknowledges no write any more, however it comes back.
    pub async fn close(&self) -> Result<(), CopyError> {
        match self {
            // It asks the register before it acknowledges anything: the epoch there has closed it already.
            Self::Program(_) => Ok(()),
            Self::Postgres(server) => server.close().await,
        }
    }

    /// Makes it take writes in `epoch`, after it has applied all it has received. Returns its last position.
    pub async fn open(&self, epoch: u32) -> Result<u64, CopyError> {
        match self {
            Self::Program(port) => ask(*port, "/open", json!(epoch)).await,
            Self::Postgres(server) => server.open(epoch).await,
        }
    }
}

/// Asks a program of this example.
async fn ask<T: serde::de::DeserializeOwned>(port: u16, path: &str, with: Value) -> Result<T, CopyError> {
    match call(port, path, &with.to_string(), PATIENCE).await {
        Ok((200, body)) => serde_json::from_str(&body).map_err(|error| CopyError::Silent(error.to_string())),
        Ok((_, body)) => Err(CopyError::Refused(body)),
        Err(NoAnswer::NotSent(why)) => Err(CopyError::Unreachable(why)),
        Err(NoAnswer::Silent(why)) => Err(CopyError::Silent(why)),
    }
}
