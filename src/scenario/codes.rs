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
        "A scenario is UTF-8 text. The message names the first invalid byte. Save the file as UTF-8.",
    ),
    code("FD0002", "empty file", "There is nothing in the file but blank lines and comments."),
    code(
        "FD0003",
        "file too large",
        "A scenario is a few kilobytes. A file of more than 16 MB is not read: it is probably not the file you meant.",
    ),
    code(
        "FD0004",
        "not valid YAML",
        "The file cannot be read as YAML (or JSON). Nothing else is checked until it can. Usual causes: a tab in the \
         indentation, a bracket or quote that is not closed, a `: ` inside a text that needs quotes.",
    ),
    code("FD0005", "duplicate key", "A map has the same key twice; only one of the values could apply."),
    code(
        "FD0006",
        "nested too deeply or too large",
        "Nested deeper than 64 levels, or too large once aliases and `like` are expanded. A scenario needs about ten \
         levels and a few thousand values.",
    ),
    code("FD0007", "more than one document", "A file holds one scenario. Remove the line `---`."),
    code(
        "FD0008",
        "not a firedrill scenario",
        "Judging by its keys, the file belongs to another program, or was written by firedrill. It is not read as a \
         scenario. The message says what it looks like, and where its content belongs in a scenario.",
    ),
    code(
        "FD0009",
        "unusable base",
        "The file that `base:` names cannot be used: it is missing, it is no scenario and no base (a file that begins \
         with `firedrill_base: 1`), or it builds on the file that names it. Paths are relative to the file they stand \
         in.",
    ),
    code(
        "FD0101",
        "unknown key",
        "The table has no field of this name. The nearest known name is suggested; `firedrill explain FILE` lists the \
         fields of a working scenario.",
    ),
    code(
        "FD0102",
        "unknown name",
        "The name of a region, service, database, fault or the like is not declared anywhere in the scenario.",
    ),
    code("FD0103", "missing field", "A field without a default is missing."),
    code("FD0104", "wrong shape", "A map, a list or a single value is given where another of these is expected."),
    code(
        "FD0105",
        "invalid quantity",
        "The text cannot be parsed as the field's type. Spans need a unit (`15m`, `200ms`), rates a time (`500/s`), \
         sizes a unit (`300GB`); shares are `10%` or `0.1`; booleans are `true` or `false`.",
    ),
    code(
        "FD0106",
        "out of range",
        "The value is valid but makes no sense here: a span beyond ten years, no servers at all, a share above one.",
    ),
    code("FD0107", "invalid choice", "The field takes one of a fixed set of words, and this is not one of them."),
    code(
        "FD0108",
        "unknown kind",
        "There is no fault, control, property, workload, distribution or verdict of this name.",
    ),
    code("FD0109", "duplicate name", "Two things of the same kind share a name, so references to it are ambiguous."),
    code(
        "FD0110",
        "invalid name",
        "Names have 1 to 64 letters, digits, `_`, `-` or `.`, and start with a letter or digit.",
    ),
    code(
        "FD0111",
        "exactly one kind expected",
        "An element such as `- region_outage: {…}` has one key, its kind. If there are more, the fields are probably \
         not indented below the kind.",
    ),
    code("FD0112", "invalid distribution", "The parameters contradict each other or are out of range."),
    code(
        "FD0113",
        "unknown language version",
        "The file says `firedrill: N` with an N that this program does not \
                                                support.",
    ),
    code(
        "FD0114",
        "too many",
        "There are more things of one kind than a scenario may have. Combine those that behave \
                                alike.",
    ),
    code(
        "FD0115",
        "nothing to remove",
        "`null` in the place of something with a name removes what the base says of it, but the base has nothing of \
         that name.",
    ),
    code("FD0201", "no primary region", "There is no region, or none is primary, so nothing serves from the start."),
    code("FD0202", "two primary regions", "One region serves from the start; the others take over."),
    code("FD0203", "circular `like`", "Entries inherit fields from each other in a cycle. Write one of them out."),
    code(
        "FD0204",
        "replica in the primary's region",
        "A replica in the primary's region fails with it and protects nothing.",
    ),
    code("FD0205", "no service", "No region has a service, so no request can be answered."),
    code(
        "FD0206",
        "call outside the region",
        "A service calls one that its region, or the one that it names, does not have.",
    ),
    code("FD0207", "circular calls", "Services call each other in a cycle: a request would never end."),
    code("FD0208", "two replicas in one region", "A database has at most one copy in each region."),
    code(
        "FD0209",
        "synchronous commit without a replica",
        "Synchronous commits wait for a replica, but the database has none.",
    ),
    code("FD0210", "no balancer", "A DNS record names the balancer, but the scenario has no `balancer:` section."),
    code("FD0211", "invalid link", "A link connects two different regions, and each pair has at most one."),
    code("FD0212", "shares do not add up", "Shares of a whole must add up to exactly 100 %."),
    code("FD0213", "window too short", "A monitoring window shorter than the scrape interval is usually empty."),
    code("FD0214", "service not in the region", "Clients are sent to a region without the service they call."),
    code("FD0215", "no workload", "Without clients nothing happens, and nothing can be judged."),
    code("FD0216", "unknown property", "`expect` names a property that the scenario does not have."),
    code(
        "FD0217",
        "no failover target",
        "A procedure moves traffic from one region to another; the scenario declares no other.",
    ),
    code(
        "FD0219",
        "missing target",
        "A fault, a controller, a control interface or a copy of a database needs a service, a zone or a balancer that \
         does not exist.",
    ),
    code("FD0220", "fault without effect", "The fault changes nothing: its share, slowdown and errors have no effect."),
    code("FD0221", "no DNS record", "The zone has no DNS record, so no client can find anything."),
    code(
        "FD0229",
        "no copy in that region",
        "A setting is about a database's copy in a region that holds none, so it could have no effect.",
    ),
    code(
        "FD0230",
        "conflicting start conditions",
        "A fault starts at a fixed time (`at`), on an event (`when`) or at random (`rate`); two of these conflict. A \
         fault that happens in two ways is two faults.",
    ),
    code(
        "FD0231",
        "incomplete timing",
        "A random fault needs a duration `for`, and may have a window `between: [from, to]`; no other fault has a \
         window.",
    ),
    code(
        "FD0232",
        "start condition that is never met",
        "The fault or the control waits for an event that nothing in this scenario can cause: there is no control or \
         balancer that could, the fault it waits for happens only once, or what would cause it waits for this one in turn.",
    ),
    code(
        "FD0233",
        "too many injections",
        "The faults of a run are scheduled before it starts, at most ten thousand of them. A rate, a window or a \
         flapping fault asks for more.",
    ),
    code(
        "FD0234",
        "duplicate injection",
        "A written schedule has two lines for the same occurrence of a fault. Give one of them another `occurrence`: \
         it determines which random numbers the injection draws.",
    ),
    code(
        "FD0235",
        "one-way partition from control",
        "A region is cut off from control in both directions or not at all: to control, a lost answer looks the same \
         as a lost request.",
    ),
    code(
        "FD0236",
        "contradictory service settings",
        "A cache needs a backend, and either a hit ratio or keys to hold. An autoscaler starts within its bounds and \
         has a target.",
    ),
    code(
        "FD0237",
        "no published latency",
        "A network preset has figures for certain pairs of locations only. Say where the regions are, or give the \
         missing latency.",
    ),
    code("FD0240", "invalid escalation chain", "An escalation chain names at least one person, and each only once."),
    code(
        "FD0241",
        "invalid step setting",
        "A step that changes nothing is never undone, so it takes neither `undo_budget` nor `undo_tries`. A `pause` as \
         long as the budget leaves no time for a second attempt: set `tries` to 1, or shorten the pause.",
    ),
    code(
        "FD0242",
        "unworkable procedure",
        "A step must be able to complete: its budget covers what it waits for. The steps of a procedure of your own must \
         not contradict each other: parallel steps change different things, a fenced database is opened again, and a copy \
         that is opened exists.",
    ),
    code(
        "FD0243",
        "unworkable lease",
        "A controller renews its lease before it stands down, and stands down before anybody else can be given the lease.",
    ),
    code(
        "FD0244",
        "controllers at odds",
        "Two watches run the same procedure when the same region fails, over the same databases, records or balancer, each \
         under a lease of its own: whichever comes second overrules the first. Let them share a lease by name, let one of \
         them move everything, or name different things. Those that share a lease must do the same, for whichever takes \
         over finishes what the other began.",
    ),
    code(
        "FD0245",
        "dual write to one database",
        "A dual write needs a database of the service's own and at least one other, each named once.",
    ),
    code(
        "FD0246",
        "contradictory acknowledgement rule",
        "`count` goes with `ack: quorum`, and must not exceed the databases that the write goes to: nothing would ever be \
         acknowledged.",
    ),
    code(
        "FD0247",
        "calls at odds",
        "A service chooses between services whose shares do not make a whole, asks in turn where there is only one or too many \
         to ask, has a time-out for calls that it does not make, or calls its own region as another.",
    ),
    code(
        "FD0248",
        "route too long",
        "A request passes every service that is called on its way, and what these call; there are more of them than it can count.",
    ),
    code(
        "FD0249",
        "contradictory reconciliation",
        "Two different databases that get the same writes, and have the same tables, are compared, at a time or again and again.",
    ),
    code(
        "FD0260",
        "contradictory health checks",
        "Health checks use one rule: consecutive results or the last few, probes with a time-out, or real requests; \
         and a balancer's checks are configured in one place.",
    ),
    code(
        "FD0261",
        "invalid DNS record",
        "A record that follows health checks points at one region and fails over to another; a planned change of a \
         record sets its target or its TTL.",
    ),
    code(
        "FD0270",
        "file not found",
        "A file that the scenario refers to cannot be read. Paths are relative to the scenario's folder.",
    ),
    code(
        "FD0271",
        "unusable recording",
        "The first line of a recorded load is `time` or `time,rate`. Rows have as many columns; times are in seconds \
         and ascending, rates are per second, and neither is negative. Rates start at 0 and leave no gap, unless \
         `gaps` says what to do there.",
    ),
    code("FD0272", "wrong recording", "The recorded load is not the one whose fingerprint the scenario names."),
    code(
        "FD0301",
        "invalid expression",
        "The expression cannot be parsed, refers to a signal or event that does not exist, or compares what cannot be \
         compared. `firedrill list` shows the signals and events.",
    ),
    code(
        "FD0302",
        "contradictory property",
        "The fields of the property conflict, or state nothing that could be violated.",
    ),
    code(
        "FD0303",
        "invalid share of runs",
        "`expect` says of a property in which share of all runs it holds, and how surely that is to be shown: \
         `{holds: \">= 95%\", confidence: 95%}`. What no number of runs can show, or any can, is refused, and so is a \
         share of the runs of what only all of them together can decide, such as a mean that `agrees`.",
    ),
    code(
        "FD0320",
        "impossible event",
        "The event exists, but nothing in this scenario can cause it: no control runs the procedure, nobody is asked, \
         there is no balancer, or the fault or feature it belongs to is missing. A bound on such an event always holds \
         and proves nothing. Add what would cause it, or remove the property.",
    ),
    code(
        "FD0321",
        "fault on an unused target",
        "The region, service or database that the fault hits is not used by anything in the scenario, so the run is \
         the same without the fault, and what holds then proves nothing. Aim the fault at something in use; where it \
         need not affect anything, say `optional: true`.",
    ),
    code(
        "FD0322",
        "fault that is too rare",
        "Given its `rate` and the time in which it may start, the fault is expected in fewer than one in a thousand \
         runs, while properties are judged as if it had happened. Raise the rate; where it need not happen, say \
         `optional: true`.",
    ),
    code("FD0402", "unknown setting", "The path of a setting refers to something that the scenario does not have."),
    code(
        "FD0501",
        "fault after the end",
        "The fault starts when clients have stopped. Everything heals then, so it can have no effect. This is refused \
         unless the fault has `optional: true`.",
    ),
    code("FD0502", "unused database", "No service reads or writes the database."),
    code("FD0503", "no properties", "A run without properties proves nothing, however well it goes."),
    code(
        "FD0504",
        "recording after the end",
        "The first row of a recorded load lies after the end of the workload, so none of it arrives. If its times are \
         wall-clock times, count them from the first row: `counts_from: first_row`.",
    ),
    code(
        "FD0510",
        "deadline after the end",
        "The workload ends before the time that a property allows has passed, so the property can hold or stay \
         unknown, but hardly ever fail. Make `duration` longer, start the fault earlier, or allow less time.",
    ),
    code(
        "FD0511",
        "instant after the end",
        "A property or a control names a time that no run reaches: nothing is ever observed or done there.",
    ),
    code(
        "FD0512",
        "share decided by the seed",
        "A share of a small population is not a whole number of members. The seed decides between the two nearest \
         numbers, and a bound of a property lies between or on them, so the verdict is a matter of chance. Use a \
         larger population.",
    ),
    code(
        "FD0513",
        "bound finer than the measurement",
        "Signals have one value per second, and what monitoring sees is as old as its last scrape. Whether a shorter \
         deadline is met depends on where these instants happen to fall.",
    ),
    code(
        "FD0514",
        "check that can never act",
        "A watch or a check of the balancer needs more time, more requests or more regions than the scenario has. It \
         never acts, and contributes nothing to what holds in the run.",
    ),
    code(
        "FD0515",
        "too few caches, in lockstep",
        "With even ages, caches refresh their answers at the same instants in every run. If there are few of them, the \
         recovery time depends on where in their TTL the fault happens to start, and is the same for every seed. Use \
         random ages, or more caches.",
    ),
    code(
        "FD0516",
        "run takes hours",
        "The workload sends more requests than a machine can simulate in minutes, or something comes up again too often. \
         Lower the rate and the number of servers together, or make the interval longer.",
    ),
    code(
        "FD0517",
        "queue longer than clients wait",
        "The queue of a service is bounded, but so long that the client of the last request in it has given up long \
         before its turn. Once it is full, servers do work that nobody waits for, and an overload may sustain \
         itself.",
    ),
    code(
        "FD0518",
        "ineffective setting",
        "Another setting leaves this one without effect: a lease where nothing is fenced by leases, a share too small \
         to affect anybody, a wait that is over before it matters. The run is the same without it. Add what it needs, \
         or leave it out.",
    ),
    code(
        "FD0519",
        "watch that overlooks refusals",
        "Requests above a rate limit are left out of the errors, and clients may send more than the limit lets through. \
         A watch does not notice, however many are turned away and for however long. Leave `monitoring.limited` out, or \
         bound the share of them by a property.",
    ),
    code(
        "FD0520",
        "rival controllers",
        "Two planned runs move the same databases, records or balancer, and one begins while the other may be under way: \
         neither knows of the other. Let it begin later, or name different things.",
    ),
    code(
        "FD0521",
        "writes that nothing keeps",
        "Clients are said to write, and no service that they call has a database or a bucket. The writes are as hard to \
         repeat as others, but none of them can be found lost.",
    ),
    code(
        "FD0522",
        "database left behind",
        "A failover goes where there is no copy of a database that it is to move, or that services there need. It is refused, \
         or leaves the database where it is.",
    ),
    code(
        "FD0523",
        "writes scattered over databases",
        "A service chooses between services, or asks them in turn, that keep data in different databases. Each keeps what it \
         acknowledged, so nothing counts as lost, and yet a client does not find what it wrote where it reads: `db.<database>.missing` \
         counts such rows.",
    ),
    code(
        "FD0999",
        "bug in firedrill",
        "The scenario could not be compiled, for no known reason. This is never the scenario's fault: please report it \
         with the file.",
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
