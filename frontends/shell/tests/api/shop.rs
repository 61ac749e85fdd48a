//! A real shell in front of doubles of frontends.

use service::Part;
use testkit::Running;
use testkit::wiremock::matchers::path;
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

/// An origin that forms of `till` may lead to.
pub const BANK: &str = "https://bank.test";
/// Another one, without TLS on this machine.
pub const DOUBLE: &str = "http://127.0.0.1:4999";

pub struct Shop {
    pub shell: Running,
    pub pages: MockServer,
    pub parts: MockServer,
    pub api: MockServer,
    _folder: tempfile::TempDir,
}

/// `pages` owns `/` and `/page/*`, and its BFF is `api`. `parts` has fragments. `till` owns `/till`, has the address of `parts`,
/// and its forms lead to a bank.
pub async fn shop() -> Shop {
    let pages = MockServer::start().await;
    let url = pages.uri();
    shop_with(pages, &url).await
}

/// The same, but the frontend `pages` is down.
pub async fn shop_without_pages() -> Shop {
    let free = format!("http://127.0.0.1:{}", testkit::free_port());
    shop_with(MockServer::start().await, &free).await
}

/// The same, with the frontend `pages` at these addresses instead.
pub async fn shop_with_pages_at(urls: &[&str]) -> Shop {
    shop_with(MockServer::start().await, &urls.join(",")).await
}

/// The same, with the BFF of `pages` at this address, and this timeout for silent sockets.
pub async fn shop_with_api_at(api: &str, idle_seconds: u64) -> Shop {
    let pages = MockServer::start().await;
    let url = pages.uri();
    open(pages, &url, Some(api), idle_seconds).await
}

async fn shop_with(pages: MockServer, url: &str) -> Shop {
    open(pages, url, None, 60).await
}

async fn open(pages: MockServer, url: &str, api_url: Option<&str>, idle_seconds: u64) -> Shop {
    let (parts, api) = (MockServer::start().await, MockServer::start().await);
    let api_url = api_url.map_or(api.uri(), str::to_owned);
    let folder = tempfile::tempdir().unwrap();
    let version = |url: &str, extras: serde_json::Value| {
        serde_json::json!([{ "url": url, "metadata": { "integrity": "x", "version": "1" },
            "deployment": { "traffic": 100, "default": true }, "extras": extras }])
    };
    let document = serde_json::json!({ "schema": "v1-pre", "microFrontends": {
        "pages": version(url, serde_json::json!({ "paths": ["/", "/page/*"], "api": api_url })),
        "parts": version(&parts.uri(), serde_json::json!({})),
        "till": version(&parts.uri(), serde_json::json!({ "paths": ["/till"], "formActions": [BANK, DOUBLE] })),
    }});
    let discovery = folder.path().join("discovery.json");
    std::fs::write(&discovery, document.to_string()).unwrap();
    let assets = folder.path().join("assets");
    std::fs::create_dir_all(assets.join("icons")).unwrap();
    let icon = "<svg fill=\"#9a4428\"/>\n";
    for (file, content) in [
        ("base.css", "body{}"),
        ("links.speculationrules", "{}"),
        ("icons/stoa.svg", icon),
        ("icons/favicon.ico", "icon"),
        ("long.css", "a{color:red}"),
        ("long.css.br", "br"),
        ("long.css.gz", "gz"),
        ("robots.txt", "User-agent: *\nDisallow: /cart\n"),
    ] {
        std::fs::write(assets.join(file), content).unwrap();
    }
    let config = shell::Config {
        discovery,
        assets,
        page_timeout_ms: 1000,
        fragment_timeout_ms: 200,
        socket_idle_seconds: idle_seconds,
    };
    let shell = Running::start(shell::App::start(config).await.unwrap()).await;
    Shop {
        shell,
        pages,
        parts,
        api,
        _folder: folder,
    }
}

pub fn html(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_owned(), "text/html; charset=utf-8")
}

pub async fn serve(server: &MockServer, at: &str, response: ResponseTemplate) {
    Mock::given(path(at)).respond_with(response).mount(server).await;
}
