//! The shopper's cart, by the cookie `cart`.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use service::{Context, header_items};
use uuid::Uuid;

use crate::App;
use crate::error::Error;
use crate::upstream::Cart;
use crate::view::WaitingOrder;

/// The lifetime of a cart in seconds: 30 days.
const MAX_AGE: u32 = 30 * 24 * 60 * 60;

/// The id of the cart in a request's cookie; the cart service knows whether that cart exists.
#[derive(Clone, Copy, Debug)]
pub struct Session(pub Option<Uuid>);

impl Session {
    fn from_headers(headers: &HeaderMap) -> Self {
        let mut carts = header_items(headers, header::COOKIE, b';').filter_map(|cookie| cookie.strip_prefix("cart="));
        Self(carts.find_map(|id| Uuid::try_parse(id).ok()))
    }

    /// The cart's order in progress, if there is one and orders answers in time.
    pub async fn waiting_order(self, app: &App) -> Option<WaitingOrder> {
        app.orders.optional_in_progress(self.0?).await.map(WaitingOrder::from)
    }

    /// The cart, if it exists.
    pub async fn cart(self, app: &App) -> Result<Option<Cart>, Error> {
        match self.0 {
            Some(id) => Ok(app.carts.find(id).await?),
            None => Ok(None),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}

/// The `Set-Cookie` header that keeps the cart for another 30 days. Scripts cannot read the cookie, other sites cannot send it,
/// and with TLS it is never sent unencrypted.
pub fn cookie(cart: Uuid) -> (HeaderName, String) {
    let secure = if Context::current().is_secure() { "; Secure" } else { "" };
    let value = format!("cart={cart}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE}{secure}");
    (header::SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn cart_cookie_is_found_among_others() {
        let id = Uuid::from_u128(7);
        let cases = [
            (format!("cart={id}"), Some(id)),
            (format!("theme=dark; cart={id};x=y"), Some(id)),
            (format!("cart=nonsense; cart={id}"), Some(id)),
            (format!("city=Zürich; cart={id}"), Some(id)),
            (format!("a-cart={id}"), None),
            ("cart=../../etc".to_owned(), None),
            ("cart=".to_owned(), None),
            (String::new(), None),
        ];
        for (text, expected) in cases {
            let headers = [(header::COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap())];
            assert_eq!(
                Session::from_headers(&headers.into_iter().collect()).0,
                expected,
                "{text}"
            );
        }
    }
}
