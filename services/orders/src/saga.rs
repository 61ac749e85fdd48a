//! The saga that places an order: a step at a time, each written down before the next is tried.
//!
//! Every step can be repeated, since it is asked for under a key made of the order's id. So the saga goes on
//! from any state that it is found in, whoever left it there, and however far the step had come.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use service::{CallError, Context, IdempotencyKey, Problem};
use storage::clock;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::App;
use crate::domain::{Number, Order, PaymentMethod, Request, State};
use crate::error::Error;
use crate::store::orders::{self as store, Inserted, New};
use crate::store::tries::{self, Who};
use crate::upstream;
use crate::upstream::payments::{Payment, Status};

/// What must be left of a reservation's time for an order to go on.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// A bank whose answer was not heard of is asked as seldom as after so many tries.
const PATIENT: u32 = 7;

/// The time in which declined cards and unpaid orders are counted.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// When another card may be tried where too many were declined, at the latest all of them are forgotten.
const PENALTY: Duration = Duration::from_mins(20);

/// An approval that we hear of so late is still one.
const GRACE: Duration = Duration::from_mins(2);

/// How often a new order is written down anew where others are in its way.
const TRIES: usize = 5;

/// Why a waiting order is cancelled when its cart is ordered once more.
const REPLACED: &str = "You ordered anew while your bank was asking. Nothing was charged for this order.";

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

impl Saga {
    fn new(order: Order, request: &Request) -> Self {
        Self {
            order,
            cart: request.cart,
            holds_cart: request.cart.is_some(),
            abandoned: None,
            client: Context::current().client_network(),
            payment_method: request.payment_method.clone(),
            reservation: None,
            payment: None,
            refusal: None,
            open: true,
            fence: 0,
            tries: 0,
        }
    }

    /// A refusal in a sentence.
    #[must_use]
    pub fn reason(refusal: &Problem) -> String {
        let text = if refusal.detail.is_empty() {
            &*refusal.title
        } else {
            &*refusal.detail
        };
        text.to_owned()
    }

    /// The order comes to nothing: refused by a definite no, failed by anything else.
    fn give_up(&mut self, error: &CallError) -> State {
        let (state, refusal) = match upstream::refusal(error) {
            Some(refusal) => (State::Rejected, refusal.clone()),
            None => (State::Failed, upstream::unavailable(error)),
        };
        self.order.reason = Some(Self::reason(&refusal));
        self.refusal = Some(refusal);
        state
    }

    /// Where a payment leads that is as far as this.
    fn pay(&mut self, payment: Payment) -> State {
        self.payment = Some(payment.id);
        let status = payment.status;
        // For as long as the bank asks: see `run`.
        self.order.action = payment.action();
        match status {
            Status::Authorised => State::Authorised,
            Status::RequiresAction => State::Authenticating,
            Status::Declined | Status::Other => {
                let problem = Problem::new(StatusCode::PAYMENT_REQUIRED, "card-declined", "Card declined");
                let problem = problem.detail("The bank did not confirm this payment.");
                self.order.reason = Some(Self::reason(&problem));
                self.refusal = Some(problem);
                State::Rejected
            }
        }
    }

    /// The bank asked, and nobody answered.
    fn expire(&mut self) -> State {
        let detail = "Your bank did not hear from you in time, so this order was given up. Nothing was charged.";
        let problem = Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "authentication-expired",
            "No answer to the bank",
        );
        self.refusal = Some(problem.detail(detail));
        self.order.reason = Some(detail.to_owned());
        State::Rejected
    }

    /// The order stood, and cannot be kept.
    fn cancel(&mut self, error: &CallError) -> State {
        tracing::error!(order = %self.order.id, %error, "a confirmed order cannot be kept");
        let detail = "What you ordered turned out to be gone.";
        self.refusal = Some(Problem::new(StatusCode::CONFLICT, "cancelled", "Order cancelled").detail(detail));
        self.order.reason = Some(detail.to_owned());
        State::Cancelled
    }

    /// How it came to nothing at a bank, if it did.
    #[must_use]
    pub fn try_at_bank(&self) -> Option<&'static str> {
        let kind = self.refusal.as_ref()?.kind();
        match self.order.status {
            State::Rejected if kind == "card-declined" => Some("declined"),
            State::Rejected if kind == "authentication-expired" => Some("unanswered"),
            State::Cancelled if self.abandoned.is_some() => Some("unanswered"),
            _ => None,
        }
    }

    /// Whoever counts its client's orders; all whose client nobody knows are one.
    fn counted_client(&self) -> IpAddr {
        self.client.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// The bank approves, and what was not held meanwhile is somebody else's.
    fn sell_out(&mut self) -> State {
        let detail = "While your bank was asking, the last of it was sold to somebody else. Nothing was charged.";
        self.refusal = Some(Problem::new(StatusCode::CONFLICT, "out-of-stock", "Out of stock").detail(detail));
        self.order.reason = Some(detail.to_owned());
        State::Rejected
    }

    /// The order is not decided, and its shopper does not want it any longer.
    fn abandon(&mut self) -> Option<State> {
        let detail = self.abandoned.filter(|_| self.order.status.is_undecided())?;
        self.refusal = Some(Problem::new(StatusCode::CONFLICT, "cancelled", "Order cancelled").detail(detail));
        self.order.reason = Some(detail.to_owned());
        Some(State::Cancelled)
    }

    /// Nobody waits for it any longer.
    fn is_overdue(&self, now: DateTime<Utc>, deadline: Duration) -> bool {
        self.order.placed_at + deadline <= now
    }

    fn is_held(&self, now: DateTime<Utc>) -> bool {
        self.reservation.is_some_and(|held| now + MARGIN < held.expires_at)
    }

    /// Whether it ended without a neighbour's definite no.
    fn has_left_unasked(&self) -> bool {
        matches!(self.order.status, State::Failed | State::Cancelled)
    }

    /// Whether units may be held that we do not know of: the attempt had no answer.
    fn may_be_reserved(&self) -> bool {
        self.has_left_unasked() && self.reservation.is_none()
    }

    /// Whether there may be a payment that we do not know of, likewise.
    fn may_be_authorised(&self) -> bool {
        self.has_left_unasked() && self.reservation.is_some() && self.payment.is_none()
    }

    fn has_left_something(&self) -> bool {
        self.reservation.is_some() || self.payment.is_some() || self.may_be_reserved()
    }
}

/// Places an order; the same one again where the key is known.
pub async fn place(app: &App, key: &IdempotencyKey, request: &Request) -> Result<Saga, Error> {
    let now = clock::now();
    let quote = match app.pricing.verify(&request.quote).await {
        Ok(quote) if !quote.has_expired(now) => quote,
        // The same request has the same answer, though its quote has expired since.
        refused => {
            return match store::find_by_key(&app.db, key, request).await? {
                Some(id) => resume(app, id).await,
                None => Err(refused.err().unwrap_or(Error::QuoteExpired)),
            };
        }
    };
    let quote_id = quote.id;
    if let Some(refusal) = too_many_declined(app, quote_id, request).await? {
        return match store::find_by_key(&app.db, key, request).await? {
            Some(id) => resume(app, id).await,
            None => Err(refusal),
        };
    }
    let order = request
        .order(quote, Uuid::now_v7(), draw_number(), now)
        .map_err(Error::Invalid)?;
    let mut saga = Saga::new(order, request);
    for _ in 0..TRIES {
        let new = New {
            key,
            request,
            quote: quote_id,
            saga: &saga,
            leased_until: app.lease(),
        };
        match store::insert(&app.batch, &new).await? {
            Inserted::New => return run(app, saga).await,
            Inserted::Known(id) => return resume(app, id).await,
            Inserted::Taken => saga.order.number = draw_number(),
            Inserted::Waiting(id) => drop(Box::pin(cancel(app, id, REPLACED)).await?),
        }
    }
    Err(Error::Busy)
}

/// Whoever tries cards finds out which are good: that is not for everybody to find out, and not for long.
async fn too_many_declined(app: &App, quote: Uuid, request: &Request) -> Result<Option<Error>, Error> {
    let client = Context::current().client_network();
    let who = Who {
        quote,
        cart: request.cart,
        client,
    };
    let tried = tries::declined(&app.db, who, clock::now() - HOUR).await?;
    if !app.limits.are_reached(tried) {
        return Ok(None);
    }
    let address = client.map(|client| client.to_string()).unwrap_or_default();
    tracing::warn!(client = %address, cart = ?request.cart, %quote, ?tried, "too many cards were declined");
    Ok(Some(Error::TooManyDeclined(PENALTY)))
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

fn draw_number() -> Number {
    Number::new(Uuid::new_v4().as_u64_pair().1)
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
    while let Some(next) = step(app, &mut saga).await {
        saga.order.advance(next)?;
        saga.tries = 0;
        saga.order.action.take_if(|_| next != State::Authenticating);
        saga.holds_cart &= !next.is_given_up();
        if next == State::Completed {
            clear_cart(app, &mut saga).await;
        }
        saga.open = match next {
            State::Completed => saga.holds_cart,
            State::Rejected | State::Failed => saga.has_left_something(),
            _ => true,
        };
        if next == State::Authenticating {
            hold_for_a_while(app, &mut saga).await;
        }
        // What comes after it asks nobody: one write does for both.
        if next == State::Authorised {
            continue;
        }
        store::advance(&app.batch, &saga, app.mine(), clock::now()).await?;
        tracing::info!(order = %saga.order.id, status = next.as_str(), "order");
    }
    if was_completed || saga.order.status == State::Confirmed {
        clear_cart(app, &mut saga).await;
    }
    if saga.open {
        if saga.order.status.is_given_up() {
            saga.open = !undo(app, &saga).await;
        }
        saga.open &= saga.order.status != State::Completed || saga.holds_cart;
        saga.tries = match saga.order.status {
            State::Authenticating => PATIENT,
            _ => saga.tries.saturating_add(1),
        };
        store::leave(&app.batch, &saga, app.anybodys(saga.tries)).await?;
    }
    Ok(saga)
}

/// Tries the next step, and says where that leads; none where the order rests.
async fn step(app: &App, saga: &mut Saga) -> Option<State> {
    match saga.order.status {
        State::Placed | State::Reserved if saga.abandoned.is_some() => saga.abandon(),
        State::Placed if saga.is_overdue(clock::now(), app.deadline) => {
            Some(saga.give_up(&CallError::Timeout("inventory")))
        }
        State::Placed => Some(match app.inventory.reserve(&saga.order).await {
            Ok(reservation) => {
                saga.reservation = Some(reservation);
                State::Reserved
            }
            Err(error) => saga.give_up(&error),
        }),
        // Left for so long that the units may be somebody else's, and the shopper somewhere else.
        State::Reserved if !saga.is_held(clock::now()) || saga.is_overdue(clock::now(), app.deadline) => {
            Some(saga.give_up(&CallError::Timeout("inventory")))
        }
        State::Authorised if !saga.is_held(clock::now()) => Some(saga.give_up(&CallError::Timeout("inventory"))),
        State::Reserved => Some(match app.payments.authorise(&saga.order, &saga.payment_method).await {
            Ok(payment) => saga.pay(payment),
            Err(error) => saga.give_up(&error),
        }),
        State::Authenticating => authenticate(app, saga).await,
        State::Authorised => Some(State::Confirmed),
        State::Confirmed => match fulfil(app, saga).await {
            Ok(()) => Some(State::Completed),
            Err(error) if upstream::refusal(&error).is_some() => Some(saga.cancel(&error)),
            Err(error) => {
                tracing::warn!(order = %saga.order.id, %error, "confirmed, but not completed yet");
                None
            }
        },
        State::Completed | State::Rejected | State::Failed | State::Cancelled => None,
    }
}

/// Looks whether the shopper has answered their bank.
async fn authenticate(app: &App, saga: &mut Saga) -> Option<State> {
    let payment = app.payments.find(saga.payment?).await;
    let payment = payment.inspect_err(|error| tracing::warn!(order = %saga.order.id, %error, "how it is paid"));
    let now = clock::now();
    match payment {
        Ok(payment) if payment.status != Status::RequiresAction && !saga.is_overdue(now, app.deadline + GRACE) => {
            match saga.pay(payment) {
                State::Authorised if !saga.is_held(now) => take(app, saga).await,
                next => Some(next),
            }
        }
        _ if saga.abandoned.is_some() => saga.abandon(),
        _ if saga.is_overdue(now, app.deadline) => Some(saga.expire()),
        _ => None,
    }
}

/// What was not held while the bank asked is taken before the order stands, if it is still there.
async fn take(app: &App, saga: &mut Saga) -> Option<State> {
    let held = saga.reservation?;
    match app.inventory.commit(held.id).await {
        Ok(()) => {
            // It has left the shelf: it is nobody else's any more.
            let expires_at = clock::now() + MARGIN * 2;
            saga.reservation = Some(Reservation { expires_at, ..held });
            Some(State::Authorised)
        }
        Err(error) if upstream::refusal(&error).is_some() => Some(saga.sell_out()),
        Err(error) => {
            tracing::warn!(order = %saga.order.id, %error, "approved, but not taken yet");
            None
        }
    }
}

/// Nothing is paid yet, and the units are scarce: they are held for a short time, and not at all for whoever lets banks ask
/// in vain again and again. Whoever pays after all gets what is still there.
async fn hold_for_a_while(app: &App, saga: &mut Saga) {
    let Some(held) = saga.reservation else { return };
    let client = saga.counted_client();
    let unpaid = match saga.client {
        Some(client) => tries::unpaid(&app.db, client, clock::now() - HOUR).await,
        None => Ok(0),
    };
    let time = match unpaid {
        Ok(unpaid) if unpaid < app.limits.unpaid_per_client.into() => app.limits.bank_hold,
        _ => Duration::from_secs(1),
    };
    match app.inventory.wait(held.id, client, time).await {
        Ok(held) => saga.reservation = Some(held),
        Err(error) => tracing::warn!(order = %saga.order.id, %error, "held for as long as before"),
    }
}

/// Units first: nobody pays for what is not there.
async fn fulfil(app: &App, saga: &Saga) -> Result<(), CallError> {
    let (Some(reservation), Some(payment)) = (saga.reservation, saga.payment) else {
        return Err(CallError::Malformed(
            "orders",
            "confirmed without units or money".to_owned(),
        ));
    };
    app.inventory.commit(reservation.id).await?;
    app.payments.capture(payment).await
}

/// What stays in the cart is a nuisance, but the order stands. What was put in since is still to be bought.
async fn clear_cart(app: &App, saga: &mut Saga) {
    let Some(cart) = saga.cart.filter(|_| saga.holds_cart) else {
        return;
    };
    match app.cart.take_out(cart, &saga.order).await {
        Ok(()) => saga.holds_cart = false,
        // It has expired, and has nothing any more.
        Err(error) if error.refusal().is_some_and(|problem| problem.status == 404) => saga.holds_cart = false,
        Err(error) => tracing::warn!(order = %saga.order.id, %error, "cart not cleared"),
    }
}

/// Gives back what the steps took, the last first, and says whether all of it is back.
async fn undo(app: &App, saga: &Saga) -> bool {
    let undone = [void(app, saga).await, release(app, saga).await];
    for error in undone.iter().filter_map(|undone| undone.as_ref().err()) {
        tracing::warn!(order = %saga.order.id, %error, "not undone yet");
    }
    undone.iter().all(Result::is_ok)
}

/// Where we do not know whether there is a payment, we ask for it again: the same key gives the same one.
async fn void(app: &App, saga: &Saga) -> Result<(), CallError> {
    let payment = match saga.payment {
        None if saga.may_be_authorised() => app
            .payments
            .authorise(&saga.order, &saga.payment_method)
            .await
            .map(|payment| Some(payment.id)),
        known => Ok(known),
    };
    match payment {
        Ok(Some(payment)) => app.payments.void(payment).await,
        Ok(None) => Ok(()),
        Err(error) if upstream::payments::is_none(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Likewise.
async fn release(app: &App, saga: &Saga) -> Result<(), CallError> {
    let reservation = match saga.reservation {
        None if saga.may_be_reserved() => app.inventory.reserve(&saga.order).await.map(Some),
        known => Ok(known),
    };
    match reservation {
        Ok(Some(reservation)) => match app.inventory.release(reservation.id).await {
            Err(error) if is_committed(&error) => app.inventory.restock(&saga.order).await,
            released => released,
        },
        Ok(None) => Ok(()),
        Err(error) if upstream::inventory::is_none(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The units have left the shelf.
fn is_committed(error: &CallError) -> bool {
    error.refusal().is_some_and(|problem| problem.kind() == "committed")
}
