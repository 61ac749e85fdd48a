//! The problems that answer a request whose order is rejected or cancelled.

use axum::http::StatusCode;
use service::Problem;

/// The shopper did not confirm the payment with their bank.
pub const NOT_CONFIRMED: &str =
    "You did not confirm the payment with your bank in time, so the order was not placed. Nothing was charged.";
/// The shopper did not pay on the provider's page.
pub const NOT_PAID: &str = "It was not paid in time, so the order was not placed. Nothing was charged.";
/// The units were sold while the shopper confirmed the payment with their bank.
pub const SOLD_WHILE_CONFIRMING: &str =
    "While you were confirming the payment, the last of it was sold to somebody else. Nothing was charged.";
/// The units were sold while the shopper was on the provider's page.
pub const SOLD_WHILE_PAYING: &str =
    "While you were paying, the last of it was sold to somebody else. Nothing was charged.";
/// The units or the payment of a confirmed order were lost.
pub const NO_LONGER_AVAILABLE: &str = "What you ordered is no longer available, so this order was cancelled.";
/// The shopper cancelled the order.
pub const CANCELLED_BY_SHOPPER: &str = "You cancelled this order. Nothing was charged.";
/// A new order from the same cart replaced one that awaited payment.
pub const REPLACED: &str = "You placed a new order before this one was paid. Nothing was charged for this one.";

/// 402: the bank declined the card.
pub fn card_declined() -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "card-declined", "Card declined")
        .detail("The bank did not confirm this payment.")
}

/// 402: the order cannot be paid by invoice.
pub fn invoice_declined() -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "invoice-declined", "No invoice")
        .detail("This order cannot be paid by invoice. Please choose another way to pay.")
}

/// 402: the shopper did not pay in time.
pub fn payment_expired(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "payment-expired", "Not paid in time").detail(detail)
}

/// 409: the units are not available.
pub fn out_of_stock(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "out-of-stock", "Out of stock").detail(detail)
}

/// 409: the order was cancelled.
pub fn cancelled(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "cancelled", "Order cancelled").detail(detail)
}

/// The rejection in a sentence.
#[must_use]
pub fn reason(rejection: &Problem) -> String {
    let text = if rejection.detail.is_empty() {
        &*rejection.title
    } else {
        &*rejection.detail
    };
    text.to_owned()
}
