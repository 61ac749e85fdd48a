//! The double against Stripe's own client and type declarations, if they and Node are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use service::Part;
use stripe_double::App;
use tempfile::TempDir;
use testkit::Running;

use crate::{Double, SESSION_FORM, config};

/// The folder of the check. Returns none if something is missing, which is a failure with `STOA_TEST_STRIPE_CLIENT=require`.
fn material() -> Option<PathBuf> {
    testkit::has_node_packages(&["stripe", "typescript"], "STOA_TEST_STRIPE_CLIENT")
        .then(|| testkit::repository("services/payments/stripe-double/check"))
}

/// Runs a program, and returns whether it succeeded and its output.
async fn run(program: PathBuf, arguments: Vec<String>) -> (bool, String) {
    let node = move || Command::new("node").arg(program).args(arguments).output();
    let output = tokio::task::spawn_blocking(node).await.expect("it ends").expect("node");
    let output_text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&output_text).into_owned(),
    )
}

fn write(folder: &Path, requests: &Value) -> String {
    let path = folder.join("requests.json");
    std::fs::write(&path, requests.to_string()).expect("a file");
    path.display().to_string()
}

/// The recorded requests of everything that payments does.
async fn requests() -> Value {
    let double = Double::start().await;
    let intent = double.captured().await;
    let refund = format!("payment_intent={intent}&amount=1000&metadata[reference]=r-1");
    double.create("/v1/refunds", &refund).await;
    let held = double.paid().await;
    double.create(&format!("/v1/payment_intents/{held}/cancel"), "").await;
    let session = double.session().await;
    double
        .create(&format!("/v1/checkout/sessions/{session}/expire"), "")
        .await;
    double.get("/double/requests").await.1
}

#[tokio::test]
async fn stripes_client_works_with_the_double() {
    let Some(check) = material() else { return };
    let folder = tempfile::tempdir().unwrap();
    let port = testkit::free_port();
    let webhooks = format!("http://127.0.0.1:{port}/");
    let double = Running::start(App::start(config(&folder, &webhooks)).await.unwrap()).await;
    let requests = write(folder.path(), &requests().await);
    let arguments = vec![
        double.url.clone(),
        requests,
        "--webhook-port".to_owned(),
        port.to_string(),
    ];
    let (succeeded, output_text) = run(check.join("run.mjs"), arguments).await;
    assert!(succeeded, "{output_text}");
}

#[tokio::test]
async fn undeclared_requests_and_answers_are_reported() {
    let Some(check) = material() else { return };
    let double = Double::start().await;
    double.create("/v1/checkout/sessions", SESSION_FORM).await;
    let (_, requests) = double.get("/double/requests").await;
    let folder = TempDir::new().unwrap();
    for (pointer, value, message) in [
        ("/0/params/colour", json!("red"), "\"colour\"' does not exist"),
        ("/0/params/mode", json!("rent"), "\"rent\"' is not assignable"),
        (
            "/0/params/line_items/0/quantity",
            json!("1"),
            "'string' is not assignable to type 'number'",
        ),
        ("/0/answer/colour", json!("red"), "\"colour\"' does not exist"),
        ("/0/answer/status", json!("done"), "\"done\"' is not assignable"),
        ("/0/path", json!("/v1/customers"), "no such call"),
    ] {
        let mut wrong = requests.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[name] = value;
        let path = write(folder.path(), &wrong);
        let (succeeded, output_text) = run(check.join("types.mjs"), vec![path]).await;
        assert!(!succeeded && output_text.contains(message), "{pointer}: {output_text}");
    }
}
