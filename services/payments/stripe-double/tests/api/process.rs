//! The double as a process that is killed and restarted.

use std::process::{Child, Stdio};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{GOOD, KEY, SESSION_FORM};

struct Process {
    child: Child,
    url: String,
    http: Client,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Process {
    async fn start(folder: &TempDir) -> Self {
        let address = format!("127.0.0.1:{}", testkit::free_port());
        let url = format!("http://{address}");
        let mut command = testkit::command(env!("CARGO_BIN_EXE_stripe-double"));
        command
            .env("STOA_LISTEN", &address)
            .env("STOA_PUBLIC_URL", format!("{url}/"))
            .env("STOA_WEBHOOK_URL", "http://127.0.0.1:9/")
            .env(
                "STOA_DATABASE_URL",
                format!("sqlite:{}", folder.path().join("double.db").display()),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Self {
            child: command.spawn().expect("the double"),
            url,
            http: testkit::client(),
        };
        for _ in 0..1000 {
            let ready = process.http.get(format!("{}/health/ready", process.url));
            if ready.send().await.is_ok() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the double does not start");
    }

    async fn ask(&self, request: RequestBuilder) -> Value {
        request
            .bearer_auth(KEY)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(self.http.get(format!("{}{path}", self.url))).await
    }

    fn form(&self, url: &str, form: &str) -> RequestBuilder {
        let request = self.http.post(url).body(form.to_owned());
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    async fn session(&self) -> Value {
        let url = format!("{}/v1/checkout/sessions", self.url);
        self.ask(self.form(&url, SESSION_FORM)).await
    }

    fn pay(&self, path: &str) -> RequestBuilder {
        let fields = format!("email=ada%40example.org&number={GOOD}&expiry=12%2F49&cvc=123");
        self.form(&format!("{}{path}", self.url), &fields)
    }
}

fn path(session: &Value) -> String {
    format!("/c/pay/{}", session["id"].as_str().expect("a session"))
}

#[tokio::test]
async fn state_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder).await;
    let session = process.session().await;
    assert_eq!(session["url"], format!("{}{}", process.url, path(&session)));
    assert_eq!(process.pay(&path(&session)).send().await.unwrap().status(), 303);
    drop(process);

    let process = Process::start(&folder).await;
    let found = process
        .get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap()))
        .await;
    assert_eq!(found["status"], "complete");
    let events = process.get("/v1/events").await;
    assert_eq!(events["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn process_can_exit_once_between_charge_and_response() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&folder).await;
    let session = process.session().await;
    let behaviour = process.http.put(format!("{}/double/behaviour", process.url));
    process
        .ask(behaviour.json(&json!({ "dies": "after_charge", "refunds": "pending" })))
        .await;
    assert!(process.pay(&path(&session)).send().await.is_err());
    assert_eq!(process.child.wait().unwrap().code(), Some(1));
    drop(process);

    let process = Process::start(&folder).await;
    let charges = process.get("/double/charges").await;
    assert_eq!(
        (charges.as_array().unwrap().len(), &charges[0]["status"]),
        (1, &json!("requires_capture"))
    );
    let behaviour = process.get("/double/behaviour").await;
    assert_eq!(
        (&behaviour["dies"], &behaviour["refunds"]),
        (&json!("never"), &json!("pending"))
    );
    assert_eq!(process.pay(&path(&session)).send().await.unwrap().status(), 303);
    let charges = process.get("/double/charges").await;
    assert_eq!(charges.as_array().unwrap().len(), 1);
}

#[test]
fn process_refuses_a_setting_that_is_misspelt() {
    let mut command = testkit::command(env!("CARGO_BIN_EXE_stripe-double"));
    let output = command.env("STOA_LISTN", "127.0.0.1:0").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("'STOA_LISTN'") && error.contains("did you mean 'STOA_LISTEN'?"),
        "{error}"
    );
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    let mut command = testkit::command(env!("CARGO_BIN_EXE_stripe-double"));
    command
        .env("STOA_DATABASE_URL", "postgres://stoa:sesame@127.0.0.1/double")
        .env("STOA_STRIPE_KEY", "sesame")
        .env("STOA_STRIPE_WEBHOOK_SECRET", "sesame");
    let output = command.arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(help.contains("STOA_STRIPE_KEY") && !help.contains("sesame"), "{help}");
}
