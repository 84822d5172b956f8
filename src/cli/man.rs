//! `firedrill man`: the manual page, of the program and of every verb.

use super::args::Args;
use super::console::{Console, Failure};
use super::exit::Exit;
use clap::{Command, CommandFactory};

/// Prints the page.
pub(super) fn man(console: &mut Console<'_>) -> Exit {
    match page() {
        Ok(page) => {
            console.result(&page);
            Exit::AsExpected
        }
        Err(error) => {
            console.failure(&Failure::new(format!("the manual page cannot be written: {error}"), ""));
            Exit::Usage
        }
    }
}

/// One page: the program, then a section for the synopsis and the options of each verb.
fn page() -> std::io::Result<Vec<u8>> {
    let mut program = Args::command();
    program.build();
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(program.clone());
    man.render(&mut page)?;
    for verb in program.get_subcommands().filter(|verb| verb.get_name() != "help") {
        page.extend(format!(".SH \"FIREDRILL {}\"\n", verb.get_name().to_uppercase()).into_bytes());
        let own = clap_mangen::Man::new(without_globals(verb));
        own.render_description_section(&mut page)?;
        own.render_synopsis_section(&mut page)?;
        own.render_options_section(&mut page)?;
    }
    Ok(page)
}

/// The verb without the options that all have, which stand at the top of the page.
fn without_globals(verb: &Command) -> Command {
    verb.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg })
}
