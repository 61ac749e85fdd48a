//! `bench orders`: complete orders a second, until they are paid, and whether the books agree afterwards.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use machine::{Error, Result, fail, step};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shop::program::guarded;
use shop::{Profile, Shop, Workspace, build, up};

use super::proc::family_time;
use super::table::table;
use super::{options, write};
use crate::chaos::{Books, stock};

/// More units than a run can buy.
const UNITS: i64 = 900_000;
const CONTROL: Duration = Duration::from_secs(2);

/// Settings of `bench orders`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Seconds for each number of shoppers
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Numbers of concurrent shoppers
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    clients: Vec<usize>,
    /// Measure a shop with deploy/scale.toml: PostgreSQL, RabbitMQ, Redis and two replicas of each part
    #[arg(long)]
    scale: bool,
    /// Measure a shop that is built without optimisation
    #[arg(long)]
    dev: bool,
}

/// What `load order` prints.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Seen {
    requests: u64,
    seconds: f64,
    p50: f64,
    p99: f64,
}

/// The figures for one number of shoppers.
struct Series {
    clients: usize,
    seen: Seen,
    /// Milliseconds of processor time per order, by part and server
    costs: BTreeMap<String, f64>,
}

impl Series {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn rate(&self) -> f64 {
        self.seen.requests as f64 / self.seen.seconds
    }

    fn cost(&self) -> f64 {
        self.costs.values().sum()
    }
}

/// Opens a shop, buys, and checks the records.
pub async fn run(workspace: &Workspace, asked: Options) -> Result<()> {
    step("building the load generator");
    build::double(workspace, Profile::Release, "load")?;
    let options = up::Options {
        scale: asked.scale,
        ..options(workspace, asked.dev)
    };
    up::with_shop(workspace, &options, async |shop| measure(workspace, shop, &asked).await).await
}

async fn measure(workspace: &Workspace, shop: &Shop, options: &Options) -> Result<()> {
    let before = stock(shop, UNITS).await?;
    let skus = before.keys().cloned().collect::<Vec<_>>().join(",");
    let load = workspace.binary("load", Profile::Release);
    // Warm-up.
    buy(&load, shop, &skus, 4, 1.0).await?;
    let mut all = Vec::new();
    let mut outcome = Ok(());
    for &clients in &options.clients {
        step(&format!("{clients} shoppers for {} s", options.seconds));
        match series(&load, shop, &skus, clients, options.seconds).await {
            Ok(series) => all.push(series),
            // The earlier figures are still worth printing.
            Err(Error(words)) => {
                outcome = fail(format!("with {clients} shoppers: {words}"));
                break;
            }
        }
    }
    step("the control: records written and synced to this disk, one after the other");
    let control = control(shop.state())?;
    step("reading the books");
    let books = Books::read(shop, before).await?;
    let violations = books.check(&[]);
    print(&all, control, &books);
    if let Some(first) = violations.first() {
        return fail(format!("{} violations, the first: {}", violations.len(), first.what));
    }
    println!("    {} orders: the books agree\n", books.orders.len());
    let name = if options.scale {
        "orders-scale.json"
    } else {
        "orders.json"
    };
    write(workspace, name, &figures(&all, control))?;
    outcome
}

async fn series(load: &Path, shop: &Shop, skus: &str, clients: usize, seconds: f64) -> Result<Series> {
    let times = times(shop)?;
    let seen = buy(load, shop, skus, clients, seconds).await?;
    let costs = costs(shop, &times, seen.requests)?;
    Ok(Series { clients, seen, costs })
}

async fn buy(load: &Path, shop: &Shop, skus: &str, clients: usize, seconds: f64) -> Result<Seen> {
    let address = shop.topology.listen("checkout-bff")?.to_string();
    let mut command = guarded(load);
    command.args(["order", &address, skus, "--clients", &clients.to_string()]);
    command.args(["--seconds", &seconds.to_string()]);
    let output = command.stderr(Stdio::inherit()).output().await;
    let output = output.map_err(|error| Error(format!("the load generator cannot be run: {error}")))?;
    if !output.status.success() {
        return fail("not everything could be bought");
    }
    serde_json::from_slice(&output.stdout).map_err(|error| Error(format!("the load generator: {error}")))
}

/// Processor time of every part and server, with their descendants.
fn times(shop: &Shop) -> Result<Vec<(String, u32, Duration)>> {
    let time = |(name, pid)| Ok((name, pid, family_time(pid)?));
    shop.pids().into_iter().chain(shop.server_pids()).map(time).collect()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn costs(shop: &Shop, before: &[(String, u32, Duration)], orders: u64) -> Result<BTreeMap<String, f64>> {
    let mut costs = BTreeMap::new();
    for ((name, _, before), (_, _, after)) in before.iter().zip(times(shop)?) {
        // All replicas of a part together.
        let name = name.trim_end_matches(|letter: char| letter == '-' || letter.is_ascii_digit());
        let used = after.saturating_sub(*before).as_secs_f64() * 1000.0;
        *costs.entry(name.to_owned()).or_insert(0.0) += used / orders as f64;
    }
    Ok(costs)
}

/// The control: records of 4 KB per second that one writer can write to the disk with fsync, as every acknowledged order is.
fn control(folder: &Path) -> Result<f64> {
    let path = folder.join("control");
    let failed = |error| Error::at(&path, error);
    let mut file = File::create(&path).map_err(failed)?;
    let (begun, mut many) = (Instant::now(), 0_u32);
    while begun.elapsed() < CONTROL {
        file.write_all(&[7; 4096])
            .and_then(|()| file.sync_data())
            .map_err(failed)?;
        many += 1;
    }
    Ok(f64::from(many) / begun.elapsed().as_secs_f64())
}

fn print(all: &[Series], control: f64, books: &Books) {
    let row = |series: &Series| {
        let ratio = series.rate() / control;
        let figures = [series.rate(), series.seen.p50, series.seen.p99, series.cost(), ratio];
        let mut row = vec![series.clients.to_string()];
        row.extend(figures.iter().map(|figure| format!("{figure:.2}")));
        row
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let heading = [
        "shoppers",
        "orders/s",
        "p50 ms",
        "p99 ms",
        "CPU ms an order",
        "of control",
    ];
    println!("\n{}", table(&heading, &rows));
    println!("    control: {control:.0} synced writes a second");
    if let Some(last) = all.last() {
        let mut parts: Vec<_> = last.costs.iter().filter(|(_, cost)| **cost >= 0.01).collect();
        parts.sort_by(|a, b| b.1.total_cmp(a.1));
        let words: Vec<_> = parts.iter().map(|(name, cost)| format!("{name} {cost:.2}")).collect();
        println!(
            "    CPU ms an order with {} shoppers: {}",
            last.clients,
            words.join(", ")
        );
    }
    for (end, many) in books.ends() {
        println!("    {many:>8}  {end}");
    }
}

fn figures(all: &[Series], control: f64) -> Value {
    let series = all.iter().map(|series| {
        let figures = json!({ "seen": series.seen, "orders_a_second": series.rate(), "cpu_ms": series.costs });
        (series.clients.to_string(), figures)
    });
    json!({ "control_writes_a_second": control, "shoppers": series.collect::<Map<_, _>>() })
}
