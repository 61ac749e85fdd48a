//! `bench lighthouse`: how a page feels on a phone, as Lighthouse simulates it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use machine::{Error, Result, ask, debian, fail, files, npm, step};
use serde::Serialize;
use serde_json::{Map, Value, json};
use shop::Workspace;
use shop::program::guarded;

use super::chromium::Chromium;
use super::table::table;
use super::{Scene, folder, with_shop, write};
use crate::browser;

const PROGRAM: &str = "node_modules/lighthouse/cli/index.js";
const CATEGORIES: [&str; 4] = ["performance", "accessibility", "best-practices", "seo"];

/// Settings of `bench lighthouse`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Visits of each page
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Measure a shop that is built without optimisation
    #[arg(long)]
    dev: bool,
}

/// The figures of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Figures {
    /// Of 100, as in [`CATEGORIES`].
    scores: [f64; 4],
    lcp_ms: f64,
    cls: f64,
    tbt_ms: f64,
    requests: f64,
    script_bytes: f64,
    wasm_bytes: f64,
    total_bytes: f64,
}

/// Opens a shop, and lets Lighthouse look at it.
pub async fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let playwright = workspace.root.join("playwright");
    npm::install_journeys(&workspace.root)?;
    let visitor = Visitor {
        binary: binary(&playwright)?,
        node: debian::program(&["node"]).ok_or_else(|| Error("node is not on the search path".to_owned()))?,
        profile: std::env::temp_dir().join(format!("stoa-lighthouse-{}", std::process::id())),
        playwright,
    };
    with_shop(workspace, options.dev, |scene| {
        measure(workspace, options, visitor, scene)
    })
    .await
}

fn binary(playwright: &Path) -> Result<PathBuf> {
    if let Some(binary) = browser::find_browser(playwright)? {
        return Ok(binary);
    }
    let script = "console.log(require('playwright-core').chromium.executablePath())";
    let path = ask(Command::new("node").current_dir(playwright).args(["-e", script]));
    path.map(PathBuf::from)
        .ok_or_else(|| Error("Playwright does not say where its browser is".to_owned()))
}

async fn measure(workspace: &Workspace, options: Options, visitor: Visitor, scene: Scene) -> Result<()> {
    let reports = folder(workspace)?.join("lighthouse");
    files::empty(&reports)?;
    // Visitors rarely see the first responses of a shop.
    for (_, path) in scene.pages() {
        let warm = scene.client.get(scene.url(&path)).send().await;
        warm.map_err(Error::of)?;
    }
    let (mut rows, mut pages) = (Vec::new(), Map::new());
    for (name, path) in scene.pages() {
        step(&format!("Lighthouse visits {path}"));
        let (mut runs, mut wanting) = (Vec::new(), Vec::new());
        for run in 1..=options.runs.max(1) {
            let file = reports.join(format!("{name}-{run}.json"));
            let report = visitor.insist(&scene.url(&path), &file).await?;
            runs.push(figures_in(&report)?);
            wanting.extend(wanting_in(&report));
        }
        wanting.sort();
        wanting.dedup();
        let median = median(&runs);
        rows.push(row(name, &median));
        pages.insert(
            name.to_owned(),
            json!({ "median": median, "runs": runs, "wanting": wanting }),
        );
    }
    let heading = [
        "page", "perf", "a11y", "best", "SEO", "LCP s", "CLS", "TBT ms", "requests", "JS bytes", "wasm", "KB",
    ];
    println!("\n{}", table(&heading, &rows));
    println!(
        "    Mobile preset, median of {}; nobody touches the page.",
        options.runs.max(1)
    );
    for (name, page) in &pages {
        let wanting: Vec<_> = page["wanting"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if !wanting.is_empty() {
            println!("    {name} is less than perfect in: {}", wanting.join(", "));
        }
    }
    write(workspace, "lighthouse.json", &Value::Object(pages))
}

/// Attempts for each report.
const VISITS: usize = 3;

/// Lighthouse and its browser.
struct Visitor {
    playwright: PathBuf,
    node: PathBuf,
    binary: PathBuf,
    profile: PathBuf,
}

impl Visitor {
    /// Its recording of a page sometimes fails (`NO_NAVSTART`), and its own advice is to try again.
    async fn insist(&self, url: &str, file: &Path) -> Result<Value> {
        for _ in 1..VISITS {
            match self.visit(url, file).await {
                Ok(report) => return Ok(report),
                Err(error) => step(&format!("{error}: once more")),
            }
        }
        self.visit(url, file).await
    }

    /// One report, with a new browser profile.
    async fn visit(&self, url: &str, file: &Path) -> Result<Value> {
        let chromium = Chromium::start(&self.binary, self.profile.clone()).await?;
        let status = guarded(&self.node)
            .current_dir(&self.playwright)
            .args([PROGRAM, url, "--quiet", "--no-enable-error-reporting", "--output=json"])
            .arg(format!("--port={}", chromium.port))
            .arg(format!("--output-path={}", file.display()))
            .arg(format!("--only-categories={}", CATEGORIES.join(",")))
            .stdout(Stdio::null())
            .status()
            .await;
        chromium.stop().await?;
        let status = status.map_err(|error| Error(format!("lighthouse cannot be run: {error}")))?;
        if !status.success() {
            return fail(format!("lighthouse failed ({status})"));
        }
        serde_json::from_str(&files::read(file)?).map_err(|error| Error::at(file, error))
    }
}

fn figures_in(report: &Value) -> Result<Figures> {
    if let Some(error) = report["runtimeError"]["message"].as_str() {
        return fail(format!("lighthouse: {error}"));
    }
    let audit = |name: &str| {
        let value = report["audits"][name]["numericValue"].as_f64();
        value.ok_or_else(|| Error(format!("lighthouse does not tell {name}")))
    };
    let requests = report["audits"]["network-requests"]["details"]["items"].as_array();
    let requests = requests.ok_or_else(|| Error("lighthouse does not tell the requests".to_owned()))?;
    let bytes = |is_meant: &dyn Fn(&Value) -> bool| -> f64 {
        let meant = requests.iter().filter(|request| is_meant(request));
        // Starts from 0, because the sum of no values is −0.
        meant
            .filter_map(|request| request["transferSize"].as_f64())
            .fold(0.0, std::ops::Add::add)
    };
    let score = |name| report["categories"][name]["score"].as_f64().unwrap_or_default() * 100.0;
    Ok(Figures {
        scores: CATEGORIES.map(score).map(f64::round),
        lcp_ms: audit("largest-contentful-paint")?,
        cls: audit("cumulative-layout-shift")?,
        tbt_ms: audit("total-blocking-time")?,
        requests: requests.iter().map(|_| 1.0).sum(),
        script_bytes: bytes(&|request| request["resourceType"] == "Script"),
        wasm_bytes: bytes(&|request| request["mimeType"] == "application/wasm"),
        total_bytes: bytes(&|_| true),
    })
}

/// Failed audits that count, as `category: audit`.
fn wanting_in(report: &Value) -> Vec<String> {
    let mut wanting = Vec::new();
    for category in CATEGORIES {
        let refs = report["categories"][category]["auditRefs"].as_array();
        let counting = refs
            .into_iter()
            .flatten()
            .filter(|audit| audit["weight"].as_f64() > Some(0.0));
        for id in counting.filter_map(|audit| audit["id"].as_str()) {
            if report["audits"][id]["score"].as_f64().is_some_and(|score| score < 0.9) {
                wanting.push(format!("{category}: {id}"));
            }
        }
    }
    wanting
}

/// The median of each figure.
fn median(runs: &[Figures]) -> Figures {
    let middle = |of: &dyn Fn(&Figures) -> f64| {
        let mut values: Vec<_> = runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Figures {
        scores: [0, 1, 2, 3].map(|index| middle(&|run| run.scores[index])),
        lcp_ms: middle(&|run| run.lcp_ms),
        cls: middle(&|run| run.cls),
        tbt_ms: middle(&|run| run.tbt_ms),
        requests: middle(&|run| run.requests),
        script_bytes: middle(&|run| run.script_bytes),
        wasm_bytes: middle(&|run| run.wasm_bytes),
        total_bytes: middle(&|run| run.total_bytes),
    }
}

fn row(name: &str, figures: &Figures) -> Vec<String> {
    let scores = figures.scores.map(|score| format!("{score:.0}"));
    let rest = [
        format!("{:.2}", figures.lcp_ms / 1000.0),
        format!("{:.3}", figures.cls),
        format!("{:.0}", figures.tbt_ms),
        format!("{:.0}", figures.requests),
        format!("{:.0}", figures.script_bytes),
        format!("{:.0}", figures.wasm_bytes),
        format!("{:.1}", figures.total_bytes / 1000.0),
    ];
    std::iter::once(name.to_owned()).chain(scores).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Value {
        json!({
            "categories": {
                "performance": { "score": 0.99, "auditRefs": [{ "id": "largest-contentful-paint", "weight": 25 }] },
                "accessibility": { "score": 0.95, "auditRefs": [
                    { "id": "color-contrast", "weight": 7 },
                    { "id": "not-counted", "weight": 0 },
                ] },
                "best-practices": { "score": 1 },
                "seo": { "score": 1 },
            },
            "audits": {
                "largest-contentful-paint": { "numericValue": 1500.5, "score": 0.98 },
                "cumulative-layout-shift": { "numericValue": 0 },
                "total-blocking-time": { "numericValue": 0 },
                "color-contrast": { "score": 0 },
                "not-counted": { "score": 0 },
                "network-requests": { "details": { "items": [
                    { "resourceType": "Document", "transferSize": 4000 },
                    { "resourceType": "Script", "transferSize": 1500 },
                    { "resourceType": "Fetch", "mimeType": "application/wasm", "transferSize": 50000 },
                ] } },
            },
        })
    }

    #[test]
    fn figures_of_a_report() {
        let expected = Figures {
            scores: [99.0, 95.0, 100.0, 100.0],
            lcp_ms: 1500.5,
            requests: 3.0,
            script_bytes: 1500.0,
            wasm_bytes: 50000.0,
            total_bytes: 55500.0,
            ..Figures::default()
        };
        assert_eq!(figures_in(&report()).unwrap(), expected);
        assert_eq!(wanting_in(&report()), ["accessibility: color-contrast"]);
    }

    #[test]
    fn a_page_that_was_not_seen_is_an_error() {
        let mut report = report();
        report["runtimeError"] = json!({ "message": "no page" });
        assert_eq!(figures_in(&report).unwrap_err().to_string(), "lighthouse: no page");
    }

    #[test]
    fn the_median_is_of_each_figure() {
        let run = |lcp_ms, requests| Figures {
            lcp_ms,
            requests,
            ..Figures::default()
        };
        let median = median(&[run(3.0, 10.0), run(1.0, 12.0), run(2.0, 11.0)]);
        assert_eq!((median.lcp_ms, median.requests), (2.0, 11.0));
    }
}
