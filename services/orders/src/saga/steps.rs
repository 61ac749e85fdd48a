//! The steps. Each can be repeated.

use std::time::Duration;

use service::{CallError, causes};
use storage::clock;

use super::outcome::MARGIN;
use super::{HOUR, Reservation, Saga};
use crate::App;
use crate::domain::{PaidBy, State};
use crate::store::tries;
use crate::upstream;
use crate::upstream::payments::Status;

/// How much longer units are held than a shopper has time on a provider's page: it takes a while until that is closed.
const CLOSING: Duration = Duration::from_mins(2);

/// How long units are held for whoever lets orders go unpaid again and again.
const HARDLY: Duration = Duration::from_secs(1);

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
        State::Reserved => Some(authorise(app, saga).await),
        State::AwaitingPayment => await_payment(app, saga).await,
        State::Authorised => Some(State::Confirmed),
        State::Confirmed => match fulfil(app, saga).await {
            Ok(()) => Some(State::Completed),
            Err(error) if upstream::refusal(&error).is_some() => Some(saga.cancel(&error)),
            Err(error) => {
                tracing::warn!(order = %saga.order.id, error = causes(&error), "an order is confirmed, but not completed yet");
                None
            }
        },
        State::Completed | State::Rejected | State::Failed | State::Cancelled => None,
    }
}

async fn authorise(app: &App, saga: &mut Saga) -> State {
    let until = saga.page_until(&app.limits);
    match app.payments.authorise(&saga.order, &saga.payment_method, until).await {
        Ok(payment) => saga.pay(payment),
        Err(error) => saga.give_up(&error),
    }
}

/// Looks whether the shopper has paid or answered their bank. An order that is not waited for any longer is given up only
/// when they can no longer do so: whoever was first, payments says.
async fn await_payment(app: &App, saga: &mut Saga) -> Option<State> {
    let (id, now) = (saga.payment?, clock::now());
    let time = if saga.is_paid_on_page() {
        app.limits.page_time
    } else {
        app.deadline
    };
    let is_over = saga.abandoned.is_some() || saga.is_overdue(now, time);
    let payment = if is_over {
        app.payments.expire(id).await
    } else {
        app.payments.find(id).await
    };
    let payment = payment.inspect_err(
        |error| tracing::warn!(order = %saga.order.id, error = causes(error), "how an order is paid is not known"),
    );
    let is_paid = payment
        .as_ref()
        .is_ok_and(|payment| payment.status == Status::Authorised);
    match payment {
        Ok(payment) if payment.status == Status::RequiresAction => None,
        // Where payments does not answer, the payment is voided as soon as it does, and the units go back then.
        _ if saga.abandoned.is_some() && !is_paid => saga.abandon(),
        Ok(payment) => match saga.pay(payment) {
            // By the clock as it is after the call.
            State::Authorised if !saga.is_held(clock::now()) => take(app, saga).await,
            next => Some(next),
        },
        Err(_) => None,
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
            tracing::warn!(order = %saga.order.id, error = causes(&error), "an order is paid, but its units are not taken yet");
            None
        }
    }
}

/// Nothing is paid yet, and the units are scarce: they are held for a short time, and not at all for whoever lets orders go
/// unpaid again and again. Whoever pays after all gets what is still there.
pub(super) async fn hold_for_a_while(app: &App, saga: &mut Saga) {
    let Some(held) = saga.reservation else { return };
    let client = saga.counted_client();
    let time = match tries::unpaid(&app.db, saga, clock::now() - HOUR).await {
        Ok(unpaid) if app.limits.allow(unpaid) && saga.is_paid_on_page() => app.limits.page_time + CLOSING,
        Ok(unpaid) if app.limits.allow(unpaid) => app.limits.bank_hold,
        Ok(_) => HARDLY,
        Err(error) => {
            tracing::error!(order = %saga.order.id, error = causes(&error), "unpaid orders cannot be counted");
            HARDLY
        }
    };
    match app.inventory.wait(held.id, client, time).await {
        Ok(held) => saga.reservation = Some(held),
        Err(error) => {
            tracing::warn!(order = %saga.order.id, error = causes(&error), "units are held for as long as before");
        }
    }
}

/// Units first: nobody pays for what is not there.
async fn fulfil(app: &App, saga: &Saga) -> Result<(), CallError> {
    let (Some(reservation), Some(payment)) = (saga.reservation, saga.payment) else {
        return Err(CallError::Malformed(
            "orders",
            "confirmed without units or money".into(),
        ));
    };
    app.inventory.commit(reservation.id).await?;
    match saga.order.paid_by {
        // The shopper owes it: payments captures when the money has come.
        Some(PaidBy::Invoice) => Ok(()),
        _ => app.payments.capture(payment).await,
    }
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
        Err(error) => {
            tracing::warn!(order = %saga.order.id, error = causes(&error), "a cart still has what was ordered");
        }
    }
}
