//! Payments with the double of Stripe.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use payments::Timing;
use payments::provider::{ProviderName, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use service::Part;
use stripe_double::{App, Config};
use tempfile::TempDir;
use testkit::{Database, Running, databases};
use uuid::Uuid;

use crate::{IDLE_WORKER, TestApp, app_with_settings, capture, change, payment_request, refund, until};

const KEY: &str = "sk_test_stoa";
const WEBHOOK_SECRET: &str = "whsec_stoa";
/// The return URL of the shop.
pub const RETURN_URL: &str = "http://shop.example/orders/1";

pub const FREQUENT_WORKER: Timing = Timing {
    timeout: Duration::from_secs(2),
    interval: Duration::from_millis(20),
};

/// Payments that offers Stripe, and the double of Stripe.
pub struct World {
    pub app: TestApp,
    pub stripe: Running,
    pub database: Database,
    _folder: TempDir,
}

impl Deref for World {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.app
    }
}

pub fn settings(url: &str) -> Settings {
    let mut settings = Settings {
        offered: vec![ProviderName::Stripe],
        public_url: Some("http://127.0.0.1:4107".to_owned()),
        ..Settings::test()
    };
    settings.stripe.url = url.parse().expect("an address");
    settings.stripe.key = Some(KEY.to_owned().into());
    settings.stripe.webhook_secret = Some(WEBHOOK_SECRET.to_owned().into());
    settings
}

impl World {
    pub async fn open(database: Database, timing: Timing) -> Self {
        let listener = Running::listener().await;
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let app = app_with_settings(&database, &settings(&url), timing).await;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("double.db");
        let config = Config {
            database_url: format!("sqlite:{}", path.display()).parse().expect("an address"),
            stripe_key: KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            webhook_url: format!("{}/webhooks/stripe", app.public.url),
            public_url: None,
            webhook_retry_ms: 20,
        };
        let double = App::start(config).await.expect("the double");
        Self {
            app,
            stripe: Running::start_on(listener, double),
            database,
            _folder: folder,
        }
    }

    /// A request for a payment of 48 € on Stripe's page.
    pub async fn payment_request(&self) -> Value {
        let (status, method) = self
            .app
            .post("/payment-methods", "unused", &json!({ "provider": "stripe" }))
            .await;
        assert_eq!(
            (status.as_u16(), &method["type"]),
            (201, &json!("hosted_page")),
            "{method}"
        );
        let mut body = payment_request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
        body["return_url"] = json!(RETURN_URL);
        body["order_number"] = json!("S-7K3M9QXD");
        body["email"] = json!("ada@example.org");
        body["expires_at"] = json!(values::Clock::system().now() + chrono::TimeDelta::minutes(15));
        body
    }

    /// Creates a payment, and returns its path and that of the page.
    pub async fn payment(&self) -> (String, String) {
        let body = self.payment_request().await;
        let (status, payment) = self.app.post("/payments", &Uuid::new_v4().to_string(), &body).await;
        assert_eq!(
            (status.as_u16(), &payment["status"]),
            (201, &json!("requires_action")),
            "{payment}"
        );
        let url = payment["redirect_url"].as_str().expect("a page");
        let page = url
            .strip_prefix(&self.stripe.url)
            .expect("a page of the double")
            .to_owned();
        (format!("/payments/{}", payment["id"].as_str().expect("an id")), page)
    }

    /// Pays on a page with a card, and returns the status and the redirect.
    pub async fn pay(&self, page: &str, card: &str) -> (u16, String) {
        let form = format!("email=ada%40example.org&number={card}&expiry=12%2F49&cvc=123");
        let response = self.stripe.submit(page, &form).await;
        let location = response
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location.unwrap_or_default())
    }

    /// Returns from the page as the shopper does, and returns the status and the redirect.
    pub async fn return_from_page(&self, payment: &str) -> (u16, String) {
        let path = payment.replace("/payments/", "/returns/");
        let response = self
            .app
            .public
            .request(Method::GET, &path)
            .send()
            .await
            .expect("an answer");
        let location = response
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location.unwrap_or_default())
    }

    pub async fn set_behaviour(&self, behaviour: Value) {
        assert_eq!(self.stripe.put("/double/behaviour", &behaviour).await.0, 200);
    }

    /// All intents of the double.
    pub async fn charges(&self) -> Vec<Value> {
        let (_, charges) = self.stripe.get("/double/charges").await;
        let charges = charges["charges"].as_array().or_else(|| charges.as_array());
        charges.expect("a list").clone()
    }
}

/// One on each database, without the worker.
pub async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        worlds.push(World::open(database, IDLE_WORKER).await);
    }
    worlds
}

pub fn has_status(status: &'static str) -> impl Fn(&Value) -> bool {
    move |payment| payment["status"] == status
}

/// The check against Stripe's type declarations. Returns none if they are not installed, which is a failure with
/// `STOA_TEST_STRIPE_CLIENT=require`.
fn check() -> Option<PathBuf> {
    testkit::has_node_packages(&["stripe", "typescript"], "STOA_TEST_STRIPE_CLIENT")
        .then(|| testkit::repository("services/payments/stripe-double/check/types.mjs"))
}

fn compile(check: &Path, requests: &Value) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("requests.json");
    std::fs::write(&path, requests.to_string()).expect("a file");
    let output = Command::new("node").arg(check).arg(&path).output().expect("node");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn requests_to_stripe_match_its_type_declarations() {
    let Some(check) = check() else { return };
    let world = worlds().await.remove(0);
    let (payment, page) = world.payment().await;
    world.pay(&page, "4242424242424242").await;
    until(&world, &payment, has_status("authorised")).await;
    assert_eq!(capture(&world, &payment, 4000).await.0, 200);
    assert_eq!(refund(&world, &payment, "first", 1500).await.0, 201);
    let (voided, page) = world.payment().await;
    world.pay(&page, "4242424242424242").await;
    until(&world, &voided, has_status("authorised")).await;
    assert_eq!(change(&world, &voided, "void").await.0, 200);
    let (expired, _) = world.payment().await;
    assert_eq!(change(&world, &expired, "expire").await.0, 200);

    let (_, requests) = world.stripe.get("/double/requests").await;
    let paths = requests.to_string();
    for call in ["/v1/checkout/sessions", "/expire", "/capture", "/cancel", "/v1/refunds"] {
        assert!(paths.contains(call), "{call} was not called");
    }
    let (is_declared, said) = compile(&check, &requests);
    assert!(is_declared, "{said}");
}
