//! What control can ask of the world: one line for each interface, and the routing of each command to its part.
//!
//! Owns the path of a command and of its answer. Does not know what any of them is about.
//!
//! Invariants: a command takes the control plane's latency each way; a place that is dark answers nothing, so that
//! control's call ends indeterminate; a change that was accepted is answered when it is in effect, as a control plane's
//! client waits for it; whatever changes something may go wrong, and is not done for a controller that was superseded;
//! a call that is throttled goes no further.

use super::World;
use super::agenda::Agenda;
use super::control::Due;
use super::control::action_faults::FailureMode;
use super::control::journal_api::{JournalAnswer, JournalCommand};
use super::core::desk::{Caller, Note};
use super::core::operation::{Nature, Operation};
use super::core::turns::ChangeSubject;
use super::data::backups_api::{BackupsAnswer, BackupsCommand};
use super::data::databases_api::{DatabasesAnswer, DatabasesCommand};
use super::data::rows_api::{RowsAnswer, RowsCommand};
use super::flow::errands::Errand;
use super::flow::probe_api::{ProbeAnswer, ProbeCommand};
use super::names::balancer_api::{BalancerAnswer, BalancerCommand};
use super::names::dns_api::{DnsAnswer, DnsCommand};
use super::objects::objects_api::{ObjectsAnswer, ObjectsCommand};
use super::observe::metrics_api::{MetricsAnswer, MetricsCommand};
use super::people::api::{PeopleAnswer, PeopleCommand};
use super::plan::Interface;
use super::platform::services_api::{ServicesAnswer, ServicesCommand};
use crate::kernel::Class;
use crate::ports::PortError;
use crate::units::{Instant, Span};

macro_rules! interfaces {
    ($($(#[doc = $doc:literal])+ $name:ident: $command:ty => $answer:ty),* $(,)?) => {
        /// A command on its way from control into the world.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Command {
            /// Wait.
            Sleep(Span),
            /// Wait until an event has happened so often.
            Await(String, u32),
            $($(#[doc = $doc])+ $name($command),)*
        }

        /// An answer from the world.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Answer {
            /// It is done.
            Done,
            /// It happened then.
            At(Instant),
            $($(#[doc = $doc])+ $name($answer),)*
        }

        $(impl From<$command> for Command {
            fn from(command: $command) -> Self {
                Self::$name(command)
            }
        }

        impl From<$answer> for Answer {
            fn from(answer: $answer) -> Self {
                Self::$name(answer)
            }
        })*

        impl Command {
            /// What is asked for, for people to read.
            pub fn told(&self) -> String {
                match self {
                    Self::Sleep(span) => format!("Sleep({span:?})"),
                    Self::Await(event, occurrence) => format!("Await({event:?}, {occurrence})"),
                    $(Self::$name(command) => format!("{command:?}"),)*
                }
            }
        }

        impl Operation for Command {
            fn nature(&self) -> Nature {
                match self {
                    Self::Sleep(_) | Self::Await(..) => Nature::Asks,
                    $(Self::$name(command) => command.nature(),)*
                }
            }

            fn interface(&self) -> Option<Interface> {
                match self {
                    Self::Sleep(_) | Self::Await(..) => None,
                    $(Self::$name(command) => command.interface(),)*
                }
            }

            fn subject(&self) -> Option<ChangeSubject> {
                match self {
                    Self::Sleep(_) | Self::Await(..) => None,
                    $(Self::$name(command) => command.subject(),)*
                }
            }
        }
    };
}

interfaces! {
    /// Backups of databases.
    Backups: BackupsCommand => BackupsAnswer,
    /// The balancer.
    Balancer: BalancerCommand => BalancerAnswer,
    /// Copies of databases.
    Databases: DatabasesCommand => DatabasesAnswer,
    /// DNS records.
    Dns: DnsCommand => DnsAnswer,
    /// The journal.
    Journal: JournalCommand => JournalAnswer,
    /// Monitoring.
    Metrics: MetricsCommand => MetricsAnswer,
    /// Buckets.
    Objects: ObjectsCommand => ObjectsAnswer,
    /// People.
    People: PeopleCommand => PeopleAnswer,
    /// Synthetic requests.
    Probe: ProbeCommand => ProbeAnswer,
    /// Rows of databases.
    Rows: RowsCommand => RowsAnswer,
    /// Services of regions.
    Services: ServicesCommand => ServicesAnswer,
}

impl World {
    /// Takes over everything control has left on the desk.
    pub fn serve_desk(&mut self) {
        while let Some(note) = self.core.calls.next_note() {
            match note {
                Note::Lap(lap) => self.core.chronicle.laps.push(lap),
                Note::Event(caller, event) => {
                    // What one that was superseded still tells is kept, but says nothing about what is under way.
                    let leader = self.core.calls.leads(caller).then_some(self.core.calls.lease_of(caller.controller));
                    self.core.note_from(leader, event.from_control());
                }
                Note::Reconciled(reconciliation) => self.core.chronicle.reconciliations.push(reconciliation),
                Note::LossBound(database, bound) => self.data.announce(&mut self.core, database, bound),
            }
        }
        while let Some((call, caller, command)) = self.core.calls.next_command() {
            self.accept(call, caller, command);
            self.settle();
        }
        self.control.apply_interruptions(&mut self.core);
    }

    fn accept(&mut self, call: u32, caller: Caller, command: Command) {
        self.core.calls.begin(call, caller);
        if let Command::Sleep(span) = command {
            return self.core.schedule_in(span, Agenda::Answer(call, Ok(Answer::Done)));
        }
        if let Command::Await(event, occurrence) = command {
            return self.core.await_event(call, event, occurrence);
        }
        let control = &self.core.plan.control;
        let (latency, timeout) = (control.latency, control.timeout);
        self.core.schedule(self.core.now().saturating_add(timeout), Class::Deadline, Due::TimeOut(call));
        if latency == Span::ZERO {
            self.reach(call, command);
        } else {
            self.core.schedule_in(latency, Due::Command(call, command));
        }
    }

    /// `command` reaches its interface, which may need something before it can do anything.
    pub(super) fn reach(&mut self, call: u32, command: Command) {
        let interface = command.interface();
        if interface
            .is_none_or(|interface| self.has_what_it_needs(interface, || Errand::Command(call, command.clone())))
        {
            self.consider(call, command);
        }
    }

    /// The interface has what it needs: `command` is done, unless there are too many, its controller may not, or something
    /// goes wrong.
    pub(super) fn consider(&mut self, call: u32, command: Command) {
        if let Some(refusal) = command.interface().and_then(|interface| self.core.throttled(interface)) {
            return self.core.answer(call, Err(refusal));
        }
        let nature = command.nature();
        if nature != Nature::Asks
            && let Some(refusal) = self.core.superseded(call)
        {
            return self.core.answer(call, Err(refusal));
        }
        let Nature::Changes(action) = nature else { return self.execute(call, command) };
        if let Some(subject) = command.subject() {
            self.core.calls.changes(call, subject);
        }
        let Some((wrong, takes)) = self.control.intercept(&mut self.core, action) else {
            return self.execute(call, command);
        };
        self.core.calls.accept(call);
        let due = match wrong {
            FailureMode::Late => Due::Delayed(call, command),
            FailureMode::Refused => Due::WentWrong(call, Err(PortError::Refused("it could not be done".to_owned()))),
            FailureMode::WithoutEffect => Due::WentWrong(call, Ok(self.as_if_done(&command))),
        };
        self.core.schedule_in(takes, due);
    }

    /// A command that was late is carried out, if its controller may still act.
    pub(super) fn execute_late(&mut self, call: u32, command: Command) {
        match self.core.superseded(call) {
            Some(refusal) => self.core.answer(call, Err(refusal)),
            None => self.execute(call, command),
        }
    }

    fn execute(&mut self, call: u32, command: Command) {
        let core = &mut self.core;
        match command {
            Command::Sleep(_) | Command::Await(..) => {}
            Command::Backups(command) => self.data.execute_backups(core, call, command),
            Command::Balancer(command) => self.names.execute_weights(core, call, command),
            Command::Databases(command) => self.data.execute_databases(core, call, command),
            Command::Dns(command) => self.names.execute_dns(core, call, &command),
            Command::Journal(command) => self.control.use_journal(core, call, command),
            Command::Metrics(command) => self.observe.execute(core, call, &command),
            Command::Objects(command) => self.objects.execute(core, call, &command),
            Command::People(command) => self.people.execute(core, call, command),
            Command::Probe(command) => self.probe(call, &command),
            Command::Rows(command) => self.data.execute_rows(core, call, command),
            Command::Services(command) => self.platform.execute(core, call, &command),
        }
    }

    /// What `command` is answered with when it is done.
    fn as_if_done(&self, command: &Command) -> Answer {
        match command {
            Command::Backups(command) => self.data.backups_as_if_done(&self.core, command),
            Command::Databases(command) => self.data.databases_as_if_done(command),
            Command::Rows(command) => self.data.rows_as_if_done(command),
            Command::Objects(command) => self.objects.as_if_done(command),
            // Whoever asked for anything else learns no more than that.
            _ => Answer::Done,
        }
    }

    /// A call has waited for its answer long enough.
    pub(super) fn time_out(&mut self, call: u32) {
        if self.core.calls.take_accepted(call) {
            return;
        }
        let timeout = self.core.plan.control.timeout;
        self.deliver(call, Err(PortError::Indeterminate(format!("no answer within {timeout}"))));
    }

    /// An answer reaches control.
    pub(super) fn deliver(&mut self, call: u32, answer: Result<Answer, PortError>) {
        if let Some(caller) = self.core.calls.end(call) {
            self.control.count_interruptions(&mut self.core, call, caller);
        }
        self.core.calls.desk.borrow_mut().answer(call, answer);
        self.core.wake.control();
    }

    /// Something is due with a call or a process of control.
    pub(super) fn control_due(&mut self, due: Due) {
        match due {
            Due::Command(call, command) => self.reach(call, command),
            Due::Delayed(call, command) => self.execute_late(call, command),
            Due::WentWrong(call, answer) => self.core.answer(call, answer),
            Due::TimeOut(call) => self.time_out(call),
            Due::InterruptionEnded(pending) => self.control.interruption_ended(&mut self.core, *pending),
        }
    }
}
