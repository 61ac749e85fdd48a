//! The directive `form-action` of the content security policy.

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

/// The directive `form-action` of a response.
async fn form_action(shop: &Shop, method: Method, path: &str) -> String {
    let policy = policy(shop, method, path).await;
    let mut directives = policy.split("; ").filter_map(|text| text.strip_prefix("form-action "));
    let form_action = directives.next().expect("a form-action").to_owned();
    assert_eq!(directives.next(), None, "{policy}");
    form_action
}

#[tokio::test]
async fn form_action_has_the_origins_of_the_pages_frontend() {
    let shop = shop().await;
    serve(&shop.parts, "/till", html(TILL)).await;
    serve(&shop.pages, "/", html("<p>a</p>")).await;
    let expected = format!("'self' {BANK} {DOUBLE}");
    for method in [Method::GET, Method::HEAD, Method::POST] {
        assert_eq!(form_action(&shop, method.clone(), "/till").await, expected);
        assert_eq!(form_action(&shop, method, "/").await, "'self'");
    }
    let (till, home) = (
        policy(&shop, Method::GET, "/till").await,
        policy(&shop, Method::GET, "/").await,
    );
    assert_eq!(till.replace(&format!(" {BANK} {DOUBLE}"), ""), home);
}

/// The page that shows a form again with its errors.
#[tokio::test]
async fn error_page_of_the_frontend_has_its_form_action() {
    let shop = shop().await;
    let rejected = ResponseTemplate::new(422).set_body_raw(TILL, "text/html; charset=utf-8");
    serve(&shop.parts, "/till", rejected).await;
    assert!(form_action(&shop, Method::POST, "/till").await.contains(BANK));
}

#[tokio::test]
async fn fragment_does_not_change_the_pages_policy() {
    let shop = shop().await;
    serve(&shop.pages, "/", html("<esi:include src=\"/till/fragments/form\"/>")).await;
    serve(&shop.parts, "/till/fragments/form", html(TILL)).await;
    serve(&shop.parts, "/till", html("<esi:include src=\"/parts/fragments/x\"/>")).await;
    serve(&shop.parts, "/parts/fragments/x", html("x")).await;
    assert_eq!(shop.shell.page("/").await.1, TILL);
    assert_eq!(form_action(&shop, Method::GET, "/").await, "'self'");
    assert!(form_action(&shop, Method::GET, "/till").await.contains(BANK));
    for path in ["/till/fragments/form", "/parts/fragments/x", "/till/assets/x/style.css"] {
        assert_eq!(form_action(&shop, Method::GET, path).await, "'self'", "{path}");
    }
}

/// Of the shell's own pages as well, and even if a frontend sends a policy of its own.
#[tokio::test]
async fn other_responses_have_the_default_policy() {
    let shop = shop().await;
    let page = html(TILL).insert_header("content-security-policy", "form-action *");
    serve(&shop.pages, "/page/x", page).await;
    for path in ["/page/x", "/nothing", "/till/elsewhere", "/robots.txt", "/pages/api/x"] {
        assert_eq!(form_action(&shop, Method::GET, path).await, "'self'", "{path}");
    }
}

#[tokio::test]
async fn error_page_of_the_shell_has_the_default_policy() {
    let shop = shop().await;
    let late = html(TILL).set_delay(std::time::Duration::from_secs(30));
    serve(&shop.parts, "/till", late).await;
    assert_eq!(shop.shell.page("/till").await.0, 504);
    assert_eq!(form_action(&shop, Method::GET, "/till").await, "'self'");
}
