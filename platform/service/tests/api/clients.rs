//! The client that a request is made for: determined at the edge, passed on from part to part.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::HeaderMap;
use service::{BoxError, Client, Context, Json, Part, Problem, RateLimiter, Settings};

use crate::{NoConfig, client, serve};

/// What a part behind the edge knows: client, TLS, `tracestate`, whether there is a deadline.
type Heard = (Option<IpAddr>, bool, Option<String>, bool);

/// Behind the edge: returns what it knows.
#[derive(Clone)]
struct Inner(RateLimiter<IpAddr>);

impl Part for Inner {
    const NAME: &'static str = "inner";
    const ABOUT: &'static str = "returns what it knows";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        let once = async |State(Self(rate)): State<Self>| rate.check_client();
        Router::new()
            .route("/heard", get(hear))
            .route("/once", get(once))
            .with_state(self)
    }
}

async fn hear(headers: HeaderMap) -> Json<Heard> {
    let context = Context::current();
    let has_deadline = context.time_left(Duration::from_hours(1)) < Duration::from_mins(1);
    let state = headers
        .get("tracestate")
        .map(|state| state.to_str().unwrap().to_owned());
    Json((context.client(), context.is_secure(), state, has_deadline))
}

/// The edge, in front of it.
#[derive(Clone)]
struct Edge(Client);

impl Part for Edge {
    const NAME: &'static str = "edge";
    const ABOUT: &'static str = "asks behind";
    const LISTEN: &'static str = "127.0.0.1:0";
    const IS_EDGE: bool = true;
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        let here = async || Json(Context::current().time_left(Duration::from_secs(9)).as_secs());
        let behind = async |State(Self(inner)): State<Self>| -> Result<Json<Heard>, Problem> {
            Ok(Json(inner.get(&["heard"]).send().await?))
        };
        let once =
            async |State(Self(inner)): State<Self>| -> Result<(), Problem> { Ok(inner.get(&["once"]).done().await?) };
        Router::new()
            .route("/here", get(here))
            .route("/behind", get(behind))
            .route("/once", get(once))
            .with_state(self)
    }
}

async fn shop(trusted_proxies: &[&str]) -> (service::Server, service::Server, String) {
    let rate = RateLimiter::new("test", 1, Duration::from_hours(1));
    let (inner, inner_url) = serve(Inner(rate), &Settings::default()).await;
    let settings = Settings {
        trusted_proxies: trusted_proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
        ..Settings::default()
    };
    let (edge, url) = serve(Edge(client("inner", &inner_url)), &settings).await;
    (inner, edge, url)
}

async fn ask(url: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let mut request = testkit::client().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn internal_headers_of_clients_are_ignored() {
    let (_inner, _edge, url) = shop(&[]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let words = [
        ("x-deadline-ms", "1"),
        ("traceparent", &format!("00-{trace}-00f067aa0ba902b7-00")),
        ("tracestate", "a=1"),
        ("forwarded", "for=192.0.2.1;proto=https"),
        ("x-forwarded-for", "192.0.2.1"),
    ];
    assert_eq!(ask(&format!("{url}/here"), &words).await.text().await.unwrap(), "9");
    let heard: Heard = ask(&format!("{url}/behind"), &words).await.json().await.unwrap();
    assert_eq!(heard, (Some([127, 0, 0, 1].into()), false, None, true));
}

#[tokio::test]
async fn trusted_proxy_names_its_client() {
    let (_inner, _edge, url) = shop(&["127.0.0.0/8"]).await;
    for (words, client, is_secure) in [
        (("forwarded", "for=\"[2001:db8::1]\";proto=https"), "2001:db8::1", true),
        (("x-forwarded-for", "198.51.100.1, 192.0.2.1"), "192.0.2.1", false),
    ] {
        let heard: Heard = ask(&format!("{url}/behind"), &[words]).await.json().await.unwrap();
        assert_eq!(
            (heard.0, heard.1),
            (Some(client.parse().unwrap()), is_secure),
            "{words:?}"
        );
    }
}

#[tokio::test]
async fn rate_limit_counts_per_client_and_is_passed_on_by_every_part() {
    let (inner, _edge, url) = shop(&["127.0.0.1/32"]).await;
    let once = format!("{url}/once");
    let from = async |client: &str| ask(&once, &[("forwarded", &format!("for=\"{client}\""))]).await;
    assert_eq!(from("[2001:db8::1]").await.status(), 200);
    let refused = from("[2001:db8::2]").await;
    assert_eq!(refused.status(), 429);
    let seconds: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3000..=3600).contains(&seconds), "{seconds}");
    assert!(refused.text().await.unwrap().contains("urn:problem:too-many-requests"));
    assert_eq!(from("[2001:db8:0:1::1]").await.status(), 200, "another network");
    for _ in 0..3 {
        let nobodys = ask(&format!("http://{}/once", inner.address), &[]).await;
        assert_eq!(nobodys.status(), 200, "a part that calls without a client");
    }
}
