//! Giving back what the steps took.

use service::{CallError, causes};

use super::Saga;
use crate::App;
use crate::upstream;

/// Gives back what the steps took, the last first, and says whether all of it is back. As long as a provider's page may be
/// open, on which somebody may pay for the units, they do not go back.
pub(super) async fn undo(app: &App, saga: &Saga) -> bool {
    let voided = void(app, saga).await;
    let released = if voided.is_err() && saga.is_paid_on_page() {
        Ok(())
    } else {
        release(app, saga).await
    };
    let undone = [voided, released];
    for error in undone.iter().filter_map(|undone| undone.as_ref().err()) {
        tracing::warn!(order = %saga.order.id, error = causes(error), "an order is not undone yet");
    }
    undone.iter().all(Result::is_ok)
}

/// Where we do not know whether there is a payment, we ask for it again: the same key gives the same one.
async fn void(app: &App, saga: &Saga) -> Result<(), CallError> {
    let payment = match saga.payment {
        None if saga.may_be_authorised() => app
            .payments
            .authorise(&saga.order, &saga.payment_method, saga.page_until(&app.limits))
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
    error.refusal().is_some_and(|problem| problem.is("committed"))
}
