//! Whose cart it is: the one that the cookie names.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use service::{Context, pieces};
use uuid::Uuid;

use crate::App;
use crate::error::Error;
use crate::upstream::Cart;
use crate::view::WaitingOrder;

/// As long as a cart lives.
const DAYS_30: u32 = 30 * 24 * 60 * 60;

/// The cart that a request's cookie names; whether there is such a cart, the cart service knows.
#[derive(Clone, Copy, Debug)]
pub struct Session(pub Option<Uuid>);

impl Session {
    fn from_headers(headers: &HeaderMap) -> Self {
        let mut carts = pieces(headers, header::COOKIE, b';').filter_map(|cookie| cookie.strip_prefix("cart="));
        Self(carts.find_map(|id| Uuid::try_parse(id).ok()))
    }

    /// The order of its cart that is not decided yet.
    pub async fn waiting_order(self, app: &App) -> Option<WaitingOrder> {
        app.orders.waiting(self.0?).await.map(WaitingOrder::from)
    }

    /// Its cart, if it still is one.
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

/// The header that gives a browser its cart for another 30 days. No script can read it, no other site send it, and nobody
/// on the way hear it where the browser speaks TLS.
pub fn cookie(cart: Uuid) -> (HeaderName, String) {
    let secure = if Context::current().is_secure() { "; Secure" } else { "" };
    let value = format!("cart={cart}; Path=/; HttpOnly; SameSite=Lax; Max-Age={DAYS_30}{secure}");
    (header::SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_cookie_of_many_is_ours() {
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
