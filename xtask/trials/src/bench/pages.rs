//! `bench pages`: what a page costs, beside a control that sends the very same bytes.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use machine::{Error, Result, fail, files, step};
use reqwest::header::{COOKIE, SET_COOKIE};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shop::program::guarded;
use shop::{Profile, Workspace, build};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::proc::processor_time;
use super::table::table;
use super::{Scene, folder, with_shop, write};

/// Settings of `bench pages`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Seconds for each page
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Concurrent connections
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Accept-Encoding of the clients: identity, br or gzip
    #[arg(long, default_value = "identity")]
    encoding: String,
    /// Measure a shop that is built without optimisation
    #[arg(long)]
    dev: bool,
}

/// What `load fetch` prints.
#[derive(Debug, Deserialize, Serialize)]
struct Seen {
    requests: u64,
    seconds: f64,
    p50: f64,
    p99: f64,
    bytes: u64,
    short: u64,
}

impl Seen {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn share(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1000.0 / self.requests as f64
    }
}

/// The figures for one page and one kind of visitor.
struct Series {
    name: String,
    shop: Seen,
    control: Seen,
    control_cost: f64,
    /// Milliseconds of processor time per page, by part.
    costs: Vec<(String, f64)>,
}

impl Series {
    fn cost(&self) -> f64 {
        self.costs.iter().map(|(_, cost)| cost).sum()
    }
}

/// Opens a shop, and measures.
pub async fn run(workspace: &Workspace, options: Options) -> Result<()> {
    step("building the load generator");
    build::double(workspace, Profile::Release, "load")?;
    with_shop(workspace, options.dev, |scene| measure(workspace, options, scene)).await
}

async fn measure(workspace: &Workspace, options: Options, scene: Scene) -> Result<()> {
    let load = workspace.binary("load", Profile::Release);
    let bodies = folder(workspace)?.join("pages");
    files::empty(&bodies)?;
    let cookie = fill_cart(&scene).await?;
    let mut all = Vec::new();
    for (page, path) in scene.pages() {
        for (visitor, cookie) in [("anonymous", None), ("with a cart", Some(cookie.as_str()))] {
            let name = format!("{page}, {visitor}");
            step(&format!("measuring {name}"));
            let file = bodies.join(name.replace([',', ' '], "-"));
            let visit = Visit {
                load: &load,
                options: &options,
                cookie,
            };
            all.push(visit.series(&scene, name, &path, &file).await?);
        }
    }
    print(&all);
    write(workspace, "pages.json", &figures(&all, &options))
}

/// Puts the first available product into a cart. Returns the cookies.
async fn fill_cart(scene: &Scene) -> Result<String> {
    for variant in &scene.goods.variants {
        let request = scene
            .client
            .post(scene.url("/checkout/api/cart/lines"))
            .json(&json!({ "sku": variant.sku, "quantity": 1 }));
        let answer = request.send().await.map_err(Error::of)?;
        if !answer.status().is_success() {
            continue;
        }
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let cookies: Vec<_> = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        if !cookies.is_empty() {
            return check(scene, cookies.join("; ")).await;
        }
    }
    fail(format!("nothing of {} could be put into a cart", scene.goods.slug))
}

/// Without a visible cart, the figures for visitors with a cart would be wrong.
async fn check(scene: &Scene, cookie: String) -> Result<String> {
    let request = scene.client.get(scene.url("/cart")).header(COOKIE, &cookie);
    let page = async { request.send().await?.text().await };
    let page = page.await.map_err(Error::of)?;
    if scene.goods.variants.iter().any(|variant| page.contains(&variant.sku)) {
        return Ok(cookie);
    }
    fail("what was put into the cart is not in it")
}

/// The request for a page.
struct Visit<'a> {
    load: &'a Path,
    options: &'a Options,
    cookie: Option<&'a str>,
}

impl Visit<'_> {
    async fn series(&self, scene: &Scene, name: String, path: &str, file: &Path) -> Result<Series> {
        let shell = scene.shell.to_string();
        let seconds = self.options.seconds;
        // Warm-up; its body is what the control sends.
        self.fetch(&shell, path, (seconds / 5.0).min(2.0), Some(file)).await?;
        let before = times(&scene.parts)?;
        let shop = self.fetch(&shell, path, seconds, None).await?;
        let after = times(&scene.parts)?;
        let costs = before.iter().zip(after).map(|((name, before), (_, after))| {
            let used = after.saturating_sub(*before);
            (name.clone(), shop.share(used))
        });
        let costs = costs.collect();

        let (child, address) = self.control(file).await?;
        let pid = child.id().ok_or_else(|| Error("the control has ended".to_owned()))?;
        let path = format!("/{}", file.file_name().unwrap_or_default().to_string_lossy());
        self.fetch(&address, &path, (seconds / 10.0).min(1.0), None).await?;
        let before = processor_time(pid)?;
        let control = self.fetch(&address, &path, seconds / 2.0, None).await?;
        let control_cost = control.share(processor_time(pid)?.saturating_sub(before));
        Ok(Series {
            name,
            shop,
            control,
            control_cost,
            costs,
        })
    }

    async fn fetch(&self, address: &str, path: &str, seconds: f64, save: Option<&Path>) -> Result<Seen> {
        let mut command = guarded(self.load);
        command
            .args(["fetch", address, path, "--encoding", &self.options.encoding])
            .args(["--clients", &self.options.clients.to_string()])
            .args(["--seconds", &seconds.to_string()]);
        if let Some(cookie) = self.cookie {
            command.args(["--cookie", cookie]);
        }
        if let Some(file) = save {
            command.arg("--save").arg(file);
        }
        let output = command.stderr(Stdio::inherit()).output().await;
        let output = output.map_err(|error| Error(format!("the load generator cannot be run: {error}")))?;
        if !output.status.success() {
            return fail(format!("{path} cannot be measured"));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| Error(format!("the load generator: {error}")))
    }

    /// The control, and its address. It ends when it is dropped.
    async fn control(&self, file: &Path) -> Result<(Child, String)> {
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut command: Command = guarded(self.load);
        command
            .arg("serve")
            .arg(folder)
            .args(["--encoding", &self.options.encoding])
            .stdout(Stdio::piped());
        let failed = |error: &dyn std::fmt::Display| Error(format!("the control cannot be run: {error}"));
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let stdout = child.stdout.take().ok_or_else(|| failed(&"no output"))?;
        let mut address = String::new();
        let read = BufReader::new(stdout).read_line(&mut address).await;
        read.map_err(|error| failed(&error))?;
        Ok((child, address.trim().to_owned()))
    }
}

fn times(parts: &[(String, u32)]) -> Result<Vec<(String, Duration)>> {
    parts
        .iter()
        .map(|(name, pid)| Ok((name.clone(), processor_time(*pid)?)))
        .collect()
}

fn print(all: &[Series]) {
    let heading = [
        "page",
        "pages/s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "KB",
        "short",
        "control/s",
        "p99 ms",
        "CPU ms",
        "ratio",
    ];
    let rows: Vec<_> = all
        .iter()
        .map(|series| {
            let Series { shop, control, .. } = series;
            vec![
                series.name.clone(),
                format!("{:.0}", shop.rate()),
                format!("{:.1}", shop.p50),
                format!("{:.1}", shop.p99),
                format!("{:.2}", series.cost()),
                format!("{}.{}", shop.bytes / 1000, shop.bytes % 1000 / 100),
                shop.short.to_string(),
                format!("{:.0}", control.rate()),
                format!("{:.1}", control.p99),
                format!("{:.3}", series.control_cost),
                format!("{:.0}", series.cost() / series.control_cost),
            ]
        })
        .collect();
    println!("\n{}", table(&heading, &rows));
    println!("    CPU: milliseconds of processor time a page, of all parts together; ratio: to the control's.");
    println!("    short: pages on which something was missing.\n");
    let names: Vec<_> = all.iter().map(|series| series.name.as_str()).collect();
    let heading: Vec<_> = std::iter::once("CPU ms by part").chain(names).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (index, (part, _)) in all.first().map_or(&[][..], |series| &series.costs).iter().enumerate() {
        let costs = all.iter().map(|series| format!("{:.3}", series.costs[index].1));
        rows.push(std::iter::once(part.clone()).chain(costs).collect());
    }
    println!("{}", table(&heading, &rows));
}

fn figures(all: &[Series], options: &Options) -> Value {
    let series = all.iter().map(|series| {
        let parts: Map<_, _> = series
            .costs
            .iter()
            .map(|(name, cost)| (name.clone(), json!(cost)))
            .collect();
        let figures = json!({
            "shop": series.shop,
            "cpu_ms": series.cost(),
            "cpu_ms_by_part": parts,
            "control": series.control,
            "control_cpu_ms": series.control_cost,
            "ratio": series.cost() / series.control_cost,
        });
        (series.name.clone(), figures)
    });
    json!({
        "optimised": !options.dev,
        "seconds": options.seconds,
        "clients": options.clients,
        "encoding": options.encoding,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "pages": series.collect::<Map<_, _>>(),
    })
}
