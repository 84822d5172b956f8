//! A PostgreSQL server of its own, spoken to with the programs that come with it.
//!
//! Positions are rows, not bytes of the log: what a standby has received counts once it has replayed it, which is waited
//! for. Whoever leads is fenced off by stopping its server and leaving it such that it comes back as a standby: here that
//! is one machine, and the controller may do that. Between real regions it takes something that reaches the machine
//! when its network does not.

use super::copies::{CopyError, Row, State};
use super::world::{PATIENCE_FOR_PROGRAMS, REGIONS, Register, World, read_json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

const TABLES: &str = "
    CREATE TABLE authority (epoch int NOT NULL, position bigint NOT NULL, open boolean NOT NULL);
    INSERT INTO authority VALUES (1, 0, true);
    CREATE TABLE ledger (position bigint PRIMARY KEY, epoch int NOT NULL, operation bigint NOT NULL);";

/// How long a standby may stand still before what it has received counts as all that can be replayed: the last record may be torn.
const STANDS_STILL: u32 = 8;
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// How long an answer is waited for.
const PATIENCE_FOR_SQL: Duration = Duration::from_secs(1);

/// What stands in the line behind an answer.
const END: &str = "-- end, with ";

/// A server.
#[derive(Debug, Clone)]
pub struct Postgres {
    port: u16,
    data: PathBuf,
    region: String,
    register: PathBuf,
    /// Clones share it.
    session: Rc<Mutex<Option<Session>>>,
}

/// A `psql` that is asked one thing after the other.
#[derive(Debug)]
struct Session {
    /// Ends with this.
    _psql: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Postgres {
    pub fn of(world: &World, region: &str) -> Self {
        let (region, register) = (region.to_owned(), world.register());
        Self {
            port: world.databases[&region],
            data: world.folder.join("postgres").join(&region),
            session: Rc::default(),
            region,
            register,
        }
    }

    /// Makes and starts a primary in the first region and a standby that follows it in the second.
    pub async fn set_up(world: &World) -> Result<(), String> {
        let home = world.folder.join("postgres");
        std::fs::create_dir_all(&home).map_err(|error| error.to_string())?;
        if is_root().await {
            run("chown", &["postgres", &text(&home)]).await?;
        }
        let [primary, standby] = REGIONS.map(|region| Self::of(world, region));
        primary.program("initdb", &["-D", &text(&primary.data), "-A", "trust", "-U", "postgres"]).await?;
        primary.configure(&home, "wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\n")?;
        primary.start().await?;
        primary.sql(TABLES).await.map_err(|error| format!("{error:?}"))?;
        let (from, to) = (primary.port.to_string(), text(&standby.data));
        standby
            .program(
                "pg_basebackup",
                &["-h", "127.0.0.1", "-p", &from, "-U", "postgres", "-D", &to, "-R", "-c", "fast"],
            )
            .await?;
        standby.configure(&home, "")?;
        standby.start().await
    }

    fn configure(&self, sockets: &Path, more: &str) -> Result<(), String> {
        let path = self.data.join("postgresql.conf");
        let (port, sockets) = (self.port, sockets.display());
        let lines =
            format!("\nport = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{sockets}'\n{more}");
        let before = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        std::fs::write(&path, before + &lines).map_err(|error| error.to_string())
    }

    async fn start(&self) -> Result<(), String> {
        let log = text(&self.data.with_extension("log"));
        self.program("pg_ctl", &["-D", &text(&self.data), "-l", &log, "-w", "start"]).await.map(drop)
    }

    /// The server's process is killed, as by a loss of power.
    pub async fn kill(&self) -> Result<(), String> {
        let file = std::fs::read_to_string(self.data.join("postmaster.pid")).map_err(|error| error.to_string())?;
        run("kill", &["-9", file.lines().next().unwrap_or_default()]).await.map(drop)
    }

    /// Stops it, if it runs. For the end.
    pub async fn stop(&self) {
        // It may have been killed.
        drop(self.program("pg_ctl", &["-D", &text(&self.data), "-m", "immediate", "stop"]).await);
    }

    async fn is_running(&self) -> bool {
        self.program("pg_ctl", &["-D", &text(&self.data), "status"]).await.is_ok()
    }

    pub async fn close(&self) -> Result<(), CopyError> {
        if self.is_running().await {
            let stopped = self.program("pg_ctl", &["-D", &text(&self.data), "-m", "immediate", "-w", "stop"]).await;
            stopped.map_err(CopyError::Silent)?;
        }
        // Whoever starts it again starts a standby.
        let signal = std::fs::write(self.data.join("standby.signal"), "");
        signal.map_err(|error| CopyError::Silent(error.to_string()))
    }

    pub async fn open(&self, epoch: u32) -> Result<u64, CopyError> {
        if !self.is_running().await {
            // It led before, was fenced off, and is given back to.
            std::fs::remove_file(self.data.join("standby.signal")).map_err(|e| CopyError::Refused(e.to_string()))?;
            self.start().await.map_err(CopyError::Silent)?;
        }
        if self.sql("SELECT pg_is_in_recovery()").await? == "t" {
            let promoted = self.program("pg_ctl", &["-D", &text(&self.data), "-w", "promote"]).await;
            promoted.map_err(CopyError::Silent)?;
        }
        let update =
            format!("UPDATE authority SET epoch = {epoch}, open = true WHERE epoch <= {epoch} RETURNING position");
        let position = self.sql(&update).await?;
        position.parse().map_err(|_| CopyError::Refused(format!("its epoch is above {epoch}")))
    }

    /// Stores a write in the epoch that is in effect, if this server has it. One that was promoted just now is writable
    /// before it knows its new epoch: what it took then would belong to the old one.
    pub async fn append(&self, operation: u64) -> Result<Row, CopyError> {
        let register: Register = read_json(&self.register).map_err(CopyError::Refused)?;
        if register.leader.as_ref() != Some(&self.region) {
            return Err(CopyError::Refused(format!("{} does not lead", self.region)));
        }
        let epoch = register.epoch;
        let insert = format!(
            "WITH head AS (UPDATE authority SET position = position + 1 WHERE open AND epoch = {epoch}
                           RETURNING position, epoch)
             INSERT INTO ledger SELECT position, epoch, {operation} FROM head RETURNING position, epoch, operation"
        );
        row(&self.sql(&insert).await?).ok_or_else(|| CopyError::Refused("it takes no writes".to_owned()))
    }

    pub async fn rows(&self, from: u64) -> Result<Vec<Row>, CopyError> {
        let query = format!("SELECT position, epoch, operation FROM ledger WHERE position >= {from} ORDER BY position");
        Ok(self.sql(&query).await?.lines().filter_map(row).collect())
    }

    pub async fn state(&self) -> Result<State, CopyError> {
        let query = "SELECT pg_is_in_recovery(), epoch, position, open, pg_last_wal_replay_lsn(),
                     coalesce(pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn(), true) FROM authority";
        let mut still = (String::new(), 0);
        loop {
            let line = self.sql(query).await?;
            let fields: Vec<&str> = line.split('|').collect();
            let [recovers, epoch, position, open, replayed, caught_up] = fields[..] else {
                return Err(CopyError::Refused(format!("not what was asked for: {line}")));
            };
            still = if still.0 == replayed { (still.0, still.1 + 1) } else { (replayed.to_owned(), 0) };
            if caught_up == "t" || still.1 >= STANDS_STILL {
                let (epoch, position) = (epoch.parse().unwrap_or(0), position.parse().unwrap_or(0));
                let writable = recovers == "f" && open == "t";
                return Ok(State { epoch, applied: position, received: position, writable });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn sql(&self, sql: &str) -> Result<String, CopyError> {
        let mut held = self.session.lock().await;
        let mut session = match held.take() {
            Some(session) => session,
            None => Session::open(self.port).await.map_err(CopyError::Unreachable)?,
        };
        match tokio::time::timeout(PATIENCE_FOR_SQL, session.ask(sql)).await {
            Ok(Ok(answer)) => {
                *held = Some(session);
                answer.map_err(CopyError::Refused)
            }
            Ok(Err(why)) => Err(CopyError::Silent(why)),
            Err(_) => Err(CopyError::Silent(format!("no answer within {PATIENCE_FOR_SQL:?}"))),
        }
    }

    /// A program of the server's, as whoever may run it.
    async fn program(&self, name: &str, arguments: &[&str]) -> Result<String, String> {
        let path = server_programs().map(|folder| text(&folder.join(name))).unwrap_or_else(|| name.to_owned());
        if is_root().await {
            let as_owner = [&["-u", "postgres", "--", &path], arguments].concat();
            run("runuser", &as_owner).await
        } else {
            run(&path, arguments).await
        }
    }
}

impl Session {
    async fn open(port: u16) -> Result<Self, String> {
        let port = port.to_string();
        let mut command = Command::new("psql");
        command.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", "postgres", "-XAtq"]);
        command.env("PGCONNECT_TIMEOUT", "2").kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut psql = command.spawn().map_err(|error| error.to_string())?;
        let (Some(to), Some(from)) = (psql.stdin.take(), psql.stdout.take()) else {
            return Err("psql has no pipe".to_owned());
        };
        let mut session = Self { _psql: psql, to, from: BufReader::new(from).lines() };
        // It ends at once if there is nobody to connect to.
        match tokio::time::timeout(PATIENCE_FOR_SQL, session.ask("SELECT 1")).await {
            Ok(Ok(Ok(_))) => Ok(session),
            _ => Err("no connection".to_owned()),
        }
    }

    /// What the server answers, or how it refuses; an error if it may have been asked and did not answer.
    async fn ask(&mut self, sql: &str) -> Result<Result<String, String>, String> {
        let text = format!("{sql};\n\\echo '{END}' :SQLSTATE :LAST_ERROR_MESSAGE\n");
        self.to.write_all(text.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        loop {
            match self.from.next_line().await {
                Ok(Some(line)) => match line.strip_prefix(END) {
                    Some(state) if state.trim().starts_with("00000") => return Ok(Ok(answer.join("\n"))),
                    Some(state) => return Ok(Err(state.trim().to_owned())),
                    None => answer.push(line),
                },
                Ok(None) => return Err("the server has closed the connection".to_owned()),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

/// Where Debian has them: of several versions the newest.
fn server_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}

/// Whether the programs that it takes are there.
pub fn is_installed() -> bool {
    server_programs().is_some()
}

async fn is_root() -> bool {
    run("id", &["-u"]).await.is_ok_and(|user| user == "0")
}

/// Runs a program to its end, and returns what it wrote.
async fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    // A server that is started must not be taken along when whoever started it is interrupted.
    command.args(arguments).current_dir("/").process_group(0);
    let output = output(command).await?;
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
    if output.status.success() { Ok(out) } else { Err(format!("{program} {}: {err} {out}", arguments.join(" "))) }
}

async fn output(mut command: Command) -> Result<std::process::Output, String> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE_FOR_PROGRAMS, command.output()).await {
        Ok(output) => output.map_err(|error| error.to_string()),
        Err(_) => Err(format!("it did not end within {PATIENCE_FOR_PROGRAMS:?}")),
    }
}

fn row(line: &str) -> Option<Row> {
    let mut fields = line.split('|');
    let position = fields.next()?.parse().ok()?;
    Some(Row { position, epoch: fields.next()?.parse().ok()?, operation: fields.next()?.parse().ok()? })
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
