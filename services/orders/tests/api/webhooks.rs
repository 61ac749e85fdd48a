//! Other systems follow orders: signed, in order, nothing lost.

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
use crate::{STEP, config, pointers, post, request};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Who is told: answers with these statuses, one after the other, and then with 204.
#[derive(Clone, Default)]
struct Listener {
    statuses: Arc<Mutex<Vec<u16>>>,
    heard: Arc<Mutex<Vec<(Value, bool)>>>,
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
            self.heard.lock().unwrap().push((event, genuine));
        }
        ResponseTemplate::new(status)
    }
}

/// As a receiver verifies it: see the Standard Webhooks specification.
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

    /// Waits until so many events have been heard, and says which.
    async fn hears(&self, many: usize) -> Vec<String> {
        let waiting = async {
            while self.heard.lock().unwrap().len() < many {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        let heard = self.heard.lock().unwrap();
        assert!(waited.is_ok(), "heard only {}", heard.len());
        assert!(heard.iter().all(|(_, genuine)| *genuine));
        let kind = |event: &Value| event["type"].as_str().unwrap().to_owned();
        heard.iter().map(|(event, _)| kind(event)).collect()
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
    let wish = json!({ "url": server.uri(), "types": types });
    let (status, webhook) = orders.put(&format!("/webhooks/{ID}"), &wish).await;
    assert_eq!(status, 200, "{webhook}");
    let secret = webhook["secret"].as_str().unwrap();
    secret.clone_into(&mut listener.secret.lock().unwrap());
    webhook
}

#[tokio::test]
async fn everything_is_heard_once_and_in_order() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
        assert_eq!(post(&orders, "before", &request()).await.0, 201);
        register(&orders, &listener, &server, &[]).await;
        // What happened before is not for this one; and nobody who says no keeps events from arriving.
        listener.answers(&[500, 204, 404]);
        assert_eq!(post(&orders, "after", &request()).await.0, 201);
        let heard = listener.hears(3).await;
        let expected = ["placed", "confirmed", "completed"].map(|what| format!("orders.order-{what}.v1"));
        assert_eq!(heard, expected);
        let (_, webhook) = orders.get(&format!("/webhooks/{ID}")).await;
        assert_eq!(
            (&webhook["failing_since"], &webhook["disabled_at"]),
            (&Value::Null, &Value::Null)
        );
    }
}

/// A receiver with a certificate that a company has made itself.
struct Secure {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Secure {
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
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(answer(listener, acceptor, Arc::clone(&heard)));
        Self { url, heard }
    }
}

fn tls(file: &str) -> PathBuf {
    repository("services/orders/tests/api/tls").join(file)
}

/// One request a connection, of which the first line and the type are remembered.
async fn answer(listener: TcpListener, tls: TlsAcceptor, heard: Arc<Mutex<Vec<String>>>) {
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
        heard
            .lock()
            .unwrap()
            .push(format!("{line} {}", event["type"].as_str().unwrap()));
        let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.ok();
    }
}

/// Whoever has no certificate that is believed hears nothing; a company's own root is believed where it is told.
#[tokio::test]
async fn what_goes_by_https_goes_to_whom_it_is_for() {
    for database in databases().await {
        let (neighbours, receiver) = (Neighbours::start().await, Secure::listen().await);
        let plain = config(&database.url, &neighbours.url(), STEP);
        let orders = start(plain).await;
        let wish = json!({ "url": receiver.url, "types": ["orders.order-completed.v1"] });
        let path = format!("/webhooks/{ID}");
        assert_eq!(orders.put(&path, &wish).await.0, 200);
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        until(async || orders.get(&path).await.1["failing_since"].is_string()).await;
        assert!(receiver.heard.lock().unwrap().is_empty());
        drop(orders);

        let believing = config(&database.url, &neighbours.url(), STEP);
        let extra_roots = Some(tls("root.pem"));
        let orders = start(Config {
            https: https::Settings { extra_roots },
            ..believing
        })
        .await;
        // As an operator does who has mended it.
        assert_eq!(orders.put(&path, &wish).await.0, 200);
        until(async || !receiver.heard.lock().unwrap().is_empty()).await;
        let heard = receiver.heard.lock().unwrap().clone();
        assert_eq!(heard, ["POST /hook?of=orders HTTP/1.1 orders.order-completed.v1"]);
    }
}

async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    waited.expect("it becomes so");
}

#[tokio::test]
async fn only_what_is_wanted_is_sent() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
        register(&orders, &listener, &server, &["orders.order-completed.v1"]).await;
        for key in ["one", "two"] {
            assert_eq!(post(&orders, key, &request()).await.0, 201);
        }
        assert_eq!(listener.hears(2).await, ["orders.order-completed.v1"; 2]);
    }
}

/// Another process goes on where this one stopped, and what was missed can be had again.
#[tokio::test]
async fn nothing_is_lost_by_a_restart_and_all_can_be_replayed() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let still = config(&database.url, &neighbours.url(), STEP);
        let orders = Running::start(App::start(still).await.unwrap()).await;
        register(&orders, &listener, &server, &[]).await;
        assert_eq!(post(&orders, "key", &request()).await.0, 201);
        assert!(listener.heard.lock().unwrap().is_empty());
        drop(orders);

        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
        listener.hears(3).await;
        let last = listener.heard.lock().unwrap()[1].0["id"].clone();
        let replay = async |after: Value| {
            let path = format!("/webhooks/{ID}/replay");
            let request = orders
                .request(reqwest::Method::POST, &path)
                .json(&json!({ "after": after }));
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(replay(last).await, 202);
        listener.hears(4).await;
        assert_eq!(replay(Value::Null).await, 202);
        assert_eq!(listener.hears(7).await[3], "orders.order-completed.v1");
        assert_eq!(replay(json!("01890a5d-ac96-774b-bcce-b302099a8057")).await, 422);
    }
}

#[tokio::test]
async fn webhooks_are_made_changed_and_forgotten() {
    for database in databases().await {
        let neighbours = Neighbours::start().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
        let path = format!("/webhooks/{ID}");
        for (wish, wrong) in [
            (json!({ "url": "file:///etc/passwd" }), "#/url"),
            (json!({ "url": "http://a:b@c/" }), "#/url"),
            (
                json!({ "url": "http://example.org", "types": ["orders.everything"] }),
                "#/types/0",
            ),
        ] {
            let (status, problem) = orders.put(&path, &wish).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![wrong]), "{problem}");
        }
        assert_eq!(orders.get(&path).await.0, 404);
        let (_, made) = orders.put(&path, &json!({ "url": "http://127.0.0.1:9/" })).await;
        let (_, changed) = orders.put(&path, &json!({ "url": "http://127.0.0.1:9/other" })).await;
        assert_eq!(made["secret"], changed["secret"], "receivers need not change anything");
        let (_, all) = orders.get("/webhooks").await;
        assert_eq!(all["items"][0]["url"], "http://127.0.0.1:9/other");
        assert!(all["items"][0]["secret"].is_null());
        for _ in 0..2 {
            assert_eq!(orders.delete(&path).await.0, 204);
        }
        assert_eq!(orders.get("/webhooks").await.1, json!({ "items": [] }));
    }
}

/// Where the secret in the database is none, nothing is sent: an empty key would sign what anybody can sign, too.
#[tokio::test]
async fn webhook_without_a_secret_is_sent_nothing() {
    for database in databases().await {
        let (neighbours, listener) = (Neighbours::start().await, Listener::default());
        let server = listener.listen().await;
        let orders = start(config(&database.url, &neighbours.url(), STEP)).await;
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

/// Nobody makes orders call the shop's own machines, by whatever spelling.
#[tokio::test]
async fn a_webhook_leads_outside() {
    for database in databases().await {
        let neighbours = Neighbours::start().await;
        let config = Config {
            webhook_private: ::orders::Private::Refuse,
            ..config(&database.url, &neighbours.url(), STEP)
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
