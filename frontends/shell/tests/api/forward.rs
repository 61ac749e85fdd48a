//! What passes the edge, and what does not.

use reqwest::Method;
use testkit::wiremock::ResponseTemplate;

use crate::shop::{html, serve, shop, shop_without_pages};

#[tokio::test]
async fn api_calls_go_to_the_bff() {
    let shop = shop().await;
    serve(
        &shop.api,
        "/cart/lines",
        ResponseTemplate::new(200).set_body_raw("{}", "application/json"),
    )
    .await;
    let request = shop
        .shell
        .request(Method::POST, "/pages/api/cart/lines?a=b")
        .header("cookie", "cart=1")
        .body("x");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let asked = &shop.api.received_requests().await.unwrap()[0];
    assert_eq!(
        (asked.url.query(), &asked.headers["cookie"].to_str().unwrap()),
        (Some("a=b"), &"cart=1")
    );
    assert_eq!(asked.body, b"x");
}

/// They were made small ahead of time, smaller than the shell could make them.
#[tokio::test]
async fn assets_pass_as_they_were_made() {
    let shop = shop().await;
    let asset = ResponseTemplate::new(200).insert_header("content-encoding", "br");
    serve(
        &shop.pages,
        "/pages/assets/hash/islands.js",
        asset.set_body_raw("small", "text/javascript"),
    )
    .await;
    let request = shop.shell.request(Method::GET, "/pages/assets/hash/islands.js");
    let answer = request.header("accept-encoding", "br").send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "br");
    assert_eq!(answer.text().await.unwrap(), "small");
    let asked = &shop.pages.received_requests().await.unwrap()[0];
    assert_eq!(asked.headers["accept-encoding"].to_str().unwrap(), "br");
}

#[tokio::test]
async fn unknown_paths_are_pages_that_say_so() {
    let shop = shop().await;
    for path in [
        "/nothing",
        "/pages/other",
        "/page/",
        "/parts/api/x",
        "/unknown/fragments/x",
    ] {
        let (status, text) = shop.shell.page(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(text.contains("Nothing here"), "{path}");
    }
}

#[tokio::test]
async fn a_dead_frontend_is_a_page_that_says_so() {
    let shop = shop_without_pages().await;
    let (status, text) = shop.shell.page("/page/x").await;
    assert_eq!(status, 503);
    assert!(text.contains("One moment"), "{text}");
}

#[tokio::test]
async fn a_hung_frontend_is_given_up() {
    let shop = shop().await;
    serve(
        &shop.pages,
        "/page/x",
        html("never").set_delay(std::time::Duration::from_secs(30)),
    )
    .await;
    assert_eq!(shop.shell.page("/page/x").await.0, 504);
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let shop = shop().await;
    serve(&shop.pages, "/page/x", html("ok")).await;
    let post = |name: &str, value: &str| shop.shell.request(Method::POST, "/page/x").header(name, value).send();
    assert_eq!(post("origin", "https://elsewhere.test").await.unwrap().status(), 403);
    assert_eq!(post("sec-fetch-site", "cross-site").await.unwrap().status(), 403);
    assert_eq!(post("origin", &shop.shell.url).await.unwrap().status(), 200);
    assert_eq!(post("sec-fetch-site", "same-origin").await.unwrap().status(), 200);
}

#[tokio::test]
async fn paths_with_tricks_are_refused() {
    let shop = shop().await;
    let address = shop.shell.url.strip_prefix("http://").unwrap();
    for path in [
        "/pages/assets/../../x",
        "/page/%2e%2e/x",
        "//page/x",
        "/page/a%2fb",
        "/page/%00",
    ] {
        assert_eq!(raw_status(address, path).await, 400, "{path}");
    }
}

/// Clients tidy such paths up before they send them; an attacker does not.
async fn raw_status(address: &str, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_page_is_under_a_strict_policy() {
    let shop = shop().await;
    serve(&shop.pages, "/", html("<esi:include src=\"/shell/fragments/head\"/>")).await;
    let response = shop.shell.request(Method::GET, "/").send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    let head = response.text().await.unwrap();
    let path = head.split('"').find(|part| part.ends_with("base.css")).unwrap();
    let style = shop.shell.request(Method::GET, path).send().await.unwrap();
    assert_eq!(
        (
            style.status().as_u16(),
            style.headers()["cache-control"].to_str().unwrap()
        ),
        (200, "public, max-age=31536000, immutable")
    );
}

#[tokio::test]
async fn the_icon_needs_no_request_of_its_own() {
    let shop = shop().await;
    let (_, head) = shop.shell.page("/shell/fragments/head").await;
    assert!(
        head.contains("href=\"data:image/svg+xml,&lt;svg fill='%239a4428'/&gt;\""),
        "{head}"
    );
}
