//! Log lines of frontends and BFFs that do not answer.

use serde_json::Value;
use testkit::wiremock::ResponseTemplate;
use testkit::{FaultyServer, Log};

use crate::shop::{html, serve, shop, shop_with_api_at, shop_with_pages_at};

/// The only line with this message. The shell's error page has fragments, which may be missing as well.
fn only(log: &Log, message: &str) -> Value {
    let mut lines = log.errors();
    lines.retain(|line| line["message"] == message);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

#[tokio::test]
async fn missing_page_is_logged_once_with_the_cause() {
    for lost in FaultyServer::all().await {
        let shop = shop_with_pages_at(&[&lost.url]).await;
        let log = Log::listen();
        let status = shop.shell.page("/page/x").await.0;
        assert_eq!(status, if lost.cause == "timeout" { 504 } else { 503 });
        let line = only(&log, "a page is missing");
        assert_eq!(
            (&line["path"], &line["cause"]),
            (&"/page/x".into(), &lost.cause.into()),
            "{line}"
        );
        assert!(line["upstream"].as_str().unwrap().starts_with(&lost.url), "{line}");
    }
}

#[tokio::test]
async fn unanswered_api_is_logged_once_with_the_cause() {
    for lost in FaultyServer::all().await {
        let shop = shop_with_api_at(&lost.url, 60).await;
        let log = Log::listen();
        assert_eq!(shop.shell.get("/pages/api/cart").await.0, 503);
        let line = log.error();
        assert_eq!(line["message"], "an API does not answer");
        assert_eq!(
            (&line["path"], &line["cause"]),
            (&"/cart".into(), &lost.cause.into()),
            "{line}"
        );
    }
}

/// Even a nested one: it is logged where its replacement is chosen.
#[tokio::test]
async fn missing_fragment_is_logged_once() {
    let shop = shop().await;
    let outer = "<esi:include src='/parts/fragments/gone'/>";
    serve(&shop.parts, "/parts/fragments/outer", html(outer)).await;
    serve(&shop.parts, "/parts/fragments/gone", ResponseTemplate::new(503)).await;
    let include = "<esi:include src='/parts/fragments/outer'/>";
    let tried = format!("<esi:try><esi:attempt>{include}</esi:attempt><esi:except>sorry</esi:except></esi:try>");
    serve(&shop.pages, "/", html(&tried)).await;
    let log = Log::listen();
    assert_eq!(shop.shell.page("/").await.1, "sorry");
    let line = log.error();
    assert_eq!(line["message"], "a fragment is missing");
    let fields = (&line["path"], &line["instead"]);
    assert_eq!(
        fields,
        (&"/parts/fragments/gone".into(), &"the fallback".into()),
        "{line}"
    );
    assert_eq!(line["error"], "it answered with 503 Service Unavailable");
}
