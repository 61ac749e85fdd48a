//! Forwarding requests to frontends and BFFs.

use reqwest::Method;
use testkit::wiremock::ResponseTemplate;

use crate::shop::{html, serve, shop, shop_without_pages};

#[tokio::test]
async fn api_calls_are_forwarded_to_the_bff() {
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

/// They were compressed in advance, better than the shell could do it.
#[tokio::test]
async fn assets_are_passed_on_unchanged() {
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
async fn unknown_path_is_a_404_page() {
    let shop = shop().await;
    for path in ["/nothing", "/pages/other", "/parts/api/x", "/unknown/fragments/x"] {
        let (status, text) = shop.shell.page(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(text.contains("Page not found"), "{path}");
    }
}

#[tokio::test]
async fn dead_frontend_is_a_503_page() {
    let shop = shop_without_pages().await;
    let (status, text) = shop.shell.page("/page/x").await;
    assert_eq!(status, 503);
    assert!(text.contains("One moment"), "{text}");
}

#[tokio::test]
async fn hanging_frontend_is_a_504_page() {
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
async fn trailing_slashes_are_redirected() {
    let shop = shop().await;
    for (asked, address) in [("/page/x/?a=b/&c", "/page/x?a=b/&c"), ("/page/x///", "/page/x")] {
        let answer = shop.shell.request(Method::GET, asked).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
            (308, address)
        );
    }
    for nowhere in ["/page/", "/nothing/", "/pages/"] {
        assert_eq!(shop.shell.page(nowhere).await.0, 404, "{nowhere}");
    }
    serve(&shop.pages, "/", html("home")).await;
    assert_eq!(shop.shell.page("/").await.0, 200);
}

/// But never a length of 0.
#[tokio::test]
async fn head_has_the_content_length_of_get_or_none() {
    let shop = shop().await;
    let asset = ResponseTemplate::new(200).set_body_raw("x".repeat(20), "font/woff2");
    serve(&shop.pages, "/pages/assets/hash/font.woff2", asset).await;
    serve(
        &shop.pages,
        "/page/x",
        html("<esi:include src=\"/shell/fragments/head\"/>"),
    )
    .await;
    serve(
        &shop.api,
        "/things",
        ResponseTemplate::new(200).set_body_raw("{}", "application/json"),
    )
    .await;
    for path in [
        "/page/x",
        "/pages/assets/hash/font.woff2",
        "/pages/api/things",
        "/nothing",
        "/assets/long.css",
    ] {
        let whole = shop.shell.request(Method::GET, path).send().await.unwrap();
        let head = shop.shell.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), whole.status(), "{path}");
        let length = |answer: &reqwest::Response| answer.headers().get("content-length").cloned();
        assert!(
            length(&head).is_none() || length(&head) == length(&whole),
            "{path}: {:?}",
            length(&head)
        );
        assert_eq!(
            head.headers().get("content-type"),
            whole.headers().get("content-type"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_store_of_a_frontend_is_kept() {
    let shop = shop().await;
    for (path, sent, expected) in [
        ("/page/a", Some("private, no-store"), "private, no-store"),
        ("/page/b", Some("max-age=60, No-Store"), "private, no-store"),
        ("/page/c", Some("public, s-maxage=60"), "private, no-cache"),
        ("/page/d", None, "private, no-cache"),
    ] {
        let page = html("page");
        serve(
            &shop.pages,
            path,
            match sent {
                Some(value) => page.insert_header("cache-control", value),
                None => page,
            },
        )
        .await;
        let answer = shop.shell.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], expected, "{path}");
    }
    serve(
        &shop.api,
        "/mine",
        ResponseTemplate::new(200).insert_header("cache-control", "private, no-store"),
    )
    .await;
    let answer = shop.shell.request(Method::GET, "/pages/api/mine").send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "private, no-store");
}

#[tokio::test]
async fn page_is_found_by_its_absolute_uri() {
    let shop = shop().await;
    serve(&shop.pages, "/page/x", html("here")).await;
    let address = shop.shell.url.strip_prefix("http://").unwrap();
    assert_eq!(raw_status(address, "http://shop.example/page/x").await, 200);
}

#[tokio::test]
async fn request_for_a_page_is_rejected_with_a_page() {
    let shop = shop().await;
    let post = |accept: &'static str| {
        let request = shop.shell.request(Method::POST, "/page/x").header("accept", accept);
        request.body("x".repeat(300_000)).send()
    };
    let (page, problem) = (post("text/html,*/*").await.unwrap(), post("*/*").await.unwrap());
    assert_eq!((page.status().as_u16(), problem.status().as_u16()), (413, 413));
    assert!(page.headers().contains_key("content-security-policy"));
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let text = page.text().await.unwrap();
    assert!(
        text.contains("Request too large") && text.contains("base.css") && !text.contains("<esi:"),
        "{text}"
    );
    assert_eq!(problem.headers()["content-type"], "application/problem+json");
}

/// Deadline, trace and client address of a browser's request are replaced.
#[tokio::test]
async fn context_headers_of_the_client_are_not_passed_on() {
    let shop = shop().await;
    serve(
        &shop.pages,
        "/page/x",
        html("<esi:include src=\"/parts/fragments/a\"/>"),
    )
    .await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = shop.shell.request(Method::GET, "/page/x").header("x-deadline-ms", "1");
    let request = request.header("forwarded", "for=192.0.2.1").header("tracestate", "a=1");
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-00"));
    assert_eq!(request.send().await.unwrap().text().await.unwrap(), "");
    for part in [&shop.pages, &shop.parts] {
        let received = &part.received_requests().await.unwrap()[0].headers;
        assert_eq!(received["forwarded"], "for=127.0.0.1");
        assert!(!received.contains_key("tracestate"));
        assert!(!received["traceparent"].to_str().unwrap().contains(trace));
        assert!(received["x-deadline-ms"].to_str().unwrap().parse::<u64>().unwrap() > 50);
    }
}

#[tokio::test]
async fn forms_from_other_sites_are_rejected() {
    let shop = shop().await;
    serve(&shop.pages, "/page/x", html("ok")).await;
    let post = |name: &str, value: &str| shop.shell.request(Method::POST, "/page/x").header(name, value).send();
    assert_eq!(post("origin", "https://elsewhere.test").await.unwrap().status(), 403);
    assert_eq!(post("sec-fetch-site", "cross-site").await.unwrap().status(), 403);
    assert_eq!(post("origin", &shop.shell.url).await.unwrap().status(), 200);
    assert_eq!(post("sec-fetch-site", "same-origin").await.unwrap().status(), 200);
}

#[tokio::test]
async fn ambiguous_paths_are_rejected() {
    let shop = shop().await;
    let address = shop.shell.url.strip_prefix("http://").unwrap();
    for path in [
        "/pages/assets/../../x",
        "/page/%2e%2e/x",
        "//page/x",
        "/page/a%2fb",
        "/page/%00",
        "/page/.%09.",
        "/page/a%0ab",
        "/page/%7f",
        "/page/%c2%9b",
        "/page/%ff",
        "/page/%2",
        "/page/%zz",
        "/page/%+1",
        "/page/a%5cb",
    ] {
        assert_eq!(raw_status(address, path).await, 400, "{path}");
    }
}

/// HTTP clients normalize such paths, so the request is written by hand.
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
async fn pages_have_a_strict_content_security_policy() {
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
async fn icon_is_inlined_in_the_head() {
    let shop = shop().await;
    let (_, head) = shop.shell.page("/shell/fragments/head").await;
    assert!(
        head.contains("href=\"data:image/svg+xml,&lt;svg fill='%239a4428'/&gt;\""),
        "{head}"
    );
}
