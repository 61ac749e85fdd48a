//! The saga that places an order: a step at a time, each written down before the next is tried.
//!
//! Every step can be repeated, since it is asked for under a key made of the order's id. So the saga goes on
//! from any state that it is found in, whoever left it there, and however far the step had come.

mod outcome;
mod place;
mod steps;
mod undo;

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use service::Problem;
use storage::clock;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::App;
use crate::domain::{Order, PaymentMethod, State};
use crate::error::Error;
use crate::store::orders as store;

pub use place::place;

/// A bank whose answer was not heard of is asked as seldom as after so many tries.
const PATIENT: u32 = 7;

/// The time in which declined cards and unpaid orders are counted.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Why one is cancelled that its shopper gave up.
pub const GIVEN_UP: &str = "You gave this order up. Nothing was charged.";

/// How often we look whether somebody else is done with an order.
const POLL: Duration = Duration::from_millis(100);

/// An order on its way, or at rest.
#[derive(Clone, Debug)]
pub struct Saga {
    /// The order
    pub order: Order,
    /// The cart that loses what was bought when the order stands
    pub cart: Option<Uuid>,
    /// Whether the cart still has what is bought, and no other order may buy from it
    pub holds_cart: bool,
    /// Why its shopper does not want it any longer, if so; not written down: it is cancelled, or it stands
    pub abandoned: Option<&'static str>,
    /// The client that asks, as long as there is something left to do
    pub client: Option<IpAddr>,
    /// The fingerprint of the card that pays, where payments tells it, as long
    pub card: Option<String>,
    /// What is paid with
    pub payment_method: PaymentMethod,
    /// The units that are held, where we know of any
    pub reservation: Option<Reservation>,
    /// The payment, where we know of any
    pub payment: Option<Uuid>,
    /// What the shopper is told where it came to nothing
    pub refusal: Option<Problem>,
    /// Whether there is something left to do
    pub open: bool,
    /// How many have taken it up so far
    pub fence: i64,
    /// How often in a row it was taken up and came no further
    pub tries: u32,
}

/// Units that are held, until a moment.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Reservation {
    /// Its name
    pub id: Uuid,
    /// Until when
    pub expires_at: DateTime<Utc>,
}

/// Gives up an order that its shopper does not want any longer, unless it is decided by now: so it is cancelled, or it
/// stands, and never both. Its payment is voided, and whoever approves it at the bank later is charged nothing.
pub async fn cancel(app: &App, id: Uuid, why: &'static str) -> Result<Saga, Error> {
    let begun = Instant::now();
    loop {
        let saga = store::find(&app.db, id).await?.ok_or(Error::NotFound("order"))?;
        if !saga.order.status.is_undecided() {
            return Ok(saga);
        }
        if let Some(saga) = store::claim(app, id, clock::now(), app.lease()).await? {
            let abandoned = Some(why);
            return run(app, Saga { abandoned, ..saga }).await;
        }
        if begun.elapsed() > app.patience() {
            return Err(Error::Busy);
        }
        sleep(POLL).await;
    }
}

/// The answer to a request that was made before. Waits for whoever is at the order; takes it up where nobody is.
async fn resume(app: &App, id: Uuid) -> Result<Saga, Error> {
    let begun = Instant::now();
    loop {
        let saga = store::find(&app.db, id).await?.ok_or(Error::NotFound("order"))?;
        if !saga.open {
            return Ok(saga);
        }
        if let Some(saga) = store::claim(app, id, clock::now(), app.lease()).await? {
            return run(app, saga).await;
        }
        if saga.order.status.is_acknowledged() {
            return Ok(saga);
        }
        if begun.elapsed() > app.patience() {
            return Err(Error::Busy);
        }
        sleep(POLL).await;
    }
}

/// Drives an order until it rests, or until a neighbour does not answer. Whoever calls this has leased it.
pub async fn run(app: &App, mut saga: Saga) -> Result<Saga, Error> {
    let was_completed = saga.order.status == State::Completed;
    while let Some(next) = steps::step(app, &mut saga).await {
        saga.order.advance(next)?;
        saga.tries = 0;
        saga.order.action.take_if(|_| next != State::AwaitingPayment);
        saga.holds_cart &= !next.is_given_up();
        if next == State::Completed {
            steps::clear_cart(app, &mut saga).await;
        }
        saga.open = match next {
            State::Completed => saga.holds_cart,
            State::Rejected | State::Failed => saga.has_left_something(),
            _ => true,
        };
        if next == State::AwaitingPayment {
            steps::hold_for_a_while(app, &mut saga).await;
        }
        // What comes after it asks nobody: one write does for both.
        if next == State::Authorised {
            continue;
        }
        store::advance(&app.batch, &saga, app.mine(), clock::now()).await?;
        tracing::info!(order = %saga.order.id, status = next.as_str(), "an order has a new status");
    }
    if was_completed || saga.order.status == State::Confirmed {
        steps::clear_cart(app, &mut saga).await;
    }
    if saga.open {
        if saga.order.status.is_given_up() {
            saga.open = !undo::undo(app, &saga).await;
        }
        saga.open &= saga.order.status != State::Completed || saga.holds_cart;
        saga.tries = match saga.order.status {
            State::AwaitingPayment => PATIENT,
            _ => saga.tries.saturating_add(1),
        };
        store::leave(&app.batch, &saga, app.anybodys(saga.tries)).await?;
    }
    Ok(saga)
}
