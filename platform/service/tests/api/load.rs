//! More requests than a part may answer at the same time.

use service::Settings;

use crate::{back, serve};

fn one_at_a_time() -> Settings {
    Settings {
        concurrency: 1,
        ..Settings::default()
    }
}

#[tokio::test]
async fn request_beyond_the_limit_is_shed_with_retry_after() {
    let back = back();
    let (server, url) = serve(back.clone(), &one_at_a_time()).await;
    let first = tokio::spawn(testkit::get(format!("{url}/slow")));
    back.arrived.acquire().await.unwrap().forget();

    let refused = testkit::get(format!("{url}/things/1")).await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert!(refused.text().await.unwrap().contains("urn:problem:overloaded"));
    for (path, status) in [("/health/live", 200), ("/health/ready", 503), ("/metrics", 200)] {
        assert_eq!(
            testkit::get(format!("{url}{path}")).await.unwrap().status(),
            status,
            "{path}"
        );
    }

    back.allowed.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    for path in ["/things/1", "/health/ready"] {
        assert_eq!(
            testkit::get(format!("{url}{path}")).await.unwrap().status(),
            200,
            "{path}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn streamed_response_holds_its_permit_until_the_last_byte() {
    let back = back();
    let (server, url) = serve(back.clone(), &one_at_a_time()).await;
    let stream = testkit::get(format!("{url}/stream")).await.unwrap();
    back.arrived.acquire().await.unwrap().forget();
    assert_eq!(testkit::get(format!("{url}/things/1")).await.unwrap().status(), 503);
    back.allowed.add_permits(1);
    assert_eq!(stream.text().await.unwrap(), "done");
    assert_eq!(testkit::get(format!("{url}/things/1")).await.unwrap().status(), 200);
    server.stop().await;
}
