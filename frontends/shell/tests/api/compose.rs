//! Composing pages out of fragments.

use std::time::Duration;

use reqwest::Method;
use testkit::wiremock::ResponseTemplate;

use crate::shop::{html, serve, shop};

const HUNG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn fragments_are_inserted_in_their_places() {
    let shop = shop().await;
    serve(
        &shop.pages,
        "/",
        html("<p>a</p><esi:include src=\"/parts/fragments/one\"/><p>b</p>"),
    )
    .await;
    serve(
        &shop.parts,
        "/parts/fragments/one",
        html("[one <esi:include src='/parts/fragments/two?x=1&amp;y=2'></esi:include>]"),
    )
    .await;
    serve(&shop.parts, "/parts/fragments/two", html("two")).await;
    let (status, text) = shop.shell.page("/").await;
    assert_eq!((status.as_u16(), text.as_str()), (200, "<p>a</p>[one two]<p>b</p>"));
    let asked = shop.parts.received_requests().await.unwrap();
    assert!(asked.iter().any(|request| request.url.query() == Some("x=1&y=2")));
}

#[tokio::test]
async fn failed_fragment_is_replaced_by_its_fallback() {
    let shop = shop().await;
    let tried = "<esi:try><esi:attempt>x<esi:include src=\"/parts/fragments/no\"/></esi:attempt><esi:except>sorry</esi:except></esi:try>";
    let alt = "<esi:include src=\"/parts/fragments/no\" alt=\"/parts/fragments/yes\"/>";
    let optional = "<esi:include src=\"/parts/fragments/no\" onerror=\"continue\"/>";
    let unknown = "<esi:include src=\"https://elsewhere.test/\"/>";
    serve(&shop.pages, "/", html(&format!("({tried}|{alt}|{optional}|{unknown})"))).await;
    serve(&shop.parts, "/parts/fragments/no", ResponseTemplate::new(503)).await;
    serve(&shop.parts, "/parts/fragments/yes", html("yes")).await;
    assert_eq!(shop.shell.page("/").await.1, "(sorry|yes||)");
}

#[tokio::test]
async fn failure_of_a_nested_fragment_is_replaced_by_the_nearest_fallback() {
    let shop = shop().await;
    let body = "<esi:try><esi:attempt><esi:include src=\"/parts/fragments/outer\"/></esi:attempt><esi:except>sorry</esi:except></esi:try>";
    serve(&shop.pages, "/", html(body)).await;
    serve(
        &shop.parts,
        "/parts/fragments/outer",
        html("outer <esi:include src=\"/parts/fragments/gone\"/>"),
    )
    .await;
    assert_eq!(shop.shell.page("/").await.1, "sorry");
}

#[tokio::test]
async fn fragment_that_includes_itself_ends() {
    let shop = shop().await;
    serve(&shop.pages, "/", html("<esi:include src=\"/parts/fragments/loop\"/>")).await;
    serve(
        &shop.parts,
        "/parts/fragments/loop",
        html("o<esi:include src=\"/parts/fragments/loop\"/>"),
    )
    .await;
    let (status, text) = shop.shell.page("/").await;
    assert_eq!(status, 200);
    assert!(text.starts_with("ooooo"), "{text}");
}

/// With and without compression.
#[tokio::test]
async fn content_before_a_hanging_fragment_is_sent_first() {
    for encoding in ["identity", "gzip", "br"] {
        let shop = shop().await;
        let tried = "<esi:try><esi:attempt><esi:include src=\"/parts/fragments/hung\"/></esi:attempt><esi:except>late</esi:except></esi:try>";
        serve(
            &shop.pages,
            "/",
            html(&format!("<p>{}</p>{tried}<p>after</p>", "before ".repeat(50))),
        )
        .await;
        serve(&shop.parts, "/parts/fragments/hung", html("never").set_delay(HUNG)).await;
        let request = shop.shell.request(Method::GET, "/").header("accept-encoding", encoding);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut chunks = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            chunks.push(chunk);
        }
        assert!(chunks.len() > 1, "{encoding}: one chunk, so all of it waited");
        if encoding == "identity" {
            let text: String = chunks.iter().map(|chunk| String::from_utf8_lossy(chunk)).collect();
            assert!(text.ends_with("late<p>after</p>"), "{text}");
        }
    }
}

#[tokio::test]
async fn fragments_of_a_page_share_one_deadline() {
    let shop = shop().await;
    let hung = "<esi:include src=\"/parts/fragments/hung\" alt=\"/parts/fragments/hung\"/>";
    serve(&shop.pages, "/", html(&format!("a{}b", hung.repeat(5)))).await;
    serve(&shop.parts, "/parts/fragments/hung", html("never").set_delay(HUNG)).await;
    let begun = std::time::Instant::now();
    assert_eq!(shop.shell.page("/").await.1, "ab");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn pages_have_speculation_rules() {
    let shop = shop().await;
    serve(&shop.pages, "/", html("<p>a</p>")).await;
    let page = shop.shell.request(Method::GET, "/").send().await.unwrap();
    let header = page.headers()["speculation-rules"].to_str().unwrap();
    let rules = shop
        .shell
        .request(Method::GET, header.trim_matches('"'))
        .send()
        .await
        .unwrap();
    assert_eq!(rules.status(), 200);
    assert_eq!(rules.headers()["content-type"], "application/speculationrules+json");
}
