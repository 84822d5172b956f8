//! The program at the other end of the pipe: a process, or the lines of one that ran before.
//!
//! Owns the process and its lines. Does not know what they say. Invariant: it is gone once nobody speaks with it any
//! more, and nobody waits for it longer than was said, in wall-clock time: the one use of it here, which decides
//! nothing but that a run is over.

use super::log::{KeptLog, Log};
use crate::units::Span;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// Longest line that is taken, in bytes: more is no answer to anything.
const LINE_MOST: usize = 1 << 20;

/// Lines that may wait on either side, beside what fits into the pipe: the figure is ours, and bounds memory alone.
const UNREAD_MOST: usize = 64;

/// How often it is looked whether a program that has closed its pipe has ended, every hundredth of a second.
const LOOKS: u32 = 50;

/// The other end.
pub(super) enum Program {
    /// A process.
    Running(RunningProgram),
    /// What one said before.
    Recorded(KeptLog),
}

pub(super) struct RunningProgram {
    child: Child,
    to: SyncSender<String>,
    from: Receiver<Result<String, String>>,
    patience: Span,
    log: Option<Log>,
    /// Whether its end was seen, after which its number may be another's.
    ended: bool,
}

impl Program {
    /// Starts `command`.
    ///
    /// # Errors
    /// Why it cannot be started.
    #[expect(clippy::disallowed_methods, reason = "helper threads carry lines and decide nothing")]
    pub fn start(command: &[String], patience: Span, log: Option<&str>) -> Result<Self, String> {
        let log = log.map(Log::begin).transpose()?;
        let Some((program, arguments)) = command.split_first() else { return Err("no program is given".to_owned()) };
        let mut command = Command::new(program);
        in_a_group_of_its_own(&mut command);
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
        let (Some(mut stdin), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("`{program}` has no pipe"));
        };
        let (lines, heard) = sync_channel(UNREAD_MOST);
        thread::spawn(move || {
            let mut reader = BufReader::new(from);
            // It ends with the process, or once nobody listens.
            while let Some(line) = next_line(&mut reader) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        let (to, answers) = sync_channel::<String>(UNREAD_MOST);
        thread::spawn(move || {
            while let Ok(line) = answers.recv() {
                // It is gone: what it said last tells.
                if writeln!(stdin, "{line}").and_then(|()| stdin.flush()).is_err() {
                    return;
                }
            }
        });
        Ok(Self::Running(RunningProgram { child, to, from: heard, patience, log, ended: false }))
    }

    /// Takes the lines of the log `file` in place of a program's.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn replay(file: &str) -> Result<Self, String> {
        KeptLog::read(file).map(Self::Recorded)
    }

    /// Writes a line to it.
    ///
    /// # Errors
    /// It is gone, or its input differed before.
    pub fn tell(&mut self, line: &Value) -> Result<(), String> {
        match self {
            Self::Recorded(recorded) => recorded.told(line),
            Self::Running(running) => {
                if let Some(log) = &mut running.log {
                    log.told(line)?;
                }
                match running.to.try_send(line.to_string()) {
                    Ok(()) => Ok(()),
                    Err(TrySendError::Full(_)) => Err("the program does not read its input".to_owned()),
                    Err(TrySendError::Disconnected(_)) => Err(running.gone()),
                }
            }
        }
    }

    /// Its next line.
    ///
    /// # Errors
    /// Why there is none.
    pub fn hear(&mut self) -> Result<String, String> {
        match self {
            Self::Recorded(recorded) => recorded.next(),
            Self::Running(running) => {
                let line = match running.from.recv_timeout(Duration::from_nanos(running.patience.as_nanos())) {
                    Ok(line) => line?,
                    Err(RecvTimeoutError::Timeout) => {
                        return Err(format!("the program did not answer for {}", running.patience));
                    }
                    Err(RecvTimeoutError::Disconnected) => return Err(running.gone()),
                };
                if let Some(log) = &mut running.log {
                    log.said(&line)?;
                }
                Ok(line)
            }
        }
    }
}

impl RunningProgram {
    /// How it ended.
    #[expect(clippy::disallowed_methods, reason = "a process ends in wall-clock time")]
    fn gone(&mut self) -> String {
        for _ in 0..LOOKS {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    self.ended = true;
                    return format!("the program exited without saying that it is done ({status})");
                }
                Ok(None) => thread::sleep(Duration::from_millis(10)),
                Err(error) => return format!("the program is gone: {error}"),
            }
        }
        "the program has closed its pipe without saying that it is done".to_owned()
    }
}

impl Drop for RunningProgram {
    /// Nobody speaks with it any more: its controller is over, dead, or the run is.
    fn drop(&mut self) {
        // It may have ended by itself.
        if !self.ended {
            kill_group(&self.child);
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What it starts itself is to end with it.
#[cfg(unix)]
fn in_a_group_of_its_own(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn in_a_group_of_its_own(_: &mut Command) {}

#[cfg(unix)]
fn kill_group(child: &Child) {
    use nix::sys::signal::{Signal, killpg};
    if let Ok(group) = i32::try_from(child.id()) {
        // Nobody of it may be left.
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_: &Child) {}

/// The next line, or why it is none; nothing once there are no more.
fn next_line(reader: &mut impl BufRead) -> Option<Result<String, String>> {
    let mut line = Vec::new();
    let read = std::io::Read::take(&mut *reader, LINE_MOST as u64 + 1).read_until(b'\n', &mut line);
    match read {
        Ok(0) | Err(_) => None,
        Ok(_) if line.len() > LINE_MOST => Some(Err("a line is longer than a megabyte".to_owned())),
        Ok(_) => Some(String::from_utf8(line).map(|line| line.trim().to_owned()).map_err(|_| "not UTF-8".to_owned())),
    }
}
