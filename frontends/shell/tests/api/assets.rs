//! The shell's own files: conditional requests, ranges and encodings.

use reqwest::Method;
use reqwest::header::HeaderMap;

use crate::shop::{Shop, shop};

const FILE: &str = "/assets/robots.txt";

async fn ask(shop: &Shop, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let mut request = shop.shell.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.text().await.unwrap())
}

#[tokio::test]
async fn unchanged_file_is_not_sent_again() {
    let shop = shop().await;
    let (_, headers, _) = ask(&shop, FILE, &[]).await;
    let tag = headers["etag"].to_str().unwrap();
    for known in [tag.to_owned(), format!("\"other\", W/{tag}"), "*".to_owned()] {
        let (status, again, body) = ask(&shop, FILE, &[("if-none-match", &known)]).await;
        assert_eq!((status, &*body), (304, ""), "{known}");
        assert_eq!(
            (&again["etag"], &again["cache-control"]),
            (&headers["etag"], &headers["cache-control"])
        );
    }
    assert_eq!(ask(&shop, FILE, &[("if-none-match", "\"other\"")]).await.0, 200);
    assert_eq!(ask(&shop, FILE, &[("if-match", "\"other\"")]).await.0, 412);
}

#[tokio::test]
async fn range_of_a_file_is_sent() {
    let shop = shop().await;
    let (_, headers, whole) = ask(&shop, FILE, &[]).await;
    assert_eq!(headers["accept-ranges"], "bytes");
    let (status, part, body) = ask(&shop, FILE, &[("range", "bytes=5-9")]).await;
    assert_eq!((status, &*body), (206, &whole[5..10]));
    assert_eq!(part["content-range"], *format!("bytes 5-9/{}", whole.len()));
    let (status, beyond, _) = ask(&shop, FILE, &[("range", "bytes=1000-")]).await;
    assert_eq!(
        (status, &beyond["content-range"]),
        (416, &format!("bytes */{}", whole.len()).parse().unwrap())
    );
    let stale = [("range", "bytes=5-9"), ("if-range", "\"other\"")];
    assert_eq!(ask(&shop, FILE, &stale).await.2, whole);
}

#[tokio::test]
async fn conditions_and_ranges_are_passed_to_frontends() {
    let shop = shop().await;
    let asked = [
        ("range", "bytes=0-1"),
        ("if-range", "\"a\""),
        ("if-none-match", "\"b\""),
    ];
    ask(&shop, "/pages/assets/hash/islands.js", &asked).await;
    let received = &shop.pages.received_requests().await.unwrap()[0].headers;
    for (name, value) in asked {
        assert_eq!(received[name], value);
    }
}

#[tokio::test]
async fn excluded_encoding_is_not_used() {
    let shop = shop().await;
    for (accepted, used) in [
        ("br", Some("br")),
        ("br;q=0", None),
        ("br;q=0, *", Some("gzip")),
        ("br;q=0, gzip", Some("gzip")),
    ] {
        let (_, headers, _) = ask(&shop, "/assets/long.css", &[("accept-encoding", accepted)]).await;
        let encoding = headers
            .get("content-encoding")
            .map(|encoding| encoding.to_str().unwrap());
        assert_eq!(encoding, used, "{accepted}");
    }
}

#[tokio::test]
async fn robots_txt_and_favicon_exist() {
    let shop = shop().await;
    let (status, headers, text) = ask(&shop, "/robots.txt", &[]).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (200, &"text/plain; charset=utf-8".parse().unwrap())
    );
    assert!(text.starts_with("User-agent: *"), "{text}");
    let (status, headers, _) = ask(&shop, "/favicon.ico", &[]).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (200, &"image/x-icon".parse().unwrap())
    );
}
