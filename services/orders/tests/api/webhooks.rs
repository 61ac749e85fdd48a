//! Webhooks: events are signed, in sequence and never lost.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::orders::{App, Config};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use service::Part;
use storage::Db;
use testkit::wiremock::matchers::any;
use testkit::wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};
use testkit::{Running, databases, repository};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::neighbours::Neighbours;
use crate::{STEP_TIMEOUT, config, pointers, post, request};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A receiver that answers with these statuses in turn, and then with 204.
#[derive(Clone, Default)]
struct Listener {
    statuses: Arc<Mutex<Vec<u16>>>,
    received: Arc<Mutex<Vec<(Value, bool)>>>,
    secret: Arc<Mutex<String>>,
}

impl Respond for Listener {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut statuses = self.statuses.lock().unwrap();
        let status = if statuses.is_empty() { 204 } else { statuses.remove(0) };
        let genuine = is_genuine(request, &self.secret.lock().unwrap());
        let event: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(request.headers["webhook-id"], *event["id"].as_str().unwrap());
        assert_eq!(request.headers["traceparent"], *event["traceparent"].as_str().unwrap());
        if status < 300 {
            self.received.lock().unwrap().push((event, genuine));
        }
        ResponseTemplate::new(status)
    }
}

/// Verifies a signature as the Standard Webhooks specification demands of receivers.
fn is_genuine(request: &Request, secret: &str) -> bool {
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    let key = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mut signed = format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&request.body);
    let signature = header("webhook-signature");
    let signature = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    hmac::verify(&key, &signed, &signature).is_ok()
}

impl Listener {
    async fn listen(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(self.clone()).mount(&server).await;
        server
    }

    fn answers(&self, statuses: &[u16]) {
        *self.statuses.lock().unwrap() = statuses.to_vec();
    }

    /// Waits for this many events, and returns their types.
    async fn receives(&self, many: usize) -> Vec<String> {
        let waiting = async {
            while self.received.lock().unwrap().len() < many {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        let received = self.received.lock().unwrap();
        assert!(waited.is_ok(), "only {} received", received.len());
        assert!(received.iter().all(|(_, genuine)| *genuine));
        let kind = |event: &Value| event["type"].as_str().unwrap().to_owned();
        received.iter().map(|(event, _)| kind(event)).collect()
    }
}

async fn start(config: Config) -> Running {
    let app = App::start(Config {
        worker_ms: 20,
        ..config
    })
    .await;
    Running::start(app.expect("orders start")).await
}

async fn register(orders: &Running, listener: &Listener, server: &MockServer, types: &[&str]) -> Value {
    let input = json!({ "url": server.uri(), "types": types });
    let (status, webhook) = orders.put(&format!("/webhooks/{ID}"), &input).await;
    assert_eq!(status, 200, "{webhook}");
    let secret = webhook["secret"].as_str().unwrap();
    secret.clone_into(&mut listener.secret.lock().unwrap());
    webhook
}

#[tokio::test]
async fn webhook_is_sent_each_event_once_and_in_sequence() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        assert_eq!(post(&orders, "before", &request()).await.0, 201);
        register(&orders, &listener, &server, &[]).await;
        // Earlier events are not sent. An event that is refused is sent again.
        listener.answers(&[500, 204, 404]);
        assert_eq!(post(&orders, "after", &request()).await.0, 201);
        let received = listener.receives(3).await;
        let expected = ["placed", "confirmed", "completed"].map(|what| format!("orders.order-{what}.v1"));
        assert_eq!(received, expected);
        let (_, webhook) = orders.get(&format!("/webhooks/{ID}")).await;
        assert_eq!(
            (&webhook["failing_since"], &webhook["disabled_at"]),
            (&Value::Null, &Value::Null)
        );
    }
}

/// A receiver with a certificate of a private authority.
struct HttpsReceiver {
    url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl HttpsReceiver {
    async fn listen() -> Self {
        let certificate = CertificateDer::from_pem_file(tls("server.pem"));
        let key = PrivateKeyDer::from_pem_file(tls("server.key"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.unwrap()], key.unwrap())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/hook?of=orders", listener.local_addr().unwrap());
        let received = Arc::<Mutex<Vec<String>>>::default();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(answer(listener, acceptor, Arc::clone(&received)));
        Self { url, received }
    }
}

fn tls(file: &str) -> PathBuf {
    repository("services/orders/tests/api/tls").join(file)
}

/// Serves one request per connection, and records its request line and event type.
async fn answer(listener: TcpListener, tls: TlsAcceptor, received: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(mut stream) = tls.accept(stream).await else {
            continue;
        };
        let mut text = String::new();
        while !text.ends_with('}') {
            let mut some = [0; 4096];
            match stream.read(&mut some).await {
                Ok(many @ 1..) => text.push_str(std::str::from_utf8(&some[..many]).unwrap()),
                _ => break,
            }
        }
        let event: Value = serde_json::from_str(text.split("\r\n\r\n").last().unwrap()).unwrap();
        let line = text.lines().next().unwrap();
        received
            .lock()
            .unwrap()
            .push(format!("{line} {}", event["type"].as_str().unwrap()));
        let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.ok();
    }
}

/// A private root is trusted only if it is configured.
#[tokio::test]
async fn https_webhook_needs_a_trusted_certificate() {
    for database in databases().await {
        let (neighbours, receiver) = (Neighbours::start().await, HttpsReceiver::listen().await);
        let plain = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let orders = start(plain).await;
        let input = json!({ "url": receiver.url, "types": ["orders.order-completed.v1"] });
        let path = format!("/webhooks/{ID}");
        assert_eq!(orders.put(&path, &input).await.0, 200);
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        until(async || orders.get(&path).await.1["failing_since"].is_string()).await;
        assert!(receiver.received.lock().unwrap().is_empty());
        drop(orders);

        let believing = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let extra_roots = Some(tls("root.pem"));
        let orders = start(Config {
            https: https::Settings { extra_roots },
            ..believing
        })
        .await;
        // As an operator does after the repair.
        assert_eq!(orders.put(&path, &input).await.0, 200);
        until(async || !receiver.received.lock().unwrap().is_empty()).await;
        let requests = receiver.received.lock().unwrap().clone();
        assert_eq!(requests, ["POST /hook?of=orders HTTP/1.1 orders.order-completed.v1"]);
    }
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    waited.expect("the condition holds in time");
}

#[tokio::test]
async fn webhook_is_sent_only_its_types() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        register(&orders, &listener, &server, &["orders.order-completed.v1"]).await;
        for key in ["one", "two"] {
            assert_eq!(post(&orders, key, &request()).await.0, 201);
        }
        assert_eq!(listener.receives(2).await, ["orders.order-completed.v1"; 2]);
    }
}

#[tokio::test]
async fn events_are_sent_after_a_restart_and_can_be_replayed() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let still = config(&database.url, &neighbours.url(), STEP_TIMEOUT);
        let orders = Running::start(App::start(still).await.unwrap()).await;
        register(&orders, &listener, &server, &[]).await;
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        assert!(listener.received.lock().unwrap().is_empty());
        drop(orders);

        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        listener.receives(3).await;
        let last = listener.received.lock().unwrap()[1].0["id"].clone();
        let replay = async |after: Value| {
            let path = format!("/webhooks/{ID}/replay");
            let request = orders
                .request(reqwest::Method::POST, &path)
                .json(&json!({ "after": after }));
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(replay(last).await, 202);
        listener.receives(4).await;
        assert_eq!(replay(Value::Null).await, 202);
        assert_eq!(listener.receives(7).await[3], "orders.order-completed.v1");
        assert_eq!(replay(json!("01890a5d-ac96-774b-bcce-b302099a8057")).await, 422);
    }
}

#[tokio::test]
async fn webhooks_can_be_created_changed_and_deleted() {
    for database in databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        let path = format!("/webhooks/{ID}");
        for (input, wrong) in [
            (json!({ "url": "file:///etc/passwd" }), "#/url"),
            (json!({ "url": "http://a:b@c/" }), "#/url"),
            (
                json!({ "url": "http://example.org", "types": ["orders.everything"] }),
                "#/types/0",
            ),
        ] {
            let (status, problem) = orders.put(&path, &input).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![wrong]), "{problem}");
        }
        assert_eq!(orders.get(&path).await.0, 404);
        let (_, made) = orders.put(&path, &json!({ "url": "http://127.0.0.1:9/" })).await;
        let (_, changed) = orders.put(&path, &json!({ "url": "http://127.0.0.1:9/other" })).await;
        assert_eq!(made["secret"], changed["secret"], "the secret does not change");
        let (_, all) = orders.get("/webhooks").await;
        assert_eq!(all["items"][0]["url"], "http://127.0.0.1:9/other");
        assert!(all["items"][0]["secret"].is_null());
        for _ in 0..2 {
            assert_eq!(orders.delete(&path).await.0, 204);
        }
        assert_eq!(orders.get("/webhooks").await.1, json!({ "items": [] }));
    }
}

/// An empty key would make signatures that anybody can make.
#[tokio::test]
async fn webhook_with_a_broken_secret_is_sent_nothing() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP_TIMEOUT)).await;
        register(&orders, &listener, &server, &[]).await;
        let db = Db::open(database.url.clone()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        storage::execute!(&mut tx, "update webhooks set secret = 'whsec_?'").unwrap();
        tx.commit().await.unwrap();
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        let (status, problem) = orders.get(&format!("/webhooks/{ID}")).await;
        assert_eq!(status, 500, "{problem}");
        assert!(!problem.to_string().contains("whsec"), "{problem}");
        assert_eq!(orders.get("/webhooks").await.1["items"][0]["id"], ID);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(server.received_requests().await.unwrap().len(), 0);
    }
}

/// In every spelling of an address.
#[tokio::test]
async fn webhook_to_a_private_network_is_refused() {
    for database in databases().await {
        let neighbours = Neighbours::start().await;
        let config = Config {
            webhook_private: ::orders::PrivateWebhooks::Refuse,
            ..config(&database.url, &neighbours.url(), STEP_TIMEOUT)
        };
        let orders = Running::start(App::start(config).await.unwrap()).await;
        for inside in [
            "http://127.0.0.1:4106/payments",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://localhost:4106/",
            "http://LOCALHOST./",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://192.168.0.1/",
            "http://payments/",
            "http://db.internal/",
        ] {
            let (status, problem) = orders.put(&format!("/webhooks/{ID}"), &json!({ "url": inside })).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec!["#/url"]), "{inside}");
        }
        let (status, _) = orders
            .put(&format!("/webhooks/{ID}"), &json!({ "url": "https://example.org/" }))
            .await;
        assert_eq!(status, 200);
    }
}
