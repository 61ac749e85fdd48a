//! Where forms may lead: what the policy of each answer says.

use reqwest::Method;
use testkit::wiremock::ResponseTemplate;

use crate::shop::{BANK, DOUBLE, Shop, html, serve, shop};

const TILL: &str = "<form method=\"post\"></form>";

async fn policy(shop: &Shop, method: Method, path: &str) -> String {
    let answer = shop.shell.request(method, path).send().await.unwrap();
    let policies: Vec<_> = answer.headers().get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 1, "{path}: {policies:?}");
    policies[0].to_str().unwrap().to_owned()
}

/// What the policy says of forms.
async fn forms(shop: &Shop, method: Method, path: &str) -> String {
    let policy = policy(shop, method, path).await;
    let mut directives = policy.split("; ").filter_map(|text| text.strip_prefix("form-action "));
    let forms = directives.next().expect("a form-action").to_owned();
    assert_eq!(directives.next(), None, "{policy}");
    forms
}

#[tokio::test]
async fn forms_lead_where_their_pages_owner_says() {
    let shop = shop().await;
    serve(&shop.parts, "/till", html(TILL)).await;
    serve(&shop.pages, "/", html("<p>a</p>")).await;
    let theirs = format!("'self' {BANK} {DOUBLE}");
    for method in [Method::GET, Method::HEAD, Method::POST] {
        assert_eq!(forms(&shop, method.clone(), "/till").await, theirs);
        assert_eq!(forms(&shop, method, "/").await, "'self'");
    }
    let (till, home) = (
        policy(&shop, Method::GET, "/till").await,
        policy(&shop, Method::GET, "/").await,
    );
    assert_eq!(till.replace(&format!(" {BANK} {DOUBLE}"), ""), home);
}

/// A form that is sent back with what is wrong in it still leads there.
#[tokio::test]
async fn a_refused_form_leads_there_too() {
    let shop = shop().await;
    let refused = ResponseTemplate::new(422).set_body_raw(TILL, "text/html; charset=utf-8");
    serve(&shop.parts, "/till", refused).await;
    assert!(forms(&shop, Method::POST, "/till").await.contains(BANK));
}

#[tokio::test]
async fn a_fragment_brings_no_policy_along() {
    let shop = shop().await;
    serve(&shop.pages, "/", html("<esi:include src=\"/till/fragments/form\"/>")).await;
    serve(&shop.parts, "/till/fragments/form", html(TILL)).await;
    serve(&shop.parts, "/till", html("<esi:include src=\"/parts/fragments/x\"/>")).await;
    serve(&shop.parts, "/parts/fragments/x", html("x")).await;
    assert_eq!(shop.shell.page("/").await.1, TILL);
    assert_eq!(forms(&shop, Method::GET, "/").await, "'self'");
    assert!(forms(&shop, Method::GET, "/till").await.contains(BANK));
    for path in ["/till/fragments/form", "/parts/fragments/x", "/till/assets/x/style.css"] {
        assert_eq!(forms(&shop, Method::GET, path).await, "'self'", "{path}");
    }
}

/// Neither the shell's own pages nor what a frontend says of itself.
#[tokio::test]
async fn nothing_else_does() {
    let shop = shop().await;
    let said = html(TILL).insert_header("content-security-policy", "form-action *");
    serve(&shop.pages, "/page/x", said).await;
    for path in ["/page/x", "/nothing", "/till/elsewhere", "/robots.txt", "/pages/api/x"] {
        assert_eq!(forms(&shop, Method::GET, path).await, "'self'", "{path}");
    }
}

#[tokio::test]
async fn an_error_in_a_pages_place_is_the_shells() {
    let shop = shop().await;
    let late = html(TILL).set_delay(std::time::Duration::from_secs(30));
    serve(&shop.parts, "/till", late).await;
    assert_eq!(shop.shell.page("/till").await.0, 504);
    assert_eq!(forms(&shop, Method::GET, "/till").await, "'self'");
}
