//! `firedrill completions`: what a shell needs to complete the command line.
//!
//! Owns what is added to the scripts that come from the arguments: the words that `explain` takes beside files. Does not
//! know which words those are. Invariant: a shell for which nothing can be added gets the script as it is.

use super::args::{Args, CompletionsArgs};
use super::console::Console;
use super::engine::{Engine, Topic};
use super::exit::Exit;
use crate::report::text::clean;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints the script.
pub(super) fn completions(args: &CompletionsArgs, engine: &dyn Engine, console: &mut Console<'_>) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "firedrill", &mut script);
    let script = String::from_utf8_lossy(&script);
    console.result(with_words(&script, args.shell, &words(engine)).as_bytes());
    Exit::AsExpected
}

/// Every word that `explain` knows, each once, in order; only such as mean nothing to a shell.
fn words(engine: &dyn Engine) -> Vec<String> {
    let entries = Topic::ALL.into_iter().flat_map(|topic| engine.list(topic));
    let plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let known = entries.map(|entry| clean(&entry.name)).filter(plain).filter(|name| engine.explain(name).is_some());
    let mut words: Vec<String> = known.collect();
    words.sort();
    words.dedup();
    words
}

/// `script`, which also completes `words` where `explain` takes a file.
fn with_words(script: &str, shell: Shell, words: &[String]) -> String {
    let words = words.join(" ");
    match shell {
        Shell::Bash => match script.split_once("firedrill__subcmd__explain)\n            opts=\"") {
            // Where no word fits, the shell itself completes files.
            Some((before, after)) => {
                format!("{before}firedrill__subcmd__explain)\n            opts=\"{words} {after}")
            }
            None => script.to_owned(),
        },
        Shell::Zsh => {
            let line = |line: &str| match line.trim_start().starts_with("':file -- A scenario file") {
                true => line.replacen(
                    ":_files'",
                    &format!(":{{_alternative \"words:word:({words})\" \"files:file:_files\"}}'"),
                    1,
                ),
                false => line.to_owned(),
            };
            script.lines().map(|text| line(text) + "\n").collect()
        }
        Shell::Fish => {
            let explaining = "__fish_firedrill_using_subcommand explain";
            format!("{script}complete -c firedrill -n \"{explaining}\" -a \"{words}\"\n")
        }
        _ => script.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explain_completes_words_beside_files() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "firedrill", &mut script);
            let plain = String::from_utf8(script).unwrap();
            let full = with_words(&plain, shell, &["region_outage".to_owned(), "FD0101".to_owned()]);
            assert_eq!(full.matches("region_outage FD0101").count(), 1, "{shell}");
        }
    }
}
