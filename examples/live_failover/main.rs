//! The product's failover on real servers: the same code that is rehearsed, live.
//!
//! Two HTTP servers, a file of names and two database servers with asynchronous replication, all on this machine; a
//! client that keeps a ledger of its own; two controllers, one standing by. The first region is killed, then the
//! controller in the middle of its failover, and the other finishes. What the client was told is compared with what is
//! stored, and what control and system said to each other is replayed in virtual time.
//!
//! ```sh
//! cargo run --release --example live_failover --features live
//! cargo run --release --example live_failover --features live -- --postgres
//! ```
//!
//! With `--conformance` nothing is broken: the product's suites for ports are run on those of this system.

mod client;
mod conformance;
mod controller;
mod copies;
mod http;
mod monitor;
mod play;
mod ports;
mod postgres;
mod report;
mod server;
mod site;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::AsyncReadExt;
use world::World;

const USAGE: &str = "usage: live_failover [--postgres] [--conformance] [--output DIR]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there is a clock");
    let done = tokio::task::LocalSet::new().block_on(&runtime, async {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words[..] {
            ["site", region, folder] => {
                let world = World::read(Path::new(folder));
                as_child(site::run(world.clone(), region.to_owned())).await;
                if world.postgres {
                    // Nobody else is left to stop it.
                    postgres::Postgres::of(&world, region).stop().await;
                }
                Ok(())
            }
            ["database", region, folder] => {
                as_child(server::run(World::read(Path::new(folder)), region.to_owned())).await;
                Ok(())
            }
            ["controller", name, folder] => {
                let controller = controller::run(World::read(Path::new(folder)), name);
                as_child(controller).await.unwrap_or(Ok(()))
            }
            _ => play::run(asked(&words)?).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// What is asked for on the command line.
fn asked(words: &[&str]) -> Result<play::Asked, String> {
    let mut asked = play::Asked { postgres: false, conformance: false, output: PathBuf::from("live-failover") };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match (*word, rest.as_slice().first()) {
            ("--postgres", _) => asked.postgres = true,
            ("--conformance", _) => asked.conformance = true,
            ("--output", Some(folder)) => {
                asked.output = PathBuf::from(folder);
                rest.next();
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(asked)
}

/// Does `work` until whoever started this process is gone, which closes its standard input.
async fn as_child<T>(work: impl Future<Output = T>) -> Option<T> {
    let gone = async {
        let (mut input, mut byte) = (tokio::io::stdin(), [0]);
        while input.read(&mut byte).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        done = work => Some(done),
        () = gone => None,
    }
}
