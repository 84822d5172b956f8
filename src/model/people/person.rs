//! People who are paged and asked.
//!
//! Owns what a person notices, when they acknowledge and what they answer. Does not know why they are asked, who else
//! is, or when somebody gives up waiting for them.
//!
//! Invariants: somebody who does not respond stays silent, which is no error. Page n and question n of a person get the
//! same samples whatever else happens, and nobody is wrong twice over one question. A question is taken up by a person
//! who has acknowledged a page, not before.

use crate::kernel::{Class, Sampler, Stream, Streams, chance};
use crate::model::command::Answer;
use crate::model::core::Core;
use crate::model::core::held::Held;
use crate::model::people::Responders;
use crate::model::people::api::PeopleAnswer;
use crate::model::plan::PersonPlan;
use crate::ports::Reply;
use crate::record::event::{PeopleEvent, Prose};
use crate::units::{FaultId, PersonId, Ratio, Span};

/// What is due with people.
#[derive(Debug)]
pub(in crate::model) enum Due {
    /// A message reaches its audience.
    Delivered { audience: String, message: String },
    /// A page reaches them.
    Paged { person: PersonId, call: u32, page: u64, message: String },
    /// They acknowledge one.
    Acknowledges { person: PersonId, call: u32 },
    /// They have made up their mind.
    Decides { person: PersonId, question: Question },
}

/// A question that lies before somebody.
#[derive(Debug)]
pub(in crate::model) struct Question {
    call: u32,
    number: u64,
    text: String,
    /// Whether something that was no help was tried before.
    tried: bool,
}

/// A person.
#[derive(Debug)]
pub(in crate::model) struct Person {
    name: String,
    availability: Ratio,
    approves: Ratio,
    reason: String,
    acknowledge: Sampler,
    decide: Sampler,
    /// The share of questions over which they are wrong first, and how long it takes to see that.
    wrong: (Ratio, Sampler),
    /// Dice, by page and by question.
    streams: PersonStreams,
    /// Nothing reaches them and nothing comes from them while this is held.
    unreachable: Held,
    slow: Vec<(FaultId, Ratio)>,
    pages: u64,
    questions: u64,
    /// Whether they have acknowledged a page and not yet answered what they were asked.
    attends: bool,
    /// Questions under thought.
    deciding: u32,
    /// Questions they have not seen.
    waiting: Vec<Question>,
}

#[derive(Debug, Clone, Copy)]
struct PersonStreams {
    notices: Stream,
    acknowledges: Stream,
    decides: Stream,
    approves: Stream,
    errs: Stream,
    learns: Stream,
}

impl Person {
    pub(in crate::model) fn new(plan: &PersonPlan, streams: &Streams) -> Self {
        let stream = |purpose| streams.stream(&format!("people/{}", plan.name), purpose);
        let dice = PersonStreams {
            notices: stream("notices"),
            acknowledges: stream("acknowledges"),
            decides: stream("decides"),
            approves: stream("approves"),
            errs: stream("errs"),
            learns: stream("learns"),
        };
        Self {
            name: plan.name.clone(),
            availability: plan.availability,
            approves: plan.approves,
            reason: plan.reason.clone(),
            acknowledge: Sampler::new(&plan.acknowledge),
            decide: Sampler::new(&plan.decide),
            wrong: (plan.wrong, Sampler::new(&plan.wrong_takes)),
            streams: dice,
            unreachable: Held::default(),
            slow: Vec::new(),
            pages: 0,
            questions: 0,
            attends: false,
            deciding: 0,
            waiting: Vec::new(),
        }
    }

    /// How long until they acknowledge page `page`; `None` if they do not notice it.
    fn until_acknowledged(&self, page: u64) -> Option<Span> {
        let notices =
            mutant!("every_page_is_noticed": chance(self.streams.notices.at(page), self.availability) => true);
        notices.then(|| self.slowed(self.acknowledge.span(self.streams.acknowledges.at(page))))
    }

    fn until_decided(&self, question: u64) -> Span {
        self.slowed(self.decide.span(self.streams.decides.at(question)))
    }

    /// How long what they try first keeps them from the right answer; `None` if they are right at once.
    fn until_wiser(&self, question: u64) -> Option<Span> {
        let (share, takes) = &self.wrong;
        let errs = mutant!("nobody_errs": chance(self.streams.errs.at(question), *share) => false);
        errs.then(|| self.slowed(takes.span(self.streams.learns.at(question))))
    }

    fn reply(&self, question: u64) -> Reply {
        match chance(self.streams.approves.at(question), self.approves) {
            true => Reply::Approved,
            false => Reply::Refused(self.reason.clone()),
        }
    }

    /// What is in effect, for comparing.
    pub(in crate::model) fn in_force(&self) -> String {
        let second = self.slowed(Span::from_secs(1));
        format!("{}: unreachable {}, {second} for 1s", self.name, self.unreachable.is_on())
    }

    fn slowed(&self, span: Span) -> Span {
        self.slow.iter().fold(span, |span, (_, factor)| {
            let product = u128::from(span.as_nanos()) * u128::from(factor.as_ppb()) / u128::from(Ratio::ONE.as_ppb());
            Span::from_nanos(u64::try_from(product).unwrap_or(u64::MAX))
        })
    }
}

impl Responders {
    /// Control pages somebody: the channel takes the page on, and the rest is up to them.
    pub(in crate::model) fn page(&mut self, core: &mut Core, call: u32, person: PersonId, message: String) {
        core.calls.accept(call);
        let state = &mut self.people[person.index()];
        let page = state.pages;
        state.pages += 1;
        let what = format!("page {} to {}", page + 1, state.name);
        self.send_message(core, &what, Due::Paged { person, call, page, message });
    }

    /// Control asks somebody: the question lies before them until they attend to it.
    pub(in crate::model) fn ask(&mut self, core: &mut Core, call: u32, person: PersonId, text: String) {
        core.calls.accept(call);
        let state = &mut self.people[person.index()];
        let question = Question { call, number: state.questions, text, tried: false };
        state.questions += 1;
        if state.attends {
            self.take_up(core, person, question);
        } else {
            state.waiting.push(question);
        }
    }

    pub(in crate::model) fn person_due(&mut self, core: &mut Core, due: Due) {
        match due {
            Due::Delivered { audience, message } => {
                core.note(PeopleEvent::Notified { audience, message: message.into() });
            }
            Due::Paged { person, call, page, message } => self.paged(core, person, call, page, &message),
            Due::Acknowledges { person, call } => self.acknowledges(core, person, call),
            Due::Decides { person, question } => self.decides(core, person, question),
        }
    }

    fn paged(&mut self, core: &mut Core, person: PersonId, call: u32, page: u64, message: &str) {
        if self.is_unreachable(core, person) {
            return;
        }
        let name = self.people[person.index()].name.clone();
        core.note(PeopleEvent::Paged { person: name, message: message.into() });
        if let Some(after) = self.people[person.index()].until_acknowledged(page) {
            self.hit_slow(core, person);
            let at = core.kernel.now().saturating_add(after);
            core.schedule(at, Class::Control, Due::Acknowledges { person, call });
        }
    }

    fn acknowledges(&mut self, core: &mut Core, person: PersonId, call: u32) {
        if self.is_unreachable(core, person) {
            return;
        }
        let state = &mut self.people[person.index()];
        state.attends = true;
        let (name, waiting) = (state.name.clone(), std::mem::take(&mut state.waiting));
        core.note(PeopleEvent::Acknowledged { person: name });
        core.answer(call, Ok(Answer::Done));
        for question in waiting {
            self.take_up(core, person, question);
        }
    }

    fn take_up(&mut self, core: &mut Core, person: PersonId, question: Question) {
        let state = &mut self.people[person.index()];
        state.deciding += 1;
        let after = state.until_decided(question.number);
        self.hit_slow(core, person);
        let at = core.kernel.now().saturating_add(after);
        core.schedule(at, Class::Control, Due::Decides { person, question });
    }

    fn decides(&mut self, core: &mut Core, person: PersonId, question: Question) {
        let unreachable = self.is_unreachable(core, person);
        let question = if unreachable { Some(question) } else { self.errs(core, person, question) };
        let Some(question) = question else { return };
        let state = &mut self.people[person.index()];
        state.deciding -= 1;
        state.attends = state.deciding > 0 && !unreachable;
        if unreachable {
            // It will be said after the next page that gets through.
            return state.waiting.push(question);
        }
        let (name, reply) = (state.name.clone(), state.reply(question.number));
        let refuses = match &reply {
            Reply::Approved => None,
            Reply::Refused(reason) => Some(Prose::from(reason.clone())),
        };
        core.note(PeopleEvent::Answered { person: name, refuses, question: question.text.clone().into() });
        core.answer(question.call, Ok(PeopleAnswer::Reply(reply).into()));
    }

    /// The question, unless they try something else first, which keeps them until it turns out to be no help.
    fn errs(&mut self, core: &mut Core, person: PersonId, mut question: Question) -> Option<Question> {
        if std::mem::replace(&mut question.tried, true) {
            return Some(question);
        }
        let state = &self.people[person.index()];
        let Some(after) = state.until_wiser(question.number) else { return Some(question) };
        let name = state.name.clone();
        core.note(PeopleEvent::Mistaken { person: name, question: question.text.clone().into() });
        self.hit_slow(core, person);
        let at = core.kernel.now().saturating_add(after);
        core.schedule(at, Class::Control, Due::Decides { person, question });
        None
    }

    fn is_unreachable(&mut self, core: &mut Core, person: PersonId) -> bool {
        let holder = self.people[person.index()].unreachable.holder();
        if let Some(fault) = holder {
            core.hit(fault);
        }
        holder.is_some()
    }

    fn hit_slow(&mut self, core: &mut Core, person: PersonId) {
        for (fault, _) in &self.people[person.index()].slow {
            core.hits[fault.index()] += 1;
        }
    }

    /// Nothing reaches `person` any more, and nothing comes from them.
    pub fn cut_person_off(&mut self, person: PersonId, fault: FaultId) {
        self.people[person.index()].unreachable.hold(fault);
    }

    /// `person` can be reached again, as far as this fault is concerned. Pages that came meanwhile are gone.
    pub fn reach_person(&mut self, person: PersonId, fault: FaultId) {
        self.people[person.index()].unreachable.release(fault);
    }

    /// `person` takes `slowdown` of the usual time for what they begin from now on.
    pub fn slow_person(&mut self, person: PersonId, slowdown: Ratio, fault: FaultId) {
        self.people[person.index()].slow.push((fault, slowdown));
    }

    /// `person` is as quick as before, as far as this fault is concerned, at what they begin from now on.
    pub fn quicken_person(&mut self, person: PersonId, fault: FaultId) {
        self.people[person.index()].slow.retain(|(slow, _)| *slow != fault);
    }
}

#[cfg(test)]
#[path = "person_tests.rs"]
mod tests;
