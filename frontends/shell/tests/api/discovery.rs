//! The discovery document: every version is checked.

use serde_json::{Value, json};
use shell::{Discovery, Target};

fn version(number: &str) -> Value {
    json!({ "url": "http://a:1", "metadata": { "integrity": "x", "version": number } })
}

fn document(versions: &Value) -> Value {
    json!({ "schema": "s", "microFrontends": { "a": versions } })
}

fn error(document: &Value) -> String {
    Discovery::parse(&document.to_string())
        .expect_err("an invalid document")
        .to_string()
}

#[test]
fn the_shops_own_document_is_valid() {
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
            matches!(discovery.target(path), Some(Target::Frontend { page: true, .. })),
            "{path}"
        );
    }
    assert!(
        matches!(discovery.target("/checkout/api/cart/lines"), Some(Target::Api(_, rest)) if rest == "/cart/lines")
    );
    assert!(matches!(
        discovery.target("/product/assets/x/style.css"),
        Some(Target::Frontend { page: false, .. })
    ));
    assert_eq!(discovery.target("/elsewhere"), None);
}

#[test]
fn a_frontend_may_have_several_addresses() {
    let mut many = version("1");
    many["url"] = json!("http://a:1,http://b:1");
    many["extras"] = json!({ "api": "http://c:1,http://d:1" });
    let discovery = Discovery::parse(&document(&json!([many])).to_string()).unwrap();
    let Some(Target::Frontend { base, .. }) = discovery.target("/a/fragments/x") else {
        panic!("no frontend")
    };
    assert_eq!(base.to_string(), "http://a:1,http://b:1");
    let Some(Target::Api(base, _)) = discovery.target("/a/api/x") else {
        panic!("no BFF")
    };
    assert_eq!(base.to_string(), "http://c:1,http://d:1");
    many["url"] = json!("http://a:1,nowhere");
    assert!(error(&document(&json!([many]))).contains("nowhere"));
}

#[test]
fn the_second_version_is_checked_too() {
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
fn claims_must_not_clash() {
    let claim = |number| json!([{ "url": "http://a:1", "metadata": { "integrity": "x", "version": number }, "extras": { "paths": ["/x"] } }]);
    let both = json!({ "schema": "s", "microFrontends": { "a": claim("1"), "b": claim("2") } });
    assert_eq!(error(&both), "/x: claimed by both a and b");
}

#[test]
fn names_and_shapes_are_checked() {
    assert!(error(&json!({ "schema": "s", "microFrontends": { "shell": [version("1")] } })).contains("shell"));
    assert!(error(&json!({ "schema": "s", "microFrontends": { "A/b": [version("1")] } })).contains("A/b"));
    assert!(error(&document(&json!([]))).contains("no version"));
    assert!(error(&json!({ "schema": "s" })).contains("microFrontends"));
    assert!(error(&json!([])).contains("not a discovery document"));
}
