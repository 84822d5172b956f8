//! What a kernel promises: the order within an instant, rounds, lanes, late filing, and its limits.

use super::{Class, Kernel, LimitReached, Limits, TieBreak};
use crate::units::{Instant, Span};

fn kernel() -> Kernel<&'static str> {
    Kernel::new(TieBreak::Fifo)
}

fn at(s: u64) -> Instant {
    Instant::from_secs(s)
}

fn drain<E: Copy>(kernel: &mut Kernel<E>) -> Vec<E> {
    std::iter::from_fn(|| kernel.pop().expect("no limit is met")).collect()
}

#[test]
fn a_fault_is_seen_by_the_poll_of_its_instant_and_work_ending_on_its_deadline_is_in_time() {
    let mut kernel = kernel();
    for (class, event) in [
        (Class::Control, "poll"),
        (Class::Deadline, "deadline"),
        (Class::Arrival, "arrival"),
        (Class::Completion, "completion"),
        (Class::Fault, "fault"),
        (Class::Fault, "second fault"),
    ] {
        kernel.schedule(at(5), class, event);
    }
    kernel.schedule(at(4), Class::Control, "earlier");
    assert_eq!(drain(&mut kernel), ["earlier", "fault", "second fault", "completion", "arrival", "deadline", "poll"]);
    assert_eq!((kernel.now(), kernel.pending(), kernel.popped(), kernel.scheduled()), (at(5), 0, 7, 7));
}

#[test]
fn an_event_for_a_class_already_passed_waits_for_the_next_round_before_time_moves() {
    let mut kernel = kernel();
    kernel.schedule(at(1), Class::Arrival, "arrival");
    kernel.schedule(at(1), Class::Control, "poll");
    kernel.schedule(Instant::from_nanos(1_000_000_001), Class::Fault, "a nanosecond later");
    assert_eq!(kernel.pop(), Ok(Some("arrival")));
    kernel.schedule(at(1), Class::Fault, "late fault");
    kernel.schedule(at(1), Class::Arrival, "same class");
    kernel.schedule(at(1), Class::Deadline, "later class");
    assert_eq!(kernel.peek(), Some(at(1)));
    assert_eq!(drain(&mut kernel), ["same class", "later class", "poll", "late fault", "a nanosecond later"]);
}

#[test]
fn an_instant_already_passed_is_the_present_one() {
    let mut kernel = kernel();
    kernel.schedule(at(9), Class::Fault, "now");
    kernel.pop().unwrap();
    kernel.schedule(at(3), Class::Arrival, "too late");
    assert_eq!((kernel.peek(), kernel.pop(), kernel.now()), (Some(at(9)), Ok(Some("too late")), at(9)));
}

#[test]
fn a_time_out_filed_late_stands_where_it_was_reserved() {
    let mut kernel = kernel();
    let lane = kernel.lane();
    let (first, third) = (kernel.reserve(), kernel.lane());
    kernel.push(lane, at(2), Class::Deadline, "second");
    kernel.push(third, at(2), Class::Deadline, "third");
    kernel.push_reserved(lane, at(2), Class::Deadline, first, "first");
    assert_eq!(drain(&mut kernel), ["first", "second", "third"]);
}

#[test]
fn a_lane_cannot_be_used_out_of_order() {
    let mut kernel = kernel();
    let lane = kernel.lane();
    for (s, event) in [(5, "d"), (2, "b"), (9, "f"), (1, "a"), (5, "e"), (3, "c")] {
        kernel.push(lane, at(s), Class::Arrival, event);
    }
    assert_eq!(drain(&mut kernel), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn lanes_beyond_the_last_are_the_queue() {
    let mut kernel = Kernel::new(TieBreak::Fifo);
    let lanes: Vec<_> = (0..70_000).map(|_| kernel.lane()).collect();
    for (i, lane) in lanes.iter().enumerate() {
        kernel.push(*lane, at(70_000 - i as u64), Class::Arrival, i);
    }
    assert!(drain(&mut kernel).into_iter().eq((0..70_000).rev()));
}

#[test]
fn ties_keep_their_order_or_are_shuffled_by_a_key() {
    let order = |tie_break| {
        let mut kernel = Kernel::new(tie_break);
        (0..100).for_each(|i| kernel.schedule(at(1 + i / 50), Class::Arrival, i));
        drain(&mut kernel)
    };
    assert!(order(TieBreak::Fifo).into_iter().eq(0..100));
    let shuffled = order(TieBreak::Seeded(1));
    assert_eq!(shuffled, order(TieBreak::Seeded(1)));
    assert_ne!(shuffled, order(TieBreak::Seeded(2)));
    assert!(!shuffled.is_sorted() && shuffled[..50].iter().all(|i| *i < 50), "time comes first");
}

#[test]
fn a_crowd_at_one_instant_with_children_there_costs_no_more_than_any_other() {
    // Quadratic work would take minutes here.
    let mut kernel = Kernel::new(TieBreak::Fifo);
    (0..100_000).for_each(|i| kernel.schedule(at(1), Class::Arrival, i));
    let mut seen = 0;
    while let Some(event) = kernel.pop().unwrap() {
        assert_eq!(event, seen);
        if event < 100_000 {
            kernel.schedule(at(1), Class::Arrival, event + 100_000);
        }
        seen += 1;
    }
    assert_eq!(seen, 200_000);
}

#[test]
fn a_crowd_before_the_next_known_event_costs_no_more_than_any_other() {
    let mut kernel = Kernel::new(TieBreak::Fifo);
    (0..40).for_each(|i| kernel.schedule(at(3_600 + i), Class::Fault, u64::MAX));
    kernel.peek();
    for round in 0..20 {
        (0..10_000)
            .for_each(|i| kernel.schedule(at(round) + Span::from_nanos(1 + i * 7_919 % 99_991), Class::Arrival, i));
        kernel.peek();
    }
    let (mut last, mut count) = (Instant::ZERO, 0);
    while kernel.pop().unwrap().is_some() {
        assert!(last <= kernel.now());
        (last, count) = (kernel.now(), count + 1);
    }
    assert_eq!(count, 200_040);
}

#[test]
fn the_end_of_time_is_an_instant_like_any_other() {
    let mut kernel = kernel();
    kernel.schedule(Instant::MAX, Class::Control, "never");
    assert_eq!((kernel.peek(), kernel.pop()), (Some(Instant::MAX), Ok(Some("never"))));
    kernel.schedule(Instant::MAX, Class::Fault, "once more");
    assert_eq!((kernel.pop(), kernel.pop(), kernel.peek()), (Ok(Some("once more")), Ok(None), None));
}

#[test]
fn a_run_handles_as_many_events_as_it_may_and_then_says_so() {
    let mut kernel = kernel();
    kernel.set_limits(Limits { events: 2, ..Limits::default() });
    (1..=3).for_each(|s| kernel.schedule(at(s), Class::Arrival, "arrival"));
    assert!(kernel.pop().is_ok() && kernel.pop().is_ok());
    assert_eq!(kernel.pop(), Err(LimitReached::Events { most: 2, now: at(2) }));
    kernel.set_limits(Limits { events: 3, ..Limits::default() });
    assert_eq!((kernel.pop(), kernel.pop()), (Ok(Some("arrival")), Ok(None)), "nothing is left to be refused");
}

#[test]
fn time_may_reach_its_limit_but_not_pass_it() {
    let mut kernel = kernel();
    let lane = kernel.lane();
    kernel.set_limits(Limits { until: at(10), ..Limits::default() });
    kernel.schedule(at(10), Class::Control, "on time");
    kernel.push(lane, at(11), Class::Control, "too late");
    assert_eq!(kernel.pop(), Ok(Some("on time")));
    assert_eq!(kernel.pop(), Err(LimitReached::Time { until: at(10), next: at(11) }));
    assert_eq!(kernel.now(), at(10));
}

#[test]
fn too_many_pending_events_stop_the_run_wherever_they_wait() {
    for in_lane in [false, true] {
        let mut kernel = kernel();
        kernel.set_limits(Limits { pending: 3, ..Limits::default() });
        let lane = kernel.lane();
        for s in 1..=4 {
            assert_eq!(kernel.pending(), s as usize - 1);
            if in_lane {
                kernel.push(lane, at(s), Class::Arrival, "arrival");
            } else {
                kernel.schedule(at(s), Class::Arrival, "arrival");
            }
        }
        let limit = Err(LimitReached::Pending { most: 3, now: at(0) });
        assert_eq!((kernel.pop(), kernel.pop()), (limit.clone(), limit), "a limit met stays met");
    }
}

#[test]
fn rounds_without_end_are_busy_without_progress() {
    let mut kernel = kernel();
    kernel.schedule(at(7), Class::Control, "ping");
    let limit = loop {
        match kernel.pop() {
            Ok(event) => match event.expect("there is always one more") {
                "ping" => kernel.schedule(at(7), Class::Fault, "pong"),
                _ => kernel.schedule(at(7), Class::Control, "ping"),
            },
            Err(limit) => break limit,
        }
    };
    assert!(matches!(limit, LimitReached::NoProgress { now, rounds: 1_001, .. } if now == at(7)), "{limit}");
}

#[test]
fn rounds_are_counted_anew_at_each_instant() {
    let mut kernel = kernel();
    kernel.set_limits(Limits { rounds: 2, ..Limits::default() });
    for s in 1..100 {
        kernel.schedule(at(s), Class::Control, "poll");
        kernel.pop().unwrap();
        kernel.schedule(at(s), Class::Fault, "next round");
        assert_eq!(kernel.pop(), Ok(Some("next round")));
    }
}

#[test]
fn events_of_one_class_without_end_are_busy_without_progress_too() {
    let mut kernel = kernel();
    kernel.set_limits(Limits { rounds: 3, ..Limits::default() });
    kernel.schedule(at(7), Class::Arrival, "arrival");
    let limit = loop {
        match kernel.pop() {
            Ok(_) => kernel.schedule(at(7), Class::Arrival, "arrival"),
            Err(limit) => break limit,
        }
    };
    assert!(matches!(limit, LimitReached::NoProgress { rounds: 0, events: 30_001, .. }), "{limit}");
}

#[test]
fn a_kernel_that_runs_out_of_sequence_numbers_stops_rather_than_wrap() {
    let mut kernel = kernel();
    kernel.schedule(at(1), Class::Arrival, "arrival");
    kernel.use_up_sequence();
    assert_eq!(kernel.pop(), Ok(Some("arrival")));
    kernel.schedule(at(2), Class::Arrival, "one too many");
    assert_eq!(kernel.pop(), Err(LimitReached::Sequence { now: at(1) }));
}
