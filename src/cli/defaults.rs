//! `firedrill.toml`: what holds on the command line where nothing is typed.
//!
//! Owns where the file is looked for and what may be in it. Does not know what the values do. Invariant: whatever is typed
//! wins, and a file that is not understood as a whole is not used at all.

use super::args::{ReportArgs, RunArgs, format_name, is_format, is_report, jobs, seed, seed_range};
use super::console::{Console, Failure};
use crate::field::nearest;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What the file is called.
const NAME: &str = "firedrill.toml";

/// The largest file, in bytes: it has six lines.
const LARGEST: u64 = 1 << 20;

/// What may be in it.
const KEYS: [&str; 6] = ["seed", "seeds", "jobs", "output", "report", "format"];

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Defaults {
    /// The file, as it is called from where the program runs.
    place: String,
    seed: Option<u64>,
    seeds: Option<Range<u64>>,
    jobs: Option<NonZeroUsize>,
    output: Option<PathBuf>,
    report: Option<Vec<String>>,
    format: Option<String>,
}

impl Defaults {
    /// What the file says, or nothing if there is none. `None`: what is wrong with it has been said.
    pub(super) fn said(folder: Option<&Path>, console: &mut Console<'_>) -> Option<Self> {
        match Self::find(folder) {
            Ok(defaults) => Some(defaults.unwrap_or_default()),
            Err(failures) => {
                failures.iter().for_each(|failure| console.failure(failure));
                None
            }
        }
    }

    /// What the file says that is in `folder` or above it, up to the root of the repository; `None` if there is no file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(super) fn find(folder: Option<&Path>) -> Result<Option<Self>, Vec<Failure>> {
        let Some(file) = folder.and_then(place) else { return Ok(None) };
        let shown = shown(&file, folder.unwrap_or(&file));
        let cannot = |why: String| vec![Failure::new(format!("cannot read {shown}: {why}"), "")];
        let length = std::fs::metadata(&file).map_err(|error| cannot(error.to_string()))?.len();
        if length > LARGEST {
            return Err(cannot("it is larger than a megabyte".to_owned()));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| cannot(error.to_string()))?;
        let here = file.parent().filter(|parent| Some(*parent) != folder).unwrap_or(Path::new(""));
        read(&text, &shown, here).map(Some)
    }

    /// `args` with what was not typed, and a line that says so if anything came of it.
    pub(super) fn complete_run(&self, args: &RunArgs) -> (RunArgs, Option<String>) {
        let mut args = args.clone();
        let mut used = Vec::new();
        let free = args.seed.is_none() && args.seeds.is_none();
        if free && args.expect_digest.is_none() && args.schedule.is_none() {
            fill(&mut args.seed, self.seed, "seed", &mut used);
            fill(&mut args.seeds, self.seeds.clone(), "seeds", &mut used);
        }
        fill(&mut args.jobs, self.jobs, "jobs", &mut used);
        fill(&mut args.report, self.report.clone(), "report", &mut used);
        if args.output.is_none() {
            fill(&mut args.root, self.output.clone(), "output", &mut used);
        }
        let said = (!used.is_empty()).then(|| format!("from {}: {}", self.place, used.join(", ")));
        (args, said)
    }

    /// The format of a report where none was typed.
    pub(super) fn format<'a>(&'a self, args: &'a ReportArgs) -> Option<&'a str> {
        args.format.as_deref().or(self.format.as_deref())
    }
}

fn fill<T>(typed: &mut Option<T>, default: Option<T>, name: &'static str, used: &mut Vec<&'static str>) {
    if typed.is_none() && default.is_some() {
        *typed = default;
        used.push(name);
    }
}

/// The nearest file. Outside of a repository only the folder itself is looked at.
fn place(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder);
    let inside = folder.ancestors().take_while(|above| above.starts_with(root));
    inside.map(|above| above.join(NAME)).find(|file| file.is_file())
}

/// The file as seen from `folder`.
fn shown(file: &Path, folder: &Path) -> String {
    let parent = file.parent().unwrap_or(file);
    let up = folder.strip_prefix(parent).map_or(0, |below| below.components().count());
    format!("{}{NAME}", "../".repeat(up))
}

/// What `text` says. `here`: the folder that paths in it count from.
fn read(text: &str, file: &str, here: &Path) -> Result<Defaults, Vec<Failure>> {
    let at = |start: usize| {
        let before = text.get(..start).unwrap_or(text);
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        format!("{file}:{}:{column}", before.matches('\n').count() + 1)
    };
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        vec![Failure::new(format!("{}: {}", at(start), error.message()), "a line is `key = value`, such as `jobs = 4`")]
    })?;
    let mut found = Defaults { place: file.to_owned(), ..Defaults::default() };
    let mut wrong = Vec::new();
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        if !KEYS.contains(&name) {
            let help = match nearest(name, KEYS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known: {}", KEYS.join(", ")),
            };
            let what = format!("{}: unknown key `{}`", at(key.span().start), crate::field::shorten(name));
            wrong.push(Failure::new(what, help));
        } else if let Err(why) = found.take(name, value, here) {
            wrong.push(Failure::new(format!("{}: `{name}`: {why}", at(value.span().start)), ""));
        }
    }
    if found.seed.is_some() && found.seeds.is_some() {
        wrong.push(Failure::new(format!("{file}: `seed` and `seeds` exclude each other"), "remove one of them"));
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

impl Defaults {
    fn take(&mut self, name: &str, value: &Spanned<DeValue<'_>>, here: &Path) -> Result<(), String> {
        let value = value.get_ref();
        match name {
            "seed" => self.seed = Some(seed(&word(value)?)?),
            "seeds" => self.seeds = Some(seed_range(&word(value)?)?),
            "jobs" => self.jobs = Some(jobs(&word(value)?)?),
            "output" => self.output = Some(here.join(text(value)?)),
            "format" => self.format = Some(known(text(value)?, is_format)?),
            _ => {
                let DeValue::Array(formats) = value else {
                    return Err("a list of formats, such as [\"html\", \"junit\"]".to_owned());
                };
                let formats = formats.iter().map(|format| known(text(format.get_ref())?, is_report));
                self.report = Some(formats.collect::<Result<_, _>>()?);
            }
        }
        Ok(())
    }
}

/// A value as it would be typed: a text, or a whole number.
fn word(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().replace('_', "")),
        DeValue::Integer(number) if number.radix() == 16 => Ok(format!("0x{}", number.as_str())),
        _ => text(value).map(str::to_owned),
    }
}

fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    match value {
        DeValue::String(text) => Ok(text),
        _ => Err("a text in quotes".to_owned()),
    }
}

fn known(typed: &str, is_known: fn(&str) -> bool) -> Result<String, String> {
    if is_known(format_name(typed)) {
        return Ok(typed.to_owned());
    }
    Err(format!("`{}` is no such format; `firedrill list formats` lists them", crate::field::shorten(typed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture::scratch;

    fn wrong(text: &str) -> Vec<String> {
        read(text, NAME, Path::new("")).unwrap_err().iter().map(|f| format!("{} {}", f.what, f.help)).collect()
    }

    #[test]
    fn each_key_is_read() {
        let text = "seeds = \"0..8\"\njobs = 2\noutput = \"out\"\nreport = [\"html\", \"md\"]\nformat = \"md\"\n";
        let found = read(text, NAME, Path::new("up")).unwrap();
        assert_eq!((found.seeds, found.jobs.map(NonZeroUsize::get)), (Some(0..8), Some(2)));
        assert_eq!((found.output, found.format.as_deref()), (Some(PathBuf::from("up/out")), Some("md")));
        assert_eq!(found.report.unwrap(), ["html", "md"]);
        assert_eq!(read("seed = 0x10\n", NAME, Path::new("")).unwrap().seed, Some(16));
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_place() {
        let said = wrong("jbos = 2\nreport = [\"pdf\"]\n\n[run]\nseed = 1\n");
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(said[0].contains("firedrill.toml:1:1: unknown key `jbos` did you mean `jobs`?"), "{said:#?}");
        assert!(said.iter().any(|said| said.contains("firedrill.toml:2:10: `report`: `pdf`")), "{said:#?}");
        assert!(said.iter().any(|said| said.contains(":4:2: unknown key `run` known: seed")), "{said:#?}");
        assert!(wrong("jobs = 0")[0].contains(":1:8: `jobs`: a number from 1"));
        assert!(wrong("seeds = \"5..1\"")[0].contains("empty"));
        assert!(wrong("jobs = \n")[0].starts_with("firedrill.toml:1:"), "{:?}", wrong("jobs = \n"));
        assert!(wrong("seed = 1\nseeds = \"0..2\"")[0].contains("exclude"));
    }

    #[test]
    fn the_nearest_file_up_to_the_root_of_the_repository_is_taken() {
        let place = scratch("defaults");
        let (root, below) = (place.join("repo"), place.join("repo/a/b"));
        std::fs::create_dir_all(&below).unwrap();
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::write(place.join(NAME), "jobs = 9\n").unwrap();
        assert_eq!(Defaults::find(Some(&below)), Ok(None), "what is outside of the repository is nobody's");
        std::fs::write(root.join(NAME), "jobs = 3\noutput = \"out\"\n").unwrap();
        let found = Defaults::find(Some(&below)).unwrap().unwrap();
        assert_eq!((found.place.as_str(), found.output), ("../../firedrill.toml", Some(root.join("out"))));
        std::fs::write(below.join(NAME), "jobs = 1\n").unwrap();
        assert_eq!(Defaults::find(Some(&below)).unwrap().unwrap().jobs.map(NonZeroUsize::get), Some(1));
        assert_eq!(Defaults::find(None), Ok(None));
    }
}
