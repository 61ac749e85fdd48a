//! Webhooks: every event, signed, until it has arrived.

mod claims;
mod postman;
mod signature;

pub use postman::Postman;

use std::time::Duration;

use service::Background;
use service::background::{Failure, Progress, Work, guard};
use storage::clock;
use tokio::task::JoinSet;

use crate::behaviour::{Behaviour, Webhooks};

/// For how long a late webhook waits.
const LATE_MS: i64 = 5_000;
/// Until the next look where nothing is waiting.
const IDLE: Duration = Duration::from_mins(1);
/// How many are sent at the same time.
const HANDS: usize = 100;

/// Sends what is due, as long as this is kept.
pub fn start(postman: Postman) -> Background {
    let sending = JoinSet::new();
    Background::start("webhooks", Sender { postman, sending })
}

struct Sender {
    postman: Postman,
    sending: JoinSet<()>,
}

impl Work for Sender {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        let Self { postman, sending } = self;
        let mut changes = postman.desk.changes();
        loop {
            changes.mark_unchanged();
            let pause = round(postman, sending).await.map_err(Failure::own)?;
            progress.made();
            tokio::select! {
                () = postman.rung() => {}
                _ = changes.changed() => {}
                Some(_) = sending.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
            while sending.try_join_next().is_some() {}
        }
    }
}

/// Begins to send what is due, and says when to look again.
async fn round(postman: &Postman, sending: &mut JoinSet<()>) -> Result<Duration, storage::Error> {
    let waiting = postman.waiting().await?;
    // Looked at after the events: what came under another behaviour is not among them.
    let behaviour = postman.behaviour();
    if behaviour.webhooks == Webhooks::Never {
        return Ok(IDLE);
    }
    let now = clock::now().timestamp_millis();
    let (mut ready, mut next) = (Vec::new(), None);
    for (number, created_ms) in waiting {
        let due = due(postman, number, created_ms, behaviour);
        if due > now {
            next = Some(next.unwrap_or(due).min(due));
        } else if sending.len() + ready.len() < HANDS && postman.claims.take(number) {
            ready.push(number);
        }
    }
    dispatch(postman, behaviour, ready, sending);
    let pause = next.and_then(|due| u64::try_from(due - now).ok());
    Ok(pause.map_or(IDLE, Duration::from_millis))
}

fn due(postman: &Postman, number: i64, created_ms: i64, behaviour: Behaviour) -> i64 {
    let due = postman.claims.due(number);
    match behaviour.webhooks {
        Webhooks::Late => due.max(created_ms + LATE_MS),
        _ => due,
    }
}

/// At the same time, for Stripe promises no order; shuffled, one after the other.
fn dispatch(postman: &Postman, behaviour: Behaviour, mut ready: Vec<i64>, sending: &mut JoinSet<()>) {
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
        let postman = postman.clone();
        sending.spawn(async move {
            for number in group {
                if guard("webhook", postman.deliver(number, copies)).await.is_err() {
                    postman.claims.release(number, false);
                }
            }
        });
    }
}
