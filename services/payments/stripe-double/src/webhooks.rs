//! Webhooks: every event is signed, and sent until it is received.

mod claims;
mod dispatcher;
mod signature;

pub use dispatcher::Dispatcher;

use std::time::Duration;

use service::Background;
use service::background::{Failure, Progress, Work, isolate};
use tokio::task::JoinSet;

use crate::behaviour::{Behaviour, Webhooks};

/// The delay of webhooks with the behaviour `late`.
const LATE_MS: i64 = 5_000;
/// The pause if no event is due.
const IDLE_PAUSE: Duration = Duration::from_mins(1);
/// The number of webhooks that are sent at the same time.
const MAX_CONCURRENT: usize = 100;

/// Starts to send webhooks.
pub fn start(dispatcher: Dispatcher) -> Background {
    let sending = JoinSet::new();
    Background::start("webhooks", Sender { dispatcher, sending })
}

struct Sender {
    dispatcher: Dispatcher,
    sending: JoinSet<()>,
}

impl Work for Sender {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        let Self { dispatcher, sending } = self;
        let mut changes = dispatcher.control.changes();
        loop {
            changes.mark_unchanged();
            let pause = send_due(dispatcher, sending).await.map_err(Failure::own)?;
            progress.succeeded();
            tokio::select! {
                () = dispatcher.woken() => {}
                _ = changes.changed() => {}
                Some(_) = sending.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
            while sending.try_join_next().is_some() {}
        }
    }
}

/// Starts to send the events that are due, and returns the pause until the next one is.
async fn send_due(dispatcher: &Dispatcher, sending: &mut JoinSet<()>) -> Result<Duration, storage::Error> {
    let unsent = dispatcher.unsent().await?;
    // Read after the events, so that it is not older than any of them.
    let behaviour = dispatcher.behaviour();
    if behaviour.webhooks == Webhooks::Never {
        return Ok(IDLE_PAUSE);
    }
    let now = dispatcher.clock.now().timestamp_millis();
    let (mut ready, mut next) = (Vec::new(), None);
    for (number, created_ms) in unsent {
        let due = due(dispatcher, number, created_ms, behaviour);
        if due > now {
            next = Some(next.unwrap_or(due).min(due));
        } else if sending.len() + ready.len() < MAX_CONCURRENT && dispatcher.claims.take(number) {
            ready.push(number);
        }
    }
    dispatch(dispatcher, behaviour, ready, sending);
    let pause = next.and_then(|due| u64::try_from(due - now).ok());
    Ok(pause.map_or(IDLE_PAUSE, Duration::from_millis))
}

fn due(dispatcher: &Dispatcher, number: i64, created_ms: i64, behaviour: Behaviour) -> i64 {
    let due = dispatcher.claims.due(number);
    match behaviour.webhooks {
        Webhooks::Late => due.max(created_ms + LATE_MS),
        _ => due,
    }
}

/// Sends events concurrently, because Stripe guarantees no order; if shuffled, one after the other.
fn dispatch(dispatcher: &Dispatcher, behaviour: Behaviour, mut ready: Vec<i64>, sending: &mut JoinSet<()>) {
    let copies = match behaviour.webhooks {
        Webhooks::Twice => 2,
        _ => 1,
    };
    let groups: Vec<Vec<i64>> = match behaviour.webhooks {
        Webhooks::Shuffled => {
            ready.reverse();
            vec![ready]
        }
        _ => ready.into_iter().map(|number| vec![number]).collect(),
    };
    for group in groups {
        let dispatcher = dispatcher.clone();
        sending.spawn(async move {
            for number in group {
                if isolate("webhook", dispatcher.deliver(number, copies)).await.is_err() {
                    dispatcher.release(number, false);
                }
            }
        });
    }
}
