//! An executor for procedures: one thread, a fixed order, no clock.
//!
//! Owns futures and whether each was woken. Does not know what they wait for, and never polls one that was not woken.
//! Invariant: tasks are polled in the order of their ids, so two runs poll alike.

use super::limits::LimitReached;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// A task of one executor. Ids ascend in the order of spawning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u32);

/// What a task runs.
pub type TaskFuture = Pin<Box<dyn Future<Output = ()>>>;

/// A single-threaded executor.
#[derive(Default)]
pub struct Executor {
    tasks: Vec<Task>,
}

struct Task {
    name: String,
    /// `None` once done or killed.
    procedure: Option<TaskFuture>,
    paused: bool,
    woken: Arc<Woken>,
    waker: Waker,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls of one task within one call before it is called restless.
const POLLS_MOST: u32 = 100_000;

impl Executor {
    /// An executor without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a task. It is first polled by the next [`Executor::poll_ready`].
    pub fn spawn(&mut self, name: &str, procedure: TaskFuture) -> TaskId {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        self.tasks.push(Task { name: name.to_owned(), procedure: Some(procedure), paused: false, woken, waker });
        TaskId((self.tasks.len() - 1) as u32)
    }

    /// Polls woken tasks in the order of their ids, again and again, until none is woken. Returns how many polls it made.
    ///
    /// # Errors
    ///
    /// [`LimitReached::Restless`] names a task that was woken again and again without end.
    pub fn poll_ready(&mut self) -> Result<u64, LimitReached> {
        let mut polls = 0;
        for pass in 0_u32.. {
            let before = polls;
            for task in &mut self.tasks {
                if task.poll_if_woken() {
                    polls += 1;
                    if pass == POLLS_MOST {
                        return Err(LimitReached::Restless { task: task.name.clone(), polls: pass });
                    }
                }
            }
            if polls == before {
                break;
            }
        }
        Ok(polls)
    }

    /// Drops a task where it stands, as if its process had been killed between two awaits.
    pub fn kill(&mut self, id: TaskId) {
        self.tasks[id.0 as usize].procedure = None;
    }

    /// Stops polling a task, or resumes. One that was woken meanwhile is polled when it resumes.
    pub fn set_paused(&mut self, id: TaskId, paused: bool) {
        self.tasks[id.0 as usize].paused = paused;
    }

    /// Whether a task has ended or was killed.
    pub fn is_done(&self, id: TaskId) -> bool {
        self.tasks[id.0 as usize].procedure.is_none()
    }

    /// Name of a task.
    pub fn name(&self, id: TaskId) -> &str {
        &self.tasks[id.0 as usize].name
    }

    /// The tasks that have neither ended nor been killed, with their names.
    pub fn unfinished(&self) -> impl Iterator<Item = (TaskId, &str)> {
        let tasks = self.tasks.iter().enumerate().filter(|(_, task)| task.procedure.is_some());
        tasks.map(|(id, task)| (TaskId(id as u32), task.name.as_str()))
    }
}

impl Task {
    fn poll_if_woken(&mut self) -> bool {
        let Some(procedure) = &mut self.procedure else { return false };
        if self.paused || !self.woken.0.swap(false, Ordering::Relaxed) {
            return false;
        }
        if procedure.as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready() {
            self.procedure = None;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::Poll;

    type Log = Rc<RefCell<Vec<String>>>;

    /// A gate that tasks wait at, in the way port calls wait for their replies.
    #[derive(Default)]
    struct Gate {
        open: Cell<bool>,
        waiting: RefCell<Vec<Waker>>,
    }

    impl Gate {
        async fn pass(self: Rc<Self>) {
            poll_fn(|cx| {
                if self.open.get() {
                    return Poll::Ready(());
                }
                self.waiting.borrow_mut().push(cx.waker().clone());
                Poll::Pending
            })
            .await;
        }
        fn open(&self) {
            self.open.set(true);
            self.waiting.borrow_mut().drain(..).rev().for_each(Waker::wake);
        }
    }

    fn passes(name: &'static str, gate: &Rc<Gate>, log: &Log) -> TaskFuture {
        let (gate, log) = (Rc::clone(gate), Rc::clone(log));
        Box::pin(async move {
            log.borrow_mut().push(format!("{name} waits"));
            gate.pass().await;
            log.borrow_mut().push(format!("{name} passed"));
        })
    }

    #[test]
    fn a_paused_task_is_polled_only_once_it_goes_on() {
        let (gate, log) = (Rc::new(Gate::default()), Log::default());
        let mut executor = Executor::new();
        let (at, seen) = (Rc::clone(&gate), Rc::clone(&log));
        let task = executor.spawn(
            "sleeper",
            Box::pin(async move {
                at.pass().await;
                seen.borrow_mut().push("passed".to_owned());
            }),
        );
        executor.poll_ready().unwrap();
        executor.set_paused(task, true);
        gate.open();
        assert_eq!((executor.poll_ready().unwrap(), log.borrow().len()), (0, 0));
        executor.set_paused(task, false);
        assert_eq!((executor.poll_ready().unwrap(), log.borrow().len()), (1, 1));
    }

    #[test]
    fn woken_tasks_are_polled_in_the_order_of_their_ids_whoever_was_woken_first() {
        let (mut executor, gate, log) = (Executor::new(), Rc::new(Gate::default()), Log::default());
        let ids = ["a", "b", "c"].map(|name| executor.spawn(name, passes(name, &gate, &log)));
        assert_eq!(executor.poll_ready(), Ok(3));
        assert_eq!(executor.poll_ready(), Ok(0), "nobody was woken");
        gate.open();
        assert_eq!(executor.poll_ready(), Ok(3));
        assert_eq!(*log.borrow(), ["a waits", "b waits", "c waits", "a passed", "b passed", "c passed"]);
        assert!(ids.iter().all(|id| executor.is_done(*id)) && executor.unfinished().next().is_none());
    }

    #[test]
    fn a_task_that_wakes_another_is_followed_in_the_same_call() {
        let (mut executor, gate, log) = (Executor::new(), Rc::new(Gate::default()), Log::default());
        executor.spawn("waits", passes("waits", &gate, &log));
        let opener = Rc::clone(&gate);
        executor.spawn("opens", Box::pin(async move { opener.open() }));
        assert_eq!(executor.poll_ready(), Ok(3));
        assert_eq!(log.borrow().last().map(String::as_str), Some("waits passed"));
    }

    #[test]
    fn a_killed_task_is_dropped_where_it_stands_and_ignores_wakers() {
        let (mut executor, gate, log) = (Executor::new(), Rc::new(Gate::default()), Log::default());
        let (killed, left) = (executor.spawn("killed", passes("killed", &gate, &log)), "left");
        let left = executor.spawn(left, passes("left", &gate, &log));
        executor.poll_ready().unwrap();
        executor.kill(killed);
        assert_eq!(executor.unfinished().collect::<Vec<_>>(), [(left, "left")]);
        gate.open();
        assert_eq!(executor.poll_ready(), Ok(1));
        assert_eq!(*log.borrow(), ["killed waits", "left waits", "left passed"]);
    }

    #[test]
    fn a_task_that_never_rests_is_named() {
        let mut executor = Executor::new();
        executor.spawn(
            "spinner",
            Box::pin(poll_fn(|cx| {
                cx.waker().wake_by_ref();
                Poll::Pending
            })),
        );
        let Err(LimitReached::Restless { task, .. }) = executor.poll_ready() else { panic!("it must be stopped") };
        assert_eq!(task, "spinner");
    }
}
