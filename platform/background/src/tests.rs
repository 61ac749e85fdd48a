use std::sync::atomic::AtomicU32;

use tokio::sync::mpsc;

use super::*;

const SHORT: Duration = Duration::from_millis(1);

async fn until(mut is_so: impl FnMut() -> bool) {
    let so = async {
        while !is_so() {
            sleep(SHORT).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), so).await.unwrap();
}

#[tokio::test]
async fn rounds_begin_at_once_and_continue_after_an_error() {
    let (sender, mut receiver) = mpsc::channel(1);
    let _rounds = Background::now_and_every("rounds at once", SHORT, move || {
        let sender = sender.clone();
        async move { sender.send(()).await.map_or(Ok(()), |()| Err("in vain")) }
    });
    for _ in 0..3 {
        receiver.recv().await.unwrap();
    }
}

#[tokio::test]
async fn rounds_go_on_until_the_last_clone_is_dropped() {
    let (sender, mut receiver) = mpsc::channel(1);
    let first = Background::every("rounds", SHORT, move || {
        let sender = sender.clone();
        async move { sender.send(()).await }
    });
    let second = first.clone();
    drop(first);
    for _ in 0..3 {
        receiver.recv().await.unwrap();
    }
    drop(second);
    while receiver.recv().await.is_some() {}
}

/// Fails for as long as the test wants it to.
struct Flaky {
    fails: Arc<AtomicBool>,
    runs: Arc<AtomicU32>,
    how: fn() -> Failure,
}

impl Work for Flaky {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) {
            return Err((self.how)());
        }
        progress.succeeded();
        std::future::pending().await
    }
}

fn start(name: &'static str, how: fn() -> Failure) -> (Background, Arc<AtomicBool>, Arc<AtomicU32>) {
    let (fails, runs) = (Arc::new(AtomicBool::new(true)), Arc::default());
    let work = Flaky {
        fails: Arc::clone(&fails),
        runs: Arc::clone(&runs),
        how,
    };
    (Background::start(name, work), fails, runs)
}

fn is_failing(name: &str) -> bool {
    failing().iter().any(|failing| failing == name)
}

#[tokio::test]
async fn work_that_fails_five_times_is_failing_until_its_next_success() {
    for (name, how) in [
        ("error", (|| Failure::own("own")) as fn() -> Failure),
        ("panic", || panic!("as told")),
    ] {
        let (_work, fails, runs) = start(name, how);
        until(|| is_failing(name)).await;
        assert_eq!(runs.load(Ordering::Relaxed), 5, "{name}");
        fails.store(false, Ordering::Relaxed);
        until(|| !is_failing(name)).await;
    }
}

#[tokio::test]
async fn work_that_waits_for_a_neighbour_is_not_failing() {
    let (_work, _, runs) = start("neighbour", || Failure::neighbour("away"));
    until(|| runs.load(Ordering::Relaxed) > 5).await;
    assert!(!is_failing("neighbour"));
}

#[tokio::test]
async fn dropped_work_is_not_failing_any_more() {
    let (work, ..) = start("dropped", || Failure::own("own"));
    until(|| is_failing("dropped")).await;
    drop(work);
    until(|| !is_failing("dropped")).await;
}

#[tokio::test]
async fn detached_work_outlives_its_handle() {
    let (work, fails, runs) = start("detached", || Failure::own("own"));
    work.detach();
    until(|| runs.load(Ordering::Relaxed) > 2).await;
    fails.store(false, Ordering::Relaxed);
}

#[test]
fn pauses_grow_to_a_maximum_and_are_reset_by_a_success() {
    let progress = Progress::new("pauses".into(), MAX_PAUSE);
    let crash = Crash::Panic(Panic::new(None, &"as told"));
    let pauses: Vec<_> = (0..20).map(|_| progress.failed(&crash)).collect();
    assert!(pauses[0] < Duration::from_millis(100), "{pauses:?}");
    // Jitter adds up to as much again.
    assert!(pauses[19] >= MAX_PAUSE && pauses[19] <= MAX_PAUSE * 2, "{pauses:?}");
    progress.succeeded();
    assert!(progress.failed(&crash) < Duration::from_millis(100));
}

#[tokio::test]
async fn panic_of_a_task_is_returned_to_who_awaits_it() {
    let task = spawn("task", async { panic!("as told") });
    let outcome: Result<(), Unfinished> = task.await;
    assert_eq!(outcome.unwrap_err().to_string(), "task did not finish");
    assert_eq!(spawn("task", async { 7 }).await.unwrap(), 7);
}

#[tokio::test]
async fn task_continues_when_its_handle_is_dropped() {
    let (sender, mut receiver) = mpsc::channel(1);
    drop(spawn("outlives", async move {
        sleep(SHORT).await;
        sender.send(()).await
    }));
    receiver.recv().await.unwrap();
}
