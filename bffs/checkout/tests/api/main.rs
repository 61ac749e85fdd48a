//! Tests of the BFF's HTTP interface, with doubles that keep to the services' contracts.

mod cart;
mod checkout;
mod contract;
mod lines;
mod live;
mod orders;
mod payment;
mod pickup;
mod rate_limits;
mod waiting;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use checkout_bff::{App, Config, RateLimitSettings};
use reqwest::{Method, StatusCode};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use service::{BaseUrl, Part};
use testkit::{Contract, Double, Running};

/// Limits that a test can reach.
fn rate_limits() -> RateLimitSettings {
    RateLimitSettings {
        carts_per_client: 40,
        quotes_per_client: 40,
        refused_cards_per_client: 4,
    }
}

/// The cookie of the documented cart.
const CART: &str = "cart=9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42";

/// The BFF and doubles of the services. The shop sells one vase, and every cart holds one of it.
struct Shop {
    bff: Running,
    catalog: Double,
    pricing: Double,
    inventory: Double,
    cart: Double,
    orders: Double,
    payments: Double,
}

/// A response with its cookie.
struct Answer {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

impl Shop {
    async fn open() -> Self {
        let [catalog, pricing, inventory, cart, orders, payments] = [
            Double::of("services/catalog").await,
            Double::of("services/pricing").await,
            Double::of("services/inventory").await,
            Double::of("services/cart").await,
            Double::of("services/orders").await,
            Double::of("services/payments").await,
        ];
        let url = |double: &Double| double.url().parse::<BaseUrl>().expect("an address");
        let config = Config {
            catalog_url: url(&catalog),
            pricing_url: url(&pricing),
            inventory_url: url(&inventory),
            cart_url: url(&cart),
            orders_url: url(&orders),
            payments_url: url(&payments),
            rate_limits: rate_limits(),
        };
        let bff = Running::start(App::start(config).await.expect("a BFF")).await;
        Self {
            bff,
            catalog,
            pricing,
            inventory,
            cart,
            orders,
            payments,
        }
    }

    /// The same, with a cart service at another address.
    async fn with_cart_at(mut self, cart: &str) -> Self {
        let url = |address: &str| address.parse::<BaseUrl>().expect("an address");
        let config = Config {
            catalog_url: url(&self.catalog.url()),
            pricing_url: url(&self.pricing.url()),
            inventory_url: url(&self.inventory.url()),
            cart_url: url(cart),
            orders_url: url(&self.orders.url()),
            payments_url: url(&self.payments.url()),
            rate_limits: rate_limits(),
        };
        self.bff = Running::start(App::start(config).await.expect("a BFF")).await;
        self
    }

    /// Sends a request with the documented cart's cookie.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.bff.request(method, path).header("cookie", CART);
        if let Some(body) = body {
            request = request.header("idempotency-key", "key-1").json(body);
        }
        read(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Makes orders answer that no order exists.
    async fn has_no_orders(&self) {
        let none = json!({ "items": [], "next": null });
        self.orders.answers("get", "/orders", 200, &none).await;
    }

    async fn has_cart(&self, lines: Value) {
        let quantity: i64 = lines
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|line| line["quantity"].as_i64())
            .sum();
        let mut cart = Contract::of("services/cart").answer("get", "/carts/{id}", 200);
        cart["lines"] = lines;
        cart["quantity"] = quantity.into();
        self.cart.answers("get", "/carts/{id}", 200, &cart).await;
    }
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the BFF answers");
    let cookie = response.headers().get("set-cookie");
    let cookie = cookie.map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: response.status().as_u16(),
        cookie,
        body: serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(),
    }
}

/// A quote token with these claims, signed with the key that pricing documents: that of RFC 8037, appendix A.
fn signed(claims: &Value) -> String {
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let seed = BASE64_URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let key = Ed25519KeyPair::from_seed_unchecked(&seed.expect("base64")).expect("a seed");
    let keys = Contract::of("services/pricing").answer("get", "/keys", 200);
    let header = json!({ "alg": "EdDSA", "kid": keys["keys"][0]["kid"] });
    let text = format!(
        "{}.{}",
        part(header.to_string().as_bytes()),
        part(claims.to_string().as_bytes())
    );
    let signature = part(key.sign(text.as_bytes()).as_ref());
    format!("{text}.{signature}")
}

/// A service's problem document.
fn problem(status: StatusCode, kind: &str, errors: &Value) -> Value {
    json!({
        "type": format!("urn:problem:{kind}"), "title": "No", "status": status.as_u16(), "detail": "No, sorry.",
        "errors": errors,
    })
}

/// The pointers of a problem document's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["pointer"].as_str()).collect()
}
