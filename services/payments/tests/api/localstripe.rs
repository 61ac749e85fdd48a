//! Captures, voids and refunds against an independent double of Stripe: the `PyPI` package `localstripe`. It is installed once
//! into the target folder, and runs on a free port for as long as the test process lives. It has no hosted page, so the tests
//! create the intents themselves.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use money::{Currency, Money};
use payments::domain::{Amount, MovementReference, MovementStatus};
use payments::provider::{Provider, ProviderName, ProviderPaymentId, ProviderStatus, Settings};
use reqwest::{Client, Method};
use serde_json::Value;
use storage::Db;
use testkit::databases;
use uuid::Uuid;

const PACKAGE: &str = "localstripe==1.15.10";
const KEY: &str = "sk_test_stoa";

/// The package's own program listens on all interfaces; this one listens on localhost only.
const PROGRAM: &str = "import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)";

/// A running `localstripe`.
#[derive(Debug)]
pub struct LocalStripe {
    pub url: String,
    http: Client,
}

impl LocalStripe {
    /// Starts it. Returns none if Python is missing, which is a failure with `STOA_TEST_STRIPE=require`.
    pub async fn start() -> Option<Self> {
        let port = tokio::task::spawn_blocking(|| installed().map(|python| run(&python)));
        let Some(port) = port.await.expect("it starts") else {
            let is_required = std::env::var("STOA_TEST_STRIPE").is_ok_and(|value| value == "require");
            assert!(
                !is_required,
                "localstripe cannot be installed: python3 with venv and pip is needed"
            );
            eprintln!(
                "SKIPPED: localstripe cannot be installed, so Stripe is not tested: apt-get install python3-venv"
            );
            return None;
        };
        let url = format!("http://127.0.0.1:{port}");
        Some(Self {
            url,
            http: testkit::client(),
        })
    }

    /// Sends a request directly, as Stripe's dashboard or the shopper's browser would.
    pub async fn ask(&self, method: Method, path: &str, form: &str) -> Value {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(KEY);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form.to_owned()).send().await.expect("localstripe answers");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.unwrap_or_default()
    }
}

/// The Python interpreter with the package. Test processes wait for the one that installs it.
fn installed() -> Option<PathBuf> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().expect("nobody panicked");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("localstripe");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = File::create(folder.join("lock")).expect("a lock");
    lock.lock().expect("a lock");
    let python = folder.join("bin/python");
    let has_package = || succeeds(Command::new(&python).args(["-c", "import localstripe.server"]));
    let is_there = has_package() || {
        succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))
            && has_package()
    };
    is_there.then_some(python)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// A shell reads from a pipe of this process. When this process ends, in whatever way, the pipe closes and the shell stops the
/// server.
#[expect(clippy::zombie_processes, reason = "the shell outlives this process on purpose")]
fn run(python: &Path) -> u16 {
    let port = testkit::free_port();
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$@" & read -r _; kill $!"#, "localstripe"]);
    shell.arg(python).args(["-c", PROGRAM, &port.to_string()]);
    let quiet = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut shell = quiet.spawn().expect("a shell");
    // The pipe lives as long as the process.
    std::mem::forget(shell.stdin.take());
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "localstripe does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    port
}

/// An authorised intent, as a paid session leaves it.
async fn held(stripe: &LocalStripe) -> ProviderPaymentId {
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2049&card[cvc]=123";
    let method = stripe.ask(Method::POST, "/v1/payment_methods", card).await;
    let form = format!(
        "amount=4800&currency=eur&capture_method=manual&confirm=true&payment_method={}",
        method["id"].as_str().expect("an id")
    );
    let intent = stripe.ask(Method::POST, "/v1/payment_intents", &form).await;
    ProviderPaymentId(intent["id"].as_str().expect("an id").to_owned())
}

fn provider(stripe: &LocalStripe, db: &Db) -> std::sync::Arc<dyn Provider> {
    let mut settings = Settings {
        offered: vec![ProviderName::Stripe],
        public_url: Some("http://127.0.0.1:4107".to_owned()),
        ..Settings::test()
    };
    settings.stripe.url = stripe.url.parse().expect("an address");
    settings.stripe.key = Some(KEY.to_owned().into());
    settings.stripe.webhook_secret = Some("whsec_stoa".to_owned().into());
    let providers = settings.open(db, crate::SECRET.into()).expect("Stripe");
    providers.find("stripe").expect("it is set up").clone()
}

fn euro(minor: i64) -> Amount {
    Amount::try_from(Money::new(minor, Currency::Eur)).expect("an amount")
}

#[tokio::test]
async fn intent_is_captured_in_part_and_refunded() {
    let Some(stripe) = LocalStripe::start().await else {
        return;
    };
    let database = databases().await.remove(0);
    let db = Db::open(database.url.clone()).await.expect("a database");
    let (provider, intent) = (provider(&stripe, &db), held(&stripe).await);
    let reference = |number| MovementReference {
        payment_id: Uuid::nil(),
        number,
    };
    let status = async || provider.retrieve(&intent).await.expect("an answer").status;
    assert_eq!(status().await, ProviderStatus::Authorised);
    provider
        .capture(&intent, reference(2), euro(4000))
        .await
        .expect("an answer")
        .expect("done");
    assert!(matches!(status().await, ProviderStatus::Captured(_)));

    assert_eq!(
        provider
            .retrieve_refund(&intent, reference(3))
            .await
            .expect("an answer"),
        None
    );
    let given = provider
        .refund(&intent, reference(3), euro(1500))
        .await
        .expect("an answer");
    assert_eq!(given, Ok(MovementStatus::Done));
    let found = provider
        .retrieve_refund(&intent, reference(3))
        .await
        .expect("an answer");
    assert_eq!(found, Some(MovementStatus::Done));
}

#[tokio::test]
async fn intent_is_cancelled() {
    let Some(stripe) = LocalStripe::start().await else {
        return;
    };
    let database = databases().await.remove(0);
    let db = Db::open(database.url.clone()).await.expect("a database");
    let (provider, intent) = (provider(&stripe, &db), held(&stripe).await);
    let reference = MovementReference {
        payment_id: Uuid::nil(),
        number: 2,
    };
    provider
        .cancel(&intent, reference)
        .await
        .expect("an answer")
        .expect("done");
    assert_eq!(
        provider.retrieve(&intent).await.expect("an answer").status,
        ProviderStatus::Voided
    );
}
