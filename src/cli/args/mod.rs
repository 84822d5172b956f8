//! The arguments: what was typed, checked as far as text alone can be.

mod format;
mod value;

use super::engine::Topic;
use super::exit::HELP;
use super::{template, version};
use crate::record::Digest;
use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
pub(super) use format::{is_format, is_report, name as format_name};
use format::{of_files, of_reports};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use value::{digest, setting};
pub(super) use value::{jobs, seed, seed_range};

/// Rehearse the migration before you run it: failover, rollback and cutover against a simulated world.
#[derive(Debug, Parser)]
#[command(name = "firedrill", version = version::LONG.as_str(), after_help = HELP, max_term_width = 100, arg_required_else_help = true)]
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
    /// Read the results of an earlier run back, and print or write its reports again
    Report(ReportArgs),
    /// Compare two plans, or two versions of one, seed by seed: what fails now, what no longer, how figures differ
    Compare(CompareArgs),
    /// Check scenarios and report every problem, without running them
    Check(CheckArgs),
    /// Print the plan of a scenario, every setting with its value and where it comes from; or what a code or kind means
    Explain(ExplainArgs),
    /// List what a scenario may contain
    List(ListArgs),
    /// Write a scenario to begin with, and a pipeline that runs it
    Init(InitArgs),
    /// Print the scenario language as JSON Schema, for editors; or the form of results, for programs
    Schema(SchemaArgs),
    /// Print the reference of the scenario language, as Markdown
    Reference,
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// Print one line per scenario
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print every event and the demand behind every property
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// How to print results, progress and diagnostics: for people, or one JSON object a line on standard output
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human, value_name = "FORMAT")]
    pub message_format: MessageFormat,
    /// Print ASCII only, as is done by itself where the locale or the terminal knows no more
    #[arg(long, global = true)]
    pub ascii: bool,
    /// When to use colour; `auto` honours NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

#[cfg(test)]
impl OutputArgs {
    /// As if nothing had been typed.
    pub(super) const USUAL: Self =
        Self { quiet: false, verbose: false, message_format: MessageFormat::Human, ascii: false, color: Color::Auto };
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// Text
    Human,
    /// One JSON object a line, each with a `reason`
    Json,
}

/// What `run` takes.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct RunArgs {
    /// Scenario files, or directories of them; `-` reads standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// The seed of the run, decimal or 0x… [default: that of the schedule, or 1]
    #[arg(long, value_name = "N", value_parser = seed, conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// Run many seeds: so many from 0 on (`200`), from A to before B (`0..200`), or to B (`0..=199`)
    #[arg(long, value_name = "N|A..B", value_parser = seed_range)]
    pub seeds: Option<Range<u64>>,
    /// Run no more of the seeds than it takes to show or refute in which share of all runs each property holds that is
    /// said to hold in one (`expect: {rto: {holds: ">= 95%"}}`); up to 5,000 if no seeds are named
    #[arg(long, conflicts_with_all = ["seed", "expect_digest"])]
    pub until_settled: bool,
    /// How many runs at a time; all cores if not given. The results do not depend on it
    #[arg(long, short, value_name = "N", value_parser = jobs)]
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
    /// Where each scenario has a directory of its own for its results, if that was said elsewhere than here
    #[arg(skip)]
    pub root: Option<PathBuf>,
    /// The reports to write, of html, md, change-request, change-request-md, evidence, junit, metrics, csv, svg, otlp and
    /// perfetto; all if not given. What they are rendered from, results.json and signals.json, is always written:
    /// `firedrill report` writes the others later
    #[arg(long, value_name = "FORMAT,…", value_delimiter = ',', value_parser = of_files())]
    pub report: Option<Vec<String>>,
    /// Write what clients asked of databases and were told, as Elle and Porcupine read it, into `history/` of the results. One run
    /// only; every operation is kept in memory, some 500 bytes each
    #[arg(long, conflicts_with = "seeds")]
    pub history: bool,
    /// Fail with exit code 4 unless the run has this digest
    #[arg(long, value_name = "HEX", value_parser = digest, conflicts_with = "seeds")]
    pub expect_digest: Option<Digest>,
    /// Write every figure that was compared with a formula or a published source to this file, as a Markdown page
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub table: Option<PathBuf>,
    /// Run again whenever one of the files that the scenarios are made of changes, until interrupted
    #[arg(long, conflicts_with_all = ["expect_digest", "table"])]
    pub watch: bool,
    /// Run every seed twice and fail with exit code 4 if anything differs
    #[arg(long)]
    pub verify_determinism: bool,
}

/// What `report` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct ReportArgs {
    /// A result directory, such as firedrill-results/<scenario>
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
    /// What to render [default: terminal]
    #[arg(long, value_name = "FORMAT", value_parser = of_reports())]
    pub format: Option<String>,
    /// Where to write it: a file, or a directory for csv and svg [default: standard output]
    #[arg(short, long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// Overwrite what is at that place
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Only check that every file is whole, and that each report is what the results say
    #[arg(long, conflicts_with_all = ["format", "output", "rebuild"])]
    pub check: bool,
    /// Render from results.json and signals.json even if reports in the directory are missing or changed
    #[arg(long)]
    pub rebuild: bool,
}

/// What `compare` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct CompareArgs {
    /// What the second is compared with: a result directory, or a scenario, which is run
    #[arg(value_name = "FIRST", value_hint = ValueHint::AnyPath)]
    pub first: PathBuf,
    /// A result directory, or a scenario, which is run with the same seeds. Exit code 1 if it is worse
    #[arg(value_name = "SECOND", value_hint = ValueHint::AnyPath)]
    pub second: PathBuf,
    /// The seeds of scenarios that are run [default: those of the other side, or 0..20]
    #[arg(long, value_name = "N|A..B", value_parser = seed_range)]
    pub seeds: Option<Range<u64>>,
    /// How many runs at a time; all cores if not given
    #[arg(long, short, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Change a setting of the scenarios that are run, such as `dns.ttl=60s`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<String>,
    /// Write the comparison as a page to this file
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Overwrite what is at that place
    #[arg(long, requires = "output")]
    pub force: bool,
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
    /// A scenario file (`-` reads standard input), a code such as FD0102, or a fault, control, property or procedure
    #[arg(value_name = "FILE|WORD", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Only what stands at this path of the scenario: `dns`, `regions.west`
    #[arg(value_name = "SECTION")]
    pub section: Option<String>,
    /// Only what somebody has set, not the defaults
    #[arg(long)]
    pub changed: bool,
    /// Change a setting of the scenario, such as `dns.ttl=60s`; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    pub set: Vec<String>,
}

/// What `list` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// What to list; everything if not given
    #[arg(value_enum, value_name = "TOPIC")]
    pub topic: Option<Topic>,
}

/// What `init` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct InitArgs {
    /// The scenario to write [default: <template>.yaml]; with --ci, one that is there already is kept and run
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub path: Option<PathBuf>,
    /// What to begin with; `firedrill list templates` says what each shows
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(template::NAMES), default_value = template::NAMES[0])]
    pub template: String,
    /// Write a pipeline that runs the scenario, too; or all scenarios of a folder, if PATH is one
    #[arg(long, value_enum, value_name = "SERVICE", requires = "source")]
    pub ci: Option<Ci>,
    /// What the pipeline builds firedrill from: the address of its Git repository, or a folder with its source in yours
    #[arg(long, value_name = "ADDRESS|FOLDER", requires = "ci")]
    pub source: Option<String>,
    /// The commit of that repository to build [default: the one this program was built from, if it knows that]
    #[arg(long, value_name = "COMMIT", requires = "source")]
    pub rev: Option<String>,
    /// Write a program with a procedure and a rule of your own in place of a scenario; PATH is its folder
    #[arg(long, requires = "path", conflicts_with_all = ["template", "ci"])]
    pub procedure: bool,
    /// Overwrite what is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Ci {
    /// A workflow of GitHub Actions: .github/workflows/firedrill.yml
    Github,
    /// A pipeline of GitLab: .gitlab-ci.yml
    Gitlab,
}

/// What `schema` takes.
#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// Of what
    #[arg(long, value_enum, default_value_t = SchemaKind::Scenario, value_name = "KIND")]
    pub kind: SchemaKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// Scenario files
    Scenario,
    /// results.json
    Results,
    /// evidence.json
    Evidence,
}

/// What `completions` takes.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
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
    fn help_documents_the_exit_codes() {
        let help = Args::command().render_long_help().to_string();
        for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "101 ", "130 ", "143 "] {
            assert!(help.contains(&format!("  {code}")), "{code} is missing from:\n{help}");
        }
    }
}
