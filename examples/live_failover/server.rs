//! A database server of this example: a log in memory and in a file, which the follower copies a moment later.
//!
//! It acknowledges a write only while the register says that it leads the current epoch, and asks that for every write.

use super::copies::{Copy, Row, State};
use super::http::{Answer, Request, serve};
use super::world::{REGIONS, Register, World, read_json, while_registered};
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

/// How often the follower asks for what is new: replication is asynchronous.
const FOLLOW_EVERY: Duration = Duration::from_millis(50);

struct Server {
    world: World,
    region: String,
    rows: Vec<Row>,
    /// The epoch it was opened in last.
    opened: u32,
    file: File,
}

pub async fn run(world: World, region: String) {
    let path = world.folder.join(format!("copy-{region}.jsonl"));
    let file = OpenOptions::new().append(true).create(true).open(path).expect("it can be written");
    let port = world.databases[&region];
    let opened = u32::from(region == REGIONS[0]);
    let server = Rc::new(RefCell::new(Server { world, region, rows: Vec::new(), opened, file }));
    tokio::task::spawn_local(follow(server.clone()));
    serve(port, move |request| {
        let answer = server.borrow_mut().answer(&request);
        async { answer }
    })
    .await;
}

/// Copies what the other has, for as long as this one does not lead.
async fn follow(server: Rc<RefCell<Server>>) {
    let other = {
        let server = server.borrow();
        let other = REGIONS.into_iter().find(|region| *region != server.region).expect("there are two");
        Copy::of(&server.world, other)
    };
    loop {
        tokio::time::sleep(FOLLOW_EVERY).await;
        let from = server.borrow().rows.len() as u64 + 1;
        if server.borrow().opened > 0 {
            return;
        }
        let Ok(rows) = other.rows(from).await else { continue };
        let mut server = server.borrow_mut();
        if server.opened == 0 {
            rows.into_iter().for_each(|row| server.store(row));
        }
    }
}

impl Server {
    fn answer(&mut self, request: &Request) -> Answer {
        let number = request.body.parse::<u64>().unwrap_or(0);
        let said = match request.path.as_str() {
            "/append" => return self.append(number),
            "/state" => serde_json::to_string(&self.state()),
            "/rows" => {
                serde_json::to_string(&self.rows.iter().filter(|row| row.position >= number).collect::<Vec<_>>())
            }
            "/open" => {
                self.opened = self.opened.max(u32::try_from(number).unwrap_or(0));
                serde_json::to_string(&(self.rows.len() as u64))
            }
            _ => return (404, "no such thing".to_owned()),
        };
        said.map_or_else(|error| (500, error.to_string()), |said| (200, said))
    }

    fn append(&mut self, operation: u64) -> Answer {
        let folder = self.world.folder.clone();
        let row = while_registered(&folder, false, || {
            let leads = self.leads();
            leads.map(|epoch| {
                let row = Row { position: self.rows.len() as u64 + 1, epoch, operation };
                self.store(row.clone());
                row
            })
        });
        match row.map(|row| serde_json::to_string(&row)) {
            Some(Ok(row)) => (200, row),
            _ => (409, format!("{} does not lead", self.region)),
        }
    }

    /// The epoch that it may acknowledge writes in.
    fn leads(&self) -> Option<u32> {
        let Register { epoch, leader } = read_json(&self.world.register()).ok()?;
        (epoch == self.opened && leader.as_ref() == Some(&self.region)).then_some(epoch)
    }

    fn state(&self) -> State {
        let last = self.rows.len() as u64;
        let seen = self.rows.last().map_or(1, |row| row.epoch);
        State { epoch: seen.max(self.opened), applied: last, received: last, writable: self.leads().is_some() }
    }

    fn store(&mut self, row: Row) {
        let line = serde_json::to_string(&row).expect("plain data");
        writeln!(self.file, "{line}").expect("the disk takes it");
        self.rows.push(row);
    }
}
