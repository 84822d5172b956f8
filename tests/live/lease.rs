//! The lease in a file: one holder at a time, and whoever was replaced changes nothing more.

use super::{folder, live};
use firedrill::live::LiveRuntime;
use firedrill::ports::{Clock, Journal, Lease, PortError, Tenure};
use firedrill::procedure::{LeaseTerms, lead};
use firedrill::units::Span;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

const SHORT: Span = Span::from_millis(60);
const LONG: Span = Span::from_secs(60);

async fn joined(folder: &Path, name: &str) -> LiveRuntime {
    LiveRuntime::join(folder, name).await.expect("it joins")
}

#[test]
fn a_second_holder_is_refused_until_the_first_ones_time_is_over() {
    let folder = folder("lease_second");
    live(async {
        let (a, b) = (joined(&folder, "a").await, joined(&folder, "b").await);
        assert_eq!(a.acquire_lease(SHORT).await, Ok(Lease { epoch: 1, lasts: SHORT }));
        let refused = b.acquire_lease(SHORT).await;
        assert!(matches!(&refused, Err(PortError::Refused(why)) if why.contains("a (process")), "{refused:?}");
        b.sleep(SHORT).await;
        assert_eq!(b.acquire_lease(LONG).await.map(|lease| lease.epoch), Ok(2));
    });
}

#[test]
fn two_of_one_name_are_two_and_asking_again_gives_a_new_epoch() {
    let folder = folder("lease_names");
    live(async {
        let (one, other) = (joined(&folder, "a").await, joined(&folder, "a").await);
        assert_eq!(one.acquire_lease(LONG).await.map(|lease| lease.epoch), Ok(1));
        assert_eq!(one.acquire_lease(LONG).await.map(|lease| lease.epoch), Ok(2));
        assert!(other.acquire_lease(LONG).await.is_err());
    });
}

#[test]
fn whoever_was_superseded_changes_nothing_and_is_told_by_whom() {
    let folder = folder("lease_superseded");
    live(async {
        let a = joined(&folder, "a").await;
        let a = a.under(a.acquire_lease(SHORT).await.unwrap().epoch);
        a.append_journal(0, "one").await.unwrap();
        a.sleep(SHORT).await;
        a.append_journal(1, "late, and nobody else was there").await.unwrap();
        a.renew_lease(SHORT).await.expect("one that ran out and that nobody took is given again");
        a.sleep(SHORT).await;
        let b = joined(&folder, "b").await;
        let b = b.under(b.acquire_lease(LONG).await.unwrap().epoch);
        let superseded = PortError::Superseded { held: 1, newest: 2 };
        assert_eq!(a.append_journal(2, "three").await, Err(superseded.clone()));
        assert_eq!(a.renew_lease(LONG).await, Err(superseded.clone()));
        assert_eq!(a.check_lease().await, Err(superseded.clone()));
        let mut done = false;
        let change = a.while_leading(|| {
            done = true;
            Ok(())
        });
        assert_eq!((change.await, done), (Err(superseded), false));
        b.append_journal(2, "three").await.unwrap();
        assert_eq!(b.read_journal(2).await.unwrap(), ["three"]);
        assert!(b.while_leading(|| Ok(7)).await == Ok(7) && b.check_lease().await == Ok(()));
    });
}

#[test]
fn a_lock_that_nobody_lets_go_of_is_waited_for_and_then_told() {
    let folder = folder("lease_locked");
    live(async {
        let a = joined(&folder, "a").await;
        let lock = std::fs::File::open(folder.join("lock")).unwrap();
        lock.lock().unwrap();
        let said = a.acquire_lease(LONG).await.unwrap_err();
        assert!(matches!(&said, PortError::Unreachable(why) if why.contains("locked by another")), "{said}");
        lock.unlock().unwrap();
        assert!(a.acquire_lease(LONG).await.is_ok());
    });
}

#[test]
fn of_two_controllers_one_leads_and_the_other_follows_when_it_is_gone() {
    let folder = folder("lease_lead");
    let plan = LeaseTerms {
        lasts: Span::from_millis(300),
        renew_within: Span::from_millis(200),
        every: Span::from_millis(40),
    };
    let led: Rc<RefCell<Vec<&str>>> = Rc::default();
    live(async {
        let ports = (joined(&folder, "a").await, joined(&folder, "b").await);
        let controller = |name: &'static str, ports: LiveRuntime| {
            let led = led.clone();
            lead(ports, plan, move |_| {
                led.borrow_mut().push(name);
                std::future::pending::<()>()
            })
        };
        let both = async {
            let first = controller("a", ports.0.clone());
            let killed = tokio::time::timeout(std::time::Duration::from_millis(900), first);
            let second = async {
                ports.1.sleep(Span::from_millis(100)).await;
                controller("b", ports.1.clone()).await;
            };
            let second = tokio::time::timeout(std::time::Duration::from_millis(1_800), second);
            tokio::join!(killed, second)
        };
        assert!(both.await.1.is_err(), "neither ever ends by itself");
        assert_eq!(*led.borrow(), ["a", "b"]);
        let stale = ports.0.under(1).append_journal(0, "x").await;
        assert_eq!(stale, Err(PortError::Superseded { held: 1, newest: 2 }));
    });
}
