//! What a person notices, when they respond, and what faults do to them.

use super::*;
use crate::kernel::Distribution;

fn plan(name: &str) -> PersonPlan {
    PersonPlan {
        name: name.to_owned(),
        availability: Ratio::from_percent(80),
        acknowledge: Distribution::Exponential { mean: Span::from_mins(4) },
        decide: Distribution::Constant(Span::from_mins(2)),
        wrong: Ratio::from_percent(29),
        wrong_takes: Distribution::Constant(Span::from_mins(90)),
        approves: Ratio::from_percent(60),
        reason: "not tonight".to_owned(),
    }
}

fn person(name: &str) -> Person {
    Person::new(&plan(name), &Streams::new(11))
}

#[test]
fn pages_are_noticed_and_questions_approved_in_about_the_shares_of_the_plan() {
    let alice = person("alice");
    let noticed = (0..10_000).filter(|page| alice.until_acknowledged(*page).is_some()).count();
    let approved = (0..10_000).filter(|question| alice.reply(*question) == Reply::Approved).count();
    // Five standard deviations of a binomial.
    assert!((7_800..8_200).contains(&noticed) && (5_755..6_245).contains(&approved), "{noticed} {approved}");
    assert!((0..99).any(|question| alice.reply(question) == Reply::Refused("not tonight".to_owned())));
}

#[test]
fn in_about_the_share_of_the_plan_a_person_is_wrong_first_whatever_they_would_answer() {
    let alice = person("alice");
    let wrong = |question: &u64| alice.until_wiser(*question) == Some(Span::from_mins(90));
    let errors = (0..10_000).filter(wrong).count();
    // Five standard deviations of a binomial.
    assert!((2_673..3_127).contains(&errors), "{errors}");
    let both = (0..10_000).filter(wrong).filter(|question| alice.reply(*question) == Reply::Approved).count();
    assert!((1_550..1_930).contains(&both), "answers share the samples of errors: {both}");
}

#[test]
fn a_page_meets_the_same_dice_whoever_else_there_is_and_people_do_not_share_them() {
    let draws = |person: &Person| (0..50).map(|page| person.until_acknowledged(page)).collect::<Vec<_>>();
    assert_eq!(draws(&person("alice")), draws(&person("alice")));
    assert_ne!(draws(&person("alice")), draws(&person("bob")));
}

#[test]
fn slowness_of_several_faults_multiplies_and_heals_apart() {
    let mut alice = person("alice");
    alice.slow.push((FaultId(0), Ratio::from_percent(300)));
    alice.slow.push((FaultId(1), Ratio::from_percent(50)));
    assert_eq!(alice.until_decided(0), Span::from_mins(3));
    alice.slow.retain(|(fault, _)| *fault != FaultId(1));
    assert_eq!(alice.until_decided(0), Span::from_mins(6));
}
