//! The arguments: what was typed, checked as far as text alone can be.

use super::engine::Topic;
use super::exit::HELP;
use crate::record::Digest;
use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

/// Rehearse the migration before you run it: failover, rollback and cutover against a simulated world.
#[derive(Debug, Parser)]
#[command(name = "firedrill", version, after_help = HELP, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    pub verb: Verb,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Rehearse scenarios and judge what came out
    Run(RunArgs),
    /// Check scenarios and report every problem, without running them
    Check(CheckArgs),
    /// Print the plan of a scenario: every setting, its value and where it comes from
    Explain(ExplainArgs),
    /// List what a scenario may contain
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Print one line per scenario
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every event and the demand behind every property
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Print ASCII only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// When to use colour; `auto` honours NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What `run` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct RunArgs {
    /// Scenario files; `-` reads standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// The seed of the run, decimal or 0x… [default: that of the schedule, or 1]
    #[arg(long, value_name = "N", value_parser = seed, conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// Run every seed from A to before B
    #[arg(long, value_name = "A..B", value_parser = seed_range)]
    pub seeds: Option<Range<u64>>,
    /// How many runs at a time; all cores if not given. The results do not depend on it
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Change a setting of the scenario, such as `dns.ttl=60s`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<String>,
    /// Run the faults of this written schedule, such as the `schedule.yaml` of an earlier run, in place of the seed's own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub schedule: Option<PathBuf>,
    /// The directory for the results: of this scenario, or one directory in it per scenario if there are several
    /// [default: firedrill-results/<scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Fail with exit code 4 unless the run has this digest
    #[arg(long, value_name = "HEX", value_parser = digest, conflicts_with = "seeds")]
    pub expect_digest: Option<Digest>,
    /// Run every seed twice and fail with exit code 4 if anything differs
    #[arg(long)]
    pub verify_determinism: bool,
}

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct CheckArgs {
    /// Scenario files; `-` reads standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Change a setting of the scenario, such as `dns.ttl=60s`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<String>,
}

/// What `explain` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct ExplainArgs {
    /// A scenario file; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Change a setting of the scenario, such as `dns.ttl=60s`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<String>,
}

/// What `list` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// What to list; everything if not given
    #[arg(value_enum)]
    pub topic: Option<Topic>,
}

fn seed(text: &str) -> Result<u64, String> {
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |hex| (hex, 16));
    let number = digits.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| u64::from_str_radix(digits, radix).ok());
    number.flatten().ok_or_else(|| "a seed is a number below 2^64, decimal or 0x…".to_owned())
}

fn seed_range(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text.split_once("..").ok_or("a range is written A..B, for example 0..1000")?;
    let range = seed(start)?..seed(end)?;
    if range.is_empty() {
        return Err("the range is empty: A..B runs from A to before B".to_owned());
    }
    Ok(range)
}

fn setting(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((path, _)) if !path.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("a setting is written path=value, for example dns.ttl=60s".to_owned()),
    }
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| "a digest is 16 hexadecimal digits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn seeds_are_decimal_or_hexadecimal() {
        assert_eq!([seed("42"), seed("0xff"), seed("18446744073709551615")], [Ok(42), Ok(255), Ok(u64::MAX)]);
        for bad in ["", "-1", "+1", "0x", "0x+1", "1e3", "18446744073709551616", "0xg"] {
            assert!(seed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_is_half_open_and_not_empty() {
        assert_eq!(seed_range("0..10"), Ok(0..10));
        for (bad, why) in [("5..5", "empty"), ("6..5", "empty"), ("5", "A..B"), ("..5", "seed"), ("0..=5", "seed")] {
            assert!(seed_range(bad).unwrap_err().contains(why), "{bad}");
        }
    }

    #[test]
    fn help_documents_the_exit_codes() {
        let help = Args::command().render_long_help().to_string();
        for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "101 ", "130 ", "143 "] {
            assert!(help.contains(&format!("  {code}")), "{code} is missing from:\n{help}");
        }
    }
}
