use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Api, BoxError, IdempotencyKey, Json, Part, Path, Problem, Query};
use testkit::Running;
use utoipa::openapi::OpenApi;
use utoipa::{IntoParams, OpenApi as _, ToSchema};
use utoipa_axum::routes;

use super::NoConfig;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    #[expect(dead_code, reason = "it is only asked for")]
    colour: Option<String>,
}

/// A thing.
#[derive(Deserialize, Serialize, ToSchema)]
struct Thing {
    name: String,
    parts: Vec<Piece>,
}

#[derive(Deserialize, Serialize, ToSchema)]
struct Piece {
    size: u32,
}

/// Lists things.
#[utoipa::path(get, path = "/things", params(Filter), responses((status = 200)))]
async fn list(Query(_filter): Query<Filter>) {}

/// Sets a thing.
#[utoipa::path(
    put,
    path = "/things/{id}",
    params(("id" = u32, Path), IdempotencyKey),
    request_body = Thing,
    responses((status = 200, body = Thing)),
)]
async fn update(Path(_id): Path<u32>, _key: IdempotencyKey, Json(thing): Json<Thing>) -> Json<Thing> {
    Json(thing)
}

/// Finds things by several names.
#[utoipa::path(get, path = "/names", params(("name" = Vec<String>, Query)), responses((status = 200)))]
async fn names() {}

fn api() -> Api {
    #[derive(utoipa::OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .routes(routes!(list))
        .routes(routes!(update))
        .routes(routes!(names))
}

#[derive(Clone)]
struct Shelf;

impl Part for Shelf {
    const NAME: &'static str = "shelf";
    const ABOUT: &'static str = "has things";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        Ok(Self)
    }

    fn router(self) -> axum::Router {
        api().into_router()
    }
}

#[tokio::test]
async fn document_is_served() {
    let shelf = Running::start(Shelf).await;
    let (_, served) = shelf.get("/openapi.json").await;
    assert_eq!(served, document(&api().contract()));
}

/// The document also has the responses of the chassis.
#[test]
fn document_has_the_responses_of_the_chassis() {
    let document = document(&api().contract());
    let answers = |path: &str, method: &str| -> BTreeSet<String> {
        let responses = document["paths"][path][method]["responses"].as_object();
        responses.unwrap().keys().cloned().collect()
    };
    let statuses = |statuses: &[&str]| statuses.iter().map(|&status| status.to_owned()).collect();
    assert_eq!(answers("/things", "get"), statuses(&["200", "400", "503"]));
    let all = statuses(&["200", "400", "404", "408", "413", "415", "422", "503"]);
    assert_eq!(answers("/things/{id}", "put"), all);
    for name in ["Thing", "Piece"] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}

/// Breaks a thing.
#[utoipa::path(
    delete,
    path = "/things/{id}",
    params(("id" = u32, Path)),
    responses((status = 204)),
    extensions(("x-problems" = json!(["still-needed"]))),
)]
async fn remove(Path(_id): Path<u32>) -> Problem {
    still_needed()
}

fn still_needed() -> Problem {
    Problem::new(StatusCode::CONFLICT, "still-needed", "Still needed").detail("Another thing is made of it.")
}

#[test]
fn problem_of_an_operation_is_an_example_of_its_answer() {
    let api = Api::<()>::new(OpenApi::default()).routes(routes!(remove));
    let document = document(
        &api.problems([(still_needed(), "another thing is made of it")])
            .contract(),
    );
    let answer = &document["paths"]["/things/{id}"]["delete"]["responses"]["409"];
    assert_eq!(answer["$ref"], "#/components/responses/still-needed");
    let example = &document["components"]["examples"]["still-needed"];
    assert_eq!(example["summary"], "another thing is made of it");
    assert_eq!(example["value"], serde_json::to_value(still_needed()).unwrap());
}

#[test]
#[should_panic(expected = "the problem still-needed is not defined")]
fn problem_that_an_operation_names_has_to_be_defined() {
    drop(Api::<()>::new(OpenApi::default()).routes(routes!(remove)).contract());
}

#[test]
#[should_panic(expected = "no operation names these problems: {\"still-needed\"}")]
fn problem_that_no_operation_names_is_refused() {
    drop(
        api()
            .problems([(still_needed(), "another thing is made of it")])
            .contract(),
    );
}

/// Answers with a problem that its contract does not document.
#[derive(Clone)]
struct Secretive;

impl Part for Secretive {
    const NAME: &'static str = "secretive";
    const ABOUT: &'static str = "has an undocumented problem";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        Ok(Self)
    }

    fn router(self) -> axum::Router {
        let hidden = axum::routing::post(async || still_needed());
        api().into_router().route("/hidden", hidden)
    }
}

#[tokio::test]
#[should_panic(expected = "POST /hidden is not documented to answer 409 \"still-needed\"")]
async fn part_that_answers_an_undocumented_problem_fails_its_test() {
    let part = Running::start(Secretive).await;
    part.post("/hidden", "key", &json!({})).await;
}

#[test]
#[should_panic(expected = "two schemas are named Thing")]
fn two_schemas_with_one_name_are_refused() {
    mod other {
        /// Another thing.
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct Thing {
            weight: u32,
        }

        #[utoipa::path(get, path = "/weights", responses((status = 200, body = Thing)))]
        pub async fn weigh() {}
    }

    drop(api().routes(routes!(other::weigh)));
}

#[tokio::test]
async fn undocumented_query_parameter_is_refused() {
    let shelf = Running::start(Shelf).await;
    for (query, status, detail) in [
        ("/things", 200, ""),
        ("/things?", 200, ""),
        ("/things?colour=red", 200, ""),
        ("/names?name=a&name=b", 200, ""),
        ("/things?color=red", 400, "There is no parameter \"color\" here."),
        ("/things?colour=red&x", 400, "There is no parameter \"x\" here."),
        (
            "/things?colour=a&colour=b",
            400,
            "The parameter \"colour\" is there more than once.",
        ),
        ("/things/1?colour=red", 405, ""),
    ] {
        let (answered, problem) = shelf.get(query).await;
        assert_eq!(answered, status, "{query}: {problem}");
        let said = problem["detail"].as_str().unwrap_or_default();
        assert_eq!(said, detail, "{query}");
    }
}

#[tokio::test]
async fn invalid_field_is_named() {
    let shelf = Running::start(Shelf).await;
    for (body, status, pointers) in [
        (r#"{"name":"a","parts":[{"size":1}]}"#, 200, &[] as &[&str]),
        (r#"{"name":"a","parts":[{"size":"1"}]}"#, 422, &["#/parts/0/size"]),
        (
            r#"{"name":"a","parts":[{"size":1,"a/b":2}],"x":3}"#,
            422,
            &["#/parts/0/a~1b", "#/x"],
        ),
        (r#"{"name":"a","name":"b","parts":[]}"#, 422, &["#"]),
        (r#"{"name":"a"}"#, 422, &["#"]),
        (r#"{"name":"a","parts":[{"size":1]}"#, 400, &["#/parts/0"]),
        (r#"{"name":"a","parts":[]} {}"#, 400, &["#"]),
        ("", 400, &["#"]),
        ("{\"name\":\"\u{0}\"}", 400, &["#/name"]),
    ] {
        let (answered, problem) = send(&shelf, "application/json; charset=utf-8", body.to_owned()).await;
        let errors = problem["errors"].as_array().into_iter().flatten();
        let named: Vec<_> = errors.filter_map(|error| error["pointer"].as_str()).collect();
        assert_eq!(
            (answered.as_u16(), named.as_slice()),
            (status, pointers),
            "{body}: {problem}"
        );
        assert!(!problem.to_string().contains(" line ") || answered == 400, "{problem}");
    }
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let shelf = Running::start(Shelf).await;
    let large = json!({ "name": "a".repeat(300_000), "parts": [] }).to_string();
    for (media, body, status) in [
        ("application/jsonx", "{}".to_owned(), 415),
        ("text/plain", "{}".to_owned(), 415),
        ("Application/JSON", "{}".to_owned(), 422),
        ("application/json", large, 413),
    ] {
        let (answered, problem) = send(&shelf, media, body).await;
        assert_eq!(answered, status, "{media}: {problem}");
        assert!(problem["type"].is_string(), "{problem}");
    }
    let response = shelf.request(Method::DELETE, "/things/1").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &"PUT".parse().unwrap())
    );
    let (status, problem) = shelf.get("/nothing").await;
    assert_eq!(
        (status.as_u16(), &problem["type"]),
        (404, &json!("urn:problem:not-found"))
    );
}

async fn send(shelf: &Running, media: &str, body: String) -> (StatusCode, Value) {
    let request = shelf.request(Method::PUT, "/things/1").header("content-type", media);
    let request = request.header(IdempotencyKey::HEADER, "key").body(body);
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, response.json().await.unwrap())
}

fn document(contract: &OpenApi) -> Value {
    serde_json::to_value(contract).unwrap()
}
