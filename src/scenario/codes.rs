//! Every diagnostic by its code, at length.
//!
//! Invariant: a code that is used anywhere stands here once, and its meaning never changes; a code that is no longer
//! used is not used again.

/// A diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `FD0102`.
    pub code: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// At length: what it means and what to do.
    pub text: &'static str,
}

/// The diagnostic called `code`.
pub fn explain_code(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

const fn code(code: &'static str, title: &'static str, text: &'static str) -> Code {
    Code { code, title, text }
}

/// All diagnostics, in order.
pub const CODES: &[Code] = &[
    code(
        "FD0001",
        "not a text file",
        "A scenario is UTF-8 text. The message names the first byte that is not. Save the file as UTF-8.",
    ),
    code("FD0002", "empty file", "There is nothing in the file but blank lines and comments."),
    code(
        "FD0003",
        "file too large",
        "A scenario is some kilobytes. A file of more than 16 MB is not read: it is probably not the file you meant.",
    ),
    code(
        "FD0004",
        "not valid YAML",
        "The file cannot be read as YAML (or JSON). Nothing else is checked until it can. Usual causes: a tab in the \
         indentation, a bracket or quote that is not closed, a `: ` inside a text that needs quotes.",
    ),
    code("FD0005", "key written twice", "A map has the same key twice; only one of the values could count."),
    code(
        "FD0006",
        "too deep or too much",
        "Nested deeper than 64 levels, or too large once aliases and `like` are worked in. A scenario needs about ten \
         levels and a few thousand values.",
    ),
    code("FD0007", "more than one document", "A file holds one scenario. Remove the line `---`."),
    code(
        "FD0008",
        "file of another kind",
        "By its keys the file belongs to another program, or is something that firedrill wrote. Nothing in it is read as a \
         scenario. The message says what it looks like, and where what it says belongs in a scenario.",
    ),
    code(
        "FD0101",
        "unknown key",
        "The table has no field of this name. The nearest known name is given; `firedrill explain FILE` lists the \
         fields of a scenario that works.",
    ),
    code(
        "FD0102",
        "unknown name",
        "A region, service, database, fault or other thing is named that is not declared anywhere in the scenario.",
    ),
    code("FD0103", "missing field", "A field that has no default is not written."),
    code("FD0104", "wrong shape", "A map, list or single value stands where another of these is expected."),
    code(
        "FD0105",
        "not the right quantity",
        "The text cannot be read as what the field holds. Spans need a unit (`15m`, `200ms`), rates a time (`500/s`), \
         sizes a unit (`300GB`); shares are `10%` or `0.1`; truth is `true` or `false`.",
    ),
    code(
        "FD0106",
        "out of range",
        "The value can be read but makes no sense here: a span beyond ten years, no servers at all, a share above one.",
    ),
    code("FD0107", "not a choice", "The field takes one of a few words, and this is none of them."),
    code(
        "FD0108",
        "unknown kind",
        "There is no fault, control, property, workload, distribution or verdict of this name.",
    ),
    code("FD0109", "name given twice", "Two things of one kind have the same name, so that it cannot be referred to."),
    code(
        "FD0110",
        "not a name",
        "Names have 1 to 64 letters, digits, `_`, `-` or `.`, and begin with a letter or digit.",
    ),
    code(
        "FD0111",
        "exactly one kind expected",
        "An element such as `- region_outage: {…}` has one key, its kind. If there are more, the fields are probably \
         not indented below the kind.",
    ),
    code("FD0112", "impossible distribution", "The parameters contradict each other or lie outside what is defined."),
    code("FD0113", "unknown language version", "The file says `firedrill: N` with an N this program does not know."),
    code("FD0114", "too many", "More things of one kind than a scenario may have. Combine those that behave alike."),
    code("FD0201", "nothing serves", "There is no region, or none is primary, so nothing serves from the start."),
    code("FD0202", "two primary regions", "One region serves from the start; the others take over."),
    code("FD0203", "circular `like`", "Entries take over fields from each other in a circle. Write one of them out."),
    code(
        "FD0204",
        "replica beside its primary",
        "A replica in the primary's region falls with it and protects nothing.",
    ),
    code("FD0205", "no service", "No region has a service, so no request can be answered."),
    code("FD0206", "call out of the region", "A service calls one that its region does not have."),
    code("FD0207", "circular calls", "Services call each other in a circle: a request would never end."),
    code("FD0208", "two replicas in one region", "A database has at most one copy in each region."),
    code("FD0209", "nothing to wait for", "Synchronous commits wait for a replica, but the database has none."),
    code("FD0210", "no balancer", "A DNS record names the balancer, but the scenario has no `balancer:` section."),
    code("FD0211", "bad link", "A link joins two different regions, each pair once."),
    code("FD0212", "shares do not add up", "Shares of one whole must add up to exactly 100 %."),
    code("FD0213", "window too short", "A monitoring window shorter than the scrape interval is usually empty."),
    code("FD0214", "service not there", "Clients are sent to a region that does not have the service they call."),
    code("FD0215", "no workload", "Without clients nothing happens, and nothing can be judged."),
    code("FD0216", "unknown property", "`expect` names a property that the scenario does not have."),
    code(
        "FD0217",
        "nowhere to go",
        "A procedure moves traffic from one region to another; the scenario names no other.",
    ),
    code(
        "FD0218",
        "more than one database",
        "A request may read and write one database, over all the services it calls.",
    ),
    code(
        "FD0219",
        "nothing to act on",
        "A fault, a controller, a control interface or a copy of a database needs a service, a zone or a balancer that is \
         not there.",
    ),
    code(
        "FD0220",
        "fault without effect",
        "The fault changes nothing: its share, slowdown and errors leave all as it was.",
    ),
    code("FD0221", "no record", "The zone has no DNS record, so no client can find anything."),
    code(
        "FD0229",
        "no copy there",
        "Something is said of a database's copy in a region that holds none, so that it could have no effect.",
    ),
    code(
        "FD0230",
        "two beginnings",
        "A fault begins by the clock (`at`), at an event (`when`) or at random (`rate`), and waits for one thing: two of \
         them contradict each other. A fault that happens in two ways is two faults.",
    ),
    code(
        "FD0231",
        "timing that is not whole",
        "A fault at random lasts `for` some time, and may begin within a window `between: [from, to]`; nothing else has \
         a window.",
    ),
    code(
        "FD0232",
        "condition that is never true",
        "The fault waits for an event that nothing in this scenario brings about: there is no control or balancer that \
         could, the fault waited for happens only once, or it waits for this one in turn.",
    ),
    code(
        "FD0233",
        "too many injections",
        "The faults of one run are written down before it begins, at most ten thousand of them. A rate, a window or a \
         flapping fault asks for more.",
    ),
    code(
        "FD0234",
        "injection twice",
        "A written schedule has two lines for the same happening of a fault. Give one of them another `occurrence`: it \
         says which dice the injection throws.",
    ),
    code(
        "FD0235",
        "one way only",
        "A region is cut off from control both ways or not at all: to control, an answer that does not come is the same \
         as a question that never arrived.",
    ),
    code(
        "FD0236",
        "numbers of a service that contradict each other",
        "A cache needs something behind it, and either a hit ratio or keys to hold. An autoscaler begins between its \
         bounds and has a target.",
    ),
    code(
        "FD0237",
        "no published latency",
        "A preset of the network has figures for certain pairs of places. Say where the regions are, or write the latency \
         that is missing.",
    ),
    code(
        "FD0240",
        "chain of people that cannot be gone through",
        "Those who are asked or paged one after the other are named once each, and there is at least one.",
    ),
    code(
        "FD0241",
        "figure of a step that cannot be",
        "A step that changes nothing is never taken back, so it has neither `undo_budget` nor `undo_tries`. A `pause` that \
         is as long as the budget leaves no time for a second try: then `tries` is 1, or the pause shorter.",
    ),
    code(
        "FD0242",
        "procedure that cannot work",
        "The steps of a procedure of your own do not contradict each other: what runs side by side changes different things, \
         a wait fits into its budget, a database that is fenced off is opened again, and a copy that is opened is there.",
    ),
    code(
        "FD0260",
        "checks that contradict themselves",
        "Health is judged in one way: results in a row or of the last few, probes with a time-out, real requests; and \
         a balancer's checks are written in one place.",
    ),
    code(
        "FD0261",
        "record that cannot be so",
        "A record that follows health names one region and falls back on another; a planned change of a record says \
         what it is to be, or how long answers may be kept.",
    ),
    code(
        "FD0270",
        "file not found",
        "A file that the scenario names cannot be read. Its path counts from the folder of the scenario.",
    ),
    code(
        "FD0271",
        "recording that cannot be used",
        "The first line of a recorded load is `time` or `time,rate`. Rows have as many columns; times are seconds and in \
         order, rates are per second, neither is negative. Rates begin at 0 and leave no gap, unless `gaps` says what holds \
         there.",
    ),
    code("FD0272", "another recording", "The recorded load is not the one whose fingerprint the scenario names."),
    code(
        "FD0301",
        "statement that cannot be read",
        "The expression is not one, names a signal or event that does not exist, or compares what cannot be compared. \
         `firedrill list` shows the signals and events.",
    ),
    code(
        "FD0302",
        "property that contradicts itself",
        "The fields of the property do not go together, or say nothing that could be violated.",
    ),
    code(
        "FD0320",
        "event that cannot happen",
        "The name of the event makes sense, but nothing in this scenario can bring it about: no control runs the procedure, \
         nobody is asked, there is no balancer, the fault or the feature it belongs to is not there. A bound on such an \
         event always holds and proves nothing. Add what would bring it about, or take the property out.",
    ),
    code(
        "FD0321",
        "fault of something that nothing depends on",
        "The region, service or database that the fault hits is used by nothing in the scenario, so the run is the same \
         without it, and whatever holds then proves nothing. Aim the fault at something in use; where it need not affect \
         anything, say `optional: true`.",
    ),
    code(
        "FD0322",
        "fault that hardly ever happens",
        "By its `rate` and the time in which it may begin, the fault is to be expected in fewer than one of a thousand runs, \
         while properties are judged as if it had happened. Raise the rate; where it need not happen, say `optional: true`.",
    ),
    code("FD0402", "setting goes nowhere", "The path of a setting names something the scenario does not have."),
    code(
        "FD0501",
        "fault after the end",
        "The fault begins when clients have stopped. Everything heals then, so it can do nothing. That is refused, unless the \
         fault says `optional: true`.",
    ),
    code("FD0502", "database not used", "No service reads or writes the database."),
    code("FD0503", "no property", "A run without properties proves nothing, however well it goes."),
    code(
        "FD0504",
        "recording after the end",
        "The first row of a recorded load lies after the end of the workload, so none of it arrives. Where its times are \
         those of a clock, let them count from the first row: `counts_from: first_row`.",
    ),
    code(
        "FD0510",
        "deadline after the end",
        "The workload ends before the time that a property allows is over, so that it can hold or stay unknown, but hardly \
         ever fail. Make `duration` longer, begin the fault earlier, or allow less time.",
    ),
    code(
        "FD0511",
        "instant after the end",
        "A property counts from, or asks for, an instant that no run reaches: nothing is ever observed there.",
    ),
    code(
        "FD0512",
        "share that the seed decides",
        "A share of a small population is no whole number of its members. The seed decides between the two nearest numbers, \
         and a bound of a property lies between them or on one of them, so that the verdict is a throw of dice. Let the \
         population be larger.",
    ),
    code(
        "FD0513",
        "bound finer than what is measured",
        "Signals have one value per second, and what monitoring sees is as old as its last scrape. A shorter deadline is met \
         or missed by where these instants happen to lie.",
    ),
    code(
        "FD0514",
        "check that can never act",
        "A watch or a check of the balancer needs more time, more requests or more regions than the scenario has. It never \
         acts, and nothing that holds in the run is its merit.",
    ),
    code(
        "FD0515",
        "few caches in step",
        "With even ages, caches renew their answers at the same instants in every run. If they are few, how long a recovery \
         takes depends on where in their time to live the fault happens to begin, and every seed says the same. Draw the \
         ages, or let there be more caches.",
    ),
    code(
        "FD0516",
        "run of hours",
        "The workload sends more requests than a machine rehearses in minutes. Lower rate and servers together.",
    ),
    code(
        "FD0517",
        "queue longer than clients wait",
        "The queue of a service is bounded, but so far back that whoever stands last has given up long before its turn. Once \
         it is full, the servers do work that nobody waits for, and an overload need not end by itself.",
    ),
    code(
        "FD0518",
        "setting that nobody heeds",
        "What stands beside the setting leaves it without effect: a lease where nothing is fenced by leases, a share of so few \
         that it falls on nobody, a wait that is over before it counts. The run is the same without it. Write what it needs, \
         or leave it out.",
    ),
    code(
        "FD0999",
        "mistake in firedrill",
        "The scenario could not be compiled, and no reason was found. This is never the scenario's fault: please report \
         it with the file.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn codes_ascend_and_are_explained() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(CODES.iter().all(|code| !code.title.is_empty() && code.text.ends_with('.')));
        assert_eq!(explain_code("fd0102").map(|code| code.title), Some("unknown name"));
    }

    /// Every file of source below `folder`, this one left out, in two: what the program is made of, and its tests.
    fn sources(folder: &Path, texts: &mut [Vec<String>; 2]) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                sources(&path, texts);
            } else if name.ends_with(".rs") && name != "codes.rs" {
                let text = std::fs::read_to_string(&path).unwrap();
                let is_test = name.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests");
                let program = if is_test { 0 } else { text.find("\nmod tests {").unwrap_or(text.len()) };
                texts[0].push(text[..program].to_owned());
                texts[1].push(text[program..].to_owned());
            }
        }
    }

    fn codes_in(texts: &[String]) -> BTreeSet<&str> {
        let is_code = |part: &&str| part.len() == 6 && part.starts_with("FD") && part[2..].parse::<u16>().is_ok();
        texts.iter().flat_map(|text| text.split('"')).filter(is_code).collect()
    }

    #[test]
    fn every_code_that_is_used_is_explained_and_has_an_example_and_every_code_explained_is_used() {
        let mut texts = [Vec::new(), Vec::new()];
        for folder in ["src", "tests"] {
            sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut texts);
        }
        let known: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(codes_in(&texts[0]), known);
        let examples = codes_in(&texts[1]);
        let without: Vec<&str> = known.into_iter().filter(|code| !examples.contains(code)).collect();
        assert_eq!(without, [""; 0]);
    }
}
