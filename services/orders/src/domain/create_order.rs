//! What a client sends to place an order, and the checks that turn it into one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use values::{Email, Violation, grammar};

use super::quote::QuoteLine;
use super::{Address, Order, OrderNumber, OrderStatus, PaymentMethodId, Quote, QuoteToken, ShortText, Sku, Title};

/// Body of a request to place an order: a signed quote, and the contact, shipping and payment details.
// Its JSON is what an idempotency key's requests are compared by. A renamed field would make every stored key a mismatch.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateOrder {
    /// The quote to buy, signed by pricing. A quote is good for one order.
    pub quote: QuoteToken,
    /// The cart that is ordered. The purchased quantities are removed from it once the order is confirmed. Null for an order
    /// without a cart.
    pub cart: Option<Uuid>,
    /// The version of the cart that is ordered. Each version is good for one order. It is not compared when an
    /// `Idempotency-Key` is used again, because the cart may have changed since.
    #[serde(skip_serializing_if = "is_not_compared")]
    pub cart_version: Option<i64>,
    /// The shopper's e-mail address.
    pub email: Email,
    /// The shipping address. Its country must be the quote's.
    pub address: Address,
    /// A title for each SKU of the quote. Every SKU of the quote must be named once.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<CreateOrderLine>,
    /// The payment method. It is not compared when an `Idempotency-Key` is used again, because each submission of the same
    /// card creates another one.
    #[serde(skip_serializing_if = "is_not_compared")]
    #[schema(required = true)]
    pub payment_method: PaymentMethodId,
}

/// `skip_serializing` would hide the field from the contract, too.
fn is_not_compared<T>(_: &T) -> bool {
    true
}

/// The title of a SKU of the quote.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateOrderLine {
    /// A SKU of the quote.
    pub sku: Sku,
    /// Product and variant, for people, for example `Onda vase, Sand`. 1 to 250 characters.
    #[schema(value_type = String, min_length = 1, max_length = 250)]
    pub title: Title,
}

impl CreateOrder {
    /// Makes the order of the quote. Its lines keep the sequence of the request, so that a neighbour's error at the second
    /// line points at the request's second line.
    pub fn to_order(
        &self,
        quote: Quote,
        id: Uuid,
        number: OrderNumber,
        now: DateTime<Utc>,
    ) -> Result<Order, Vec<Violation>> {
        let mut violations = Vec::new();
        if self.address.country != quote.country {
            violations.push(Violation::new(
                "/address/country",
                "This is not the country of the quote.",
            ));
        }
        violations.extend(self.address_violations());
        let mut quoted: BTreeMap<Sku, QuoteLine> =
            quote.lines.into_iter().map(|line| (line.sku.clone(), line)).collect();
        let mut lines = Vec::new();
        for (index, CreateOrderLine { sku, title }) in self.lines.iter().enumerate() {
            if let Some(line) = quoted.remove(sku) {
                lines.push(line.into_order_line(title.clone()));
            } else {
                let detail = "This SKU is not in the quote, or is named twice.";
                violations.push(Violation::new(format!("/lines/{index}/sku"), detail));
            }
        }
        if !quoted.is_empty() {
            violations.push(Violation::new("/lines", "The lines must name every SKU of the quote."));
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Order {
            id,
            number,
            status: OrderStatus::Placed,
            email: (&self.email).into(),
            address: self.address.clone(),
            lines,
            subtotal: quote.subtotal,
            shipping: quote.shipping,
            tax: quote.tax,
            total: quote.total,
            placed_at: now,
            reason: None,
            paid_by: None,
            redirect_url: None,
        })
    }

    /// Texts that are invisible, or that a spreadsheet would evaluate. Checked for new orders only: older orders may have
    /// such texts and must still be readable.
    fn address_violations(&self) -> Vec<Violation> {
        let Address {
            name,
            line1,
            line2,
            city,
            postal_code,
            ..
        } = &self.address;
        let lines = [
            ("/address/name", Some(name.as_ref())),
            ("/address/line1", Some(line1.as_ref())),
            ("/address/line2", line2.as_ref().map(ShortText::as_ref)),
            ("/address/city", Some(city.as_ref())),
            ("/address/postal_code", Some(postal_code.as_ref())),
        ];
        let is_wrong =
            |line: &str| grammar::line(line, usize::MAX).is_err() || line.trim().starts_with(['=', '+', '-', '@']);
        let wrong = lines.into_iter().filter(|(_, line)| line.is_some_and(is_wrong));
        let detail = "This must be visible text, and must not begin with =, +, - or @.";
        wrong.map(|(pointer, _)| Violation::new(pointer, detail)).collect()
    }
}
