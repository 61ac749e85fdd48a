//! The steps. Each can be repeated.

use std::time::Duration;

use service::CallError;
use storage::clock;

use super::outcome::MARGIN;
use super::{HOUR, Reservation, Saga};
use crate::App;
use crate::domain::State;
use crate::store::tries;
use crate::upstream;
use crate::upstream::payments::Status;

/// An approval that we hear of so late is still one.
const GRACE: Duration = Duration::from_mins(2);

/// Tries the next step, and says where that leads; none where the order rests.
pub(super) async fn step(app: &App, saga: &mut Saga) -> Option<State> {
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
pub(super) async fn hold_for_a_while(app: &App, saga: &mut Saga) {
    let Some(held) = saga.reservation else { return };
    let client = saga.counted_client();
    let time = match tries::unpaid(&app.db, saga, clock::now() - HOUR).await {
        Ok(unpaid) if app.limits.allow(unpaid) => app.limits.bank_hold,
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
pub(super) async fn clear_cart(app: &App, saga: &mut Saga) {
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
