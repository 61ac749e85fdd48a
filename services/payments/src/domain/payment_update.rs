//! What a provider reports about a payment.

use crate::domain::{Decline, MovementStatus, ProviderPaymentId};

/// The status of a payment at its provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProviderStatus {
    /// Initiated, but not yet requested to be authorised.
    Unconfirmed,
    /// In progress, or a status that we do not know.
    Processing,
    /// The shopper has to act, on the page with this address if there is one.
    RequiresAction(Option<String>),
    Authorised,
    Declined(Decline),
    /// The captured amount in minor units; none means the requested amount.
    Captured(Option<i64>),
    Voided,
    Expired,
}

impl ProviderStatus {
    /// Whether the payment can no longer be captured, voided or expired.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Captured(_) | Self::Voided | Self::Declined(_) | Self::Expired
        )
    }
}

/// A change that the provider reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PaymentUpdate {
    /// The provider's new id of the payment.
    ProviderPaymentId(ProviderPaymentId),
    Status(ProviderStatus),
    /// The progress of the movement with this number, and the reason if it was refused.
    Movement(i64, MovementStatus, Option<String>),
}
