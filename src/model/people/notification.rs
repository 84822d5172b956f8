//! The channel through which people are told and paged.
//!
//! Owns when a message arrives and whether it does. Does not know who it is for or what it says.
//!
//! Invariants: the sender of a message is never notified that it was lost. Message n gets the same sample of a fault
//! whatever else happens. Faults that overlap heal apart.

use crate::kernel::{Class, Stream, chance};
use crate::model::core::Core;
use crate::model::people::Due;
use crate::model::people::Responders;
use crate::record::event::{PeopleEvent, Prose};
use crate::units::{FaultId, Ratio, Span};

/// The channel.
#[derive(Debug)]
pub(in crate::model) struct Channel {
    delay: Span,
    losses: Vec<Loss>,
    delays: Vec<(FaultId, Span)>,
    messages: u64,
}

#[derive(Debug)]
struct Loss {
    fault: FaultId,
    share: Ratio,
    stream: Stream,
}

/// What happens to a message, and which faults contributed to it.
#[derive(Debug, PartialEq, Eq)]
struct Fate {
    /// `None`: it is lost.
    delay: Option<Span>,
    touched: Vec<FaultId>,
}

impl Channel {
    pub(in crate::model) const fn new(delay: Span) -> Self {
        Self { delay, losses: Vec::new(), delays: Vec::new(), messages: 0 }
    }

    /// What is in effect, for comparing.
    pub(in crate::model) fn in_force(&self) -> String {
        let delay = self.delays.iter().fold(self.delay, |sum, (_, by)| sum.saturating_add(*by));
        let mut losses: Vec<String> = self.losses.iter().map(|loss| loss.share.to_string()).collect();
        losses.sort();
        format!("messages after {delay}, lost {losses:?}")
    }

    fn send(&mut self) -> Fate {
        let number = self.messages;
        self.messages += 1;
        let lost = self.losses.iter().find(|loss| chance(loss.stream.at(number), loss.share));
        if let Some(loss) = lost {
            return Fate { delay: None, touched: vec![loss.fault] };
        }
        let delay = self.delays.iter().fold(self.delay, |sum, (_, by)| sum.saturating_add(*by));
        Fate { delay: Some(delay), touched: self.delays.iter().map(|(fault, _)| *fault).collect() }
    }
}

impl Responders {
    /// Sends `message`, which says `what` to whom, through the channel. It may never arrive.
    pub(in crate::model) fn send_message(&mut self, core: &mut Core, what: &str, message: Due) {
        let delivery = self.channel.send();
        for fault in &delivery.touched {
            core.hit(*fault);
        }
        match delivery.delay {
            Some(delay) => {
                let at = core.kernel.now().saturating_add(delay);
                core.schedule(at, Class::Control, message);
            }
            None => core.note(PeopleEvent::NotificationLost { what: Prose::from(what) }),
        }
    }

    /// The channel loses a share of the messages it accepts.
    pub fn lose_notifications(&mut self, core: &Core, share: Ratio, fault: FaultId) {
        let stream = core.fault_stream(fault);
        self.channel.losses.push(Loss { fault, share, stream });
    }

    /// Ends what `fault` does to the channel.
    pub fn restore_notifications(&mut self, fault: FaultId) {
        self.channel.losses.retain(|loss| loss.fault != fault);
        self.channel.delays.retain(|(late, _)| *late != fault);
    }

    /// The channel delivers what it accepts later than usual.
    pub fn delay_notifications(&mut self, by: Span, fault: FaultId) {
        self.channel.delays.push((fault, by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Streams;

    const FIVE: Span = Span::from_secs(5);

    fn loss(fault: u16, percent: u64) -> Loss {
        let stream = Streams::new(7).stream(&format!("fault/{fault}"), "touched");
        Loss { fault: FaultId(fault), share: Ratio::from_percent(percent), stream }
    }

    #[test]
    fn a_channel_without_faults_delivers_after_its_delay() {
        let mut channel = Channel::new(FIVE);
        assert_eq!(channel.send(), Fate { delay: Some(FIVE), touched: vec![] });
    }

    #[test]
    fn delays_of_several_faults_add_up_and_heal_apart() {
        let mut channel = Channel::new(FIVE);
        channel.delays = vec![(FaultId(0), Span::from_secs(60)), (FaultId(1), Span::from_secs(300))];
        assert_eq!(channel.send(), Fate { delay: Some(Span::from_secs(365)), touched: vec![FaultId(0), FaultId(1)] });
        channel.delays.retain(|(fault, _)| *fault != FaultId(0));
        assert_eq!(channel.send().delay, Some(Span::from_secs(305)));
    }

    #[test]
    fn about_the_share_is_lost_and_another_fault_moves_no_dice() {
        let lost = |losses: Vec<Loss>| {
            let mut channel = Channel { losses, ..Channel::new(FIVE) };
            (0..1_000).filter(|_| channel.send().touched == [FaultId(0)]).collect::<Vec<u32>>()
        };
        let alone = lost(vec![loss(0, 30)]);
        assert!((250..350).contains(&alone.len()), "{}", alone.len());
        assert_eq!(alone, lost(vec![loss(0, 30), loss(1, 50)]));
        assert_eq!(lost(vec![loss(0, 100)]).len(), 1_000);
        assert_eq!(lost(vec![loss(0, 0)]).len(), 0);
    }
}
