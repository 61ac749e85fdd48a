//! Why an order comes to nothing, as its placing is answered.

use axum::http::StatusCode;
use service::Problem;

/// The shopper's bank asked, and they did not answer it.
pub const UNANSWERED: &str =
    "Your bank did not hear from you in time, so this order was given up. Nothing was charged.";
/// The shopper did not pay on the provider's page.
pub const UNPAID: &str = "It was not paid in time, so this order was given up. Nothing was charged.";
/// The units were sold while the shopper was at their bank.
pub const SOLD_MEANWHILE: &str =
    "While your bank was asking, the last of it was sold to somebody else. Nothing was charged.";
/// The units were sold while the shopper was on the provider's page.
pub const SOLD_WHILE_PAYING: &str =
    "While you were paying, the last of it was sold to somebody else. Nothing was charged.";
/// The order was confirmed, and its units are gone.
pub const CANNOT_KEEP: &str = "What you ordered turned out to be gone.";

/// 402: the bank does not pay.
pub fn card_declined() -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "card-declined", "Card declined")
        .detail("The bank did not confirm this payment.")
}

/// 402: it cannot be owed.
pub fn invoice_declined() -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "invoice-declined", "No invoice")
        .detail("This order cannot be paid by invoice. Please choose another way to pay.")
}

/// 402: nobody paid in time.
pub fn payment_expired(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYMENT_REQUIRED, "payment-expired", "Not paid in time").detail(detail)
}

/// 409: there is not enough.
pub fn out_of_stock(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "out-of-stock", "Out of stock").detail(detail)
}

/// 409: it was cancelled.
pub fn cancelled(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "cancelled", "Order cancelled").detail(detail)
}
