//! The discovery document: every version is checked.

use serde_json::{Value, json};
use shell::{Discovery, Route};

fn version(number: &str) -> Value {
    json!({ "url": "http://a:1", "metadata": { "integrity": "x", "version": number } })
}

fn document(versions: &Value) -> Value {
    json!({ "schema": "s", "microFrontends": { "a": versions } })
}

fn error(document: &Value) -> String {
    let error = Discovery::parse(&document.to_string()).expect_err("an invalid document");
    let links = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    links.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[test]
fn discovery_document_of_the_shop_is_valid() {
    let discovery = Discovery::load(&testkit::repository("deploy/discovery.json")).unwrap();
    for path in [
        "/",
        "/category/vases",
        "/product/onda-vase",
        "/cart",
        "/cart/lines",
        "/checkout",
        "/orders/1",
    ] {
        assert!(
            matches!(discovery.route(path), Some(Route::Frontend { is_page: true, .. })),
            "{path}"
        );
    }
    assert!(matches!(discovery.route("/checkout/api/cart/lines"), Some(Route::Api(_, rest)) if rest == "/cart/lines"));
    assert!(matches!(
        discovery.route("/product/assets/x/style.css"),
        Some(Route::Frontend { is_page: false, .. })
    ));
    assert_eq!(discovery.route("/elsewhere"), None);
    for path in ["/", "/product/onda-vase", "/cart", "/checkout"] {
        let Some(Route::Frontend { policy, .. }) = discovery.route(path) else {
            panic!("{path}")
        };
        let may_lead_to_stripe =
            policy.is_some_and(|policy| policy.to_str().unwrap().ends_with(" https://checkout.stripe.com"));
        assert_eq!(may_lead_to_stripe, ["/cart", "/checkout"].contains(&path), "{path}");
    }
}

#[test]
fn frontend_may_have_several_addresses() {
    let mut many = version("1");
    many["url"] = json!("http://a:1,http://b:1");
    many["extras"] = json!({ "api": "http://c:1,http://d:1" });
    let discovery = Discovery::parse(&document(&json!([many])).to_string()).unwrap();
    let Some(Route::Frontend { base, .. }) = discovery.route("/a/fragments/x") else {
        panic!("no frontend")
    };
    assert_eq!(base.to_string(), "http://a:1,http://b:1");
    let Some(Route::Api(base, _)) = discovery.route("/a/api/x") else {
        panic!("no BFF")
    };
    assert_eq!(base.to_string(), "http://c:1,http://d:1");
    many["url"] = json!("http://a:1,nowhere");
    assert!(error(&document(&json!([many]))).contains("nowhere"));
}

#[test]
fn second_version_is_checked_as_well() {
    let with = |second: Value| error(&document(&json!([version("1"), second])));
    assert!(with(json!({ "url": "http://a:1" })).contains("metadata"));
    assert!(with(json!({ "url": "nowhere", "metadata": { "integrity": "x", "version": "2" } })).contains("nowhere"));
    assert!(
        with(json!({ "url": "http://a:1", "metadata": { "integrity": "x", "version": "2" }, "surprise": 1 }))
            .contains("surprise")
    );
    let mut heavy = version("2");
    heavy["deployment"] = json!({ "traffic": 101, "default": false });
    assert!(with(heavy).contains("101"));
    assert!(with(version("1")).contains("twice"));
}

#[test]
fn path_claimed_by_two_frontends_is_rejected() {
    let claim = |number| json!([{ "url": "http://a:1", "metadata": { "integrity": "x", "version": number }, "extras": { "paths": ["/x"] } }]);
    let both = json!({ "schema": "s", "microFrontends": { "a": claim("1"), "b": claim("2") } });
    assert_eq!(error(&both), "/x: claimed by both a and b");
}

fn with_form_action(origin: &str) -> Value {
    let mut version = version("2");
    version["extras"] = json!({ "formActions": [origin] });
    version
}

#[test]
fn form_actions_may_be_origins() {
    for origin in [
        "https://checkout.stripe.com",
        "https://bank.test:8443",
        "https://192.0.2.1",
        "http://localhost:4108",
        "http://127.0.0.1:4108",
        "http://127.0.0.1",
    ] {
        let document = document(&json!([with_form_action(origin)]));
        assert!(Discovery::parse(&document.to_string()).is_ok(), "{origin}");
    }
}

#[test]
fn form_actions_that_are_no_origins_are_rejected() {
    for text in [
        "",
        "bank.test",
        "//bank.test",
        "https:",
        "https://",
        "https://bank.test/",
        "https://bank.test/pay",
        "https://bank.test?a",
        "https://bank.test#a",
        "https://me@bank.test",
        "https://bank.test:443",
        "https://bank.test:99999",
        "HTTPS://bank.test",
        "https://Bank.test",
        " https://bank.test",
        "https://bank.test https://other.test",
        "https://*.bank.test",
        "https://*",
        "https://bank.test;script-src",
        "https://'unsafe-inline'",
        "https://bank.test,https://other.test",
        "https://bänk.test",
        "https://[::1]",
        "http://bank.test",
        "http://10.0.0.1",
        "http://[::1]:4108",
        "http://localhost.bank.test",
        "ftp://bank.test",
        "wss://bank.test",
        "data:text/html,x",
        "'self'",
        "*",
        "https:*",
    ] {
        // Every version is checked, not only the one that is served.
        let error = error(&document(&json!([version("1"), with_form_action(text)])));
        assert!(
            error.starts_with(&format!("a: {text}: no form may lead there")),
            "{error}"
        );
    }
    let mut other = version("2");
    other["extras"] = json!({ "formActions": "https://bank.test" });
    assert!(error(&document(&json!([other]))).contains("sequence"));
}

#[test]
fn names_and_schema_are_checked() {
    assert!(error(&json!({ "schema": "s", "microFrontends": { "shell": [version("1")] } })).contains("shell"));
    assert!(error(&json!({ "schema": "s", "microFrontends": { "A/b": [version("1")] } })).contains("A/b"));
    assert!(error(&document(&json!([]))).contains("no version"));
    assert!(error(&json!({ "schema": "s" })).contains("microFrontends"));
    assert!(error(&json!([])).contains("not a discovery document"));
}
