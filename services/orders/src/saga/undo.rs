//! Undoing the steps of an unsuccessful order.

use service::{CallError, causes};

use super::OrderSaga;
use crate::placement::Placement;
use crate::upstream;

impl OrderSaga {
    /// Undoes the steps, the last one first, and returns whether all are undone. Units are not released as long as a
    /// provider's page may be open on which the shopper can pay for them.
    pub(super) async fn undo(&self, placement: &Placement) -> bool {
        let voided = self.void(placement).await;
        let released = if voided.is_err() && placement.is_paid_on_page() {
            Ok(())
        } else {
            self.release(placement).await
        };
        let undone = [voided, released];
        for error in undone.iter().filter_map(|undone| undone.as_ref().err()) {
            tracing::warn!(order = %placement.order.id, error = causes(error), "an order is not undone yet");
        }
        undone.iter().all(Result::is_ok)
    }

    /// Voids the payment. If it is not known whether there is one, it is authorised again: the same key gives the same
    /// payment.
    async fn void(&self, placement: &Placement) -> Result<(), CallError> {
        let payment = match placement.payment {
            None if placement.may_be_authorised() => {
                let expires_at = placement.page_expires_at(&self.limits);
                let method = &placement.payment_method;
                let payment = self.payments.authorise(&placement.order, method, expires_at).await;
                payment.map(|payment| Some(payment.id))
            }
            known => Ok(known),
        };
        match payment {
            Ok(Some(payment)) => self.payments.void(payment).await,
            Ok(None) => Ok(()),
            Err(error) if upstream::payments::means_no_payment(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Releases the units, or restocks them if they are committed. If it is not known whether there is a reservation, it is
    /// made again: the same key gives the same reservation.
    async fn release(&self, placement: &Placement) -> Result<(), CallError> {
        let reservation = match placement.reservation {
            None if placement.may_be_reserved() => self.inventory.reserve(&placement.order).await.map(Some),
            known => Ok(known),
        };
        match reservation {
            Ok(Some(reservation)) => match self.inventory.release(reservation.id).await {
                Err(error) if is_committed(&error) => self.inventory.restock(&placement.order).await,
                released => released,
            },
            Ok(None) => Ok(()),
            Err(error) if upstream::inventory::means_no_reservation(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn is_committed(error: &CallError) -> bool {
    error.refusal().is_some_and(|problem| problem.is("committed"))
}
