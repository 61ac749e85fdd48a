//! `bench idle`: how soon a shop is ready, and how much memory it holds.

use std::ops::Add;
use std::time::{Duration, Instant};

use machine::Result;
use serde_json::json;
use shop::signals::Stop;
use shop::{Shop, Workspace, up};
use tokio::time::sleep;

use super::proc::{Memory, memory};
use super::table::table;
use super::{Scene, options, write};

const SETTLE: Duration = Duration::from_secs(3);
/// Time for allocators and connection pools to settle.
const VISITS: usize = 50;

/// Settings of `bench idle`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Measure a shop that is built without optimisation
    #[arg(long)]
    dev: bool,
}

/// Opens a shop twice: the second time with existing databases.
pub async fn run(workspace: &Workspace, Options { dev }: Options) -> Result<()> {
    let mut end = Stop::new()?;
    let mut options = options(workspace, dev);
    let first = tokio::select! {
        shop = up::open(workspace, &options) => shop?,
        () = end.asked() => return Ok(()),
    };
    close(first).await;
    options.fresh = false;
    let mut shop = up::prepare(workspace, &options)?;
    let outcome = tokio::select! {
        outcome = measure(workspace, &mut shop) => outcome,
        () = end.asked() => Ok(()),
    };
    shop.stop().await;
    up::clear(shop.state(), outcome)
}

async fn close(mut shop: Shop) {
    shop.stop().await;
}

async fn measure(workspace: &Workspace, shop: &mut Shop) -> Result<()> {
    let begun = Instant::now();
    let late = shop.start().await?;
    let ready = begun.elapsed();
    sleep(SETTLE).await;
    let scene = Scene::of(shop)?;
    let fresh = memories(&scene)?;
    visit(&scene).await;
    sleep(SETTLE).await;
    let visited = memories(&scene)?;

    let mut rows: Vec<_> = scene
        .parts
        .iter()
        .zip(fresh.iter().zip(&visited))
        .map(|((name, _), (fresh, visited))| row(name, *fresh, *visited))
        .collect();
    let sum = |of: &[Memory]| of.iter().copied().fold(Memory::default(), Memory::add);
    let (before, after) = (sum(&fresh), sum(&visited));
    rows.push(row("all together", before, after));
    println!(
        "\n    {} parts ready after {:.2} s\n",
        rows.len() - 1,
        ready.as_secs_f64()
    );
    println!(
        "{}",
        table(&["MB", "RSS", "PSS", "private", "visited: RSS", "PSS"], &rows)
    );
    let parts: serde_json::Map<_, _> = scene
        .parts
        .iter()
        .zip(fresh.iter().zip(&visited))
        .map(|((name, _), (fresh, visited))| {
            (
                name.clone(),
                json!({ "idle": figures(*fresh), "visited": figures(*visited) }),
            )
        })
        .collect();
    let figures = json!({
        "ready_seconds": ready.as_secs_f64(),
        "not_ready": late,
        "idle": figures(before),
        "visited": figures(after),
        "parts": parts,
    });
    write(workspace, "idle.json", &figures)
}

fn memories(scene: &Scene) -> Result<Vec<Memory>> {
    scene.parts.iter().map(|(_, pid)| memory(*pid)).collect()
}

async fn visit(scene: &Scene) {
    for (_, path) in scene.pages() {
        for _ in 0..VISITS {
            if let Ok(answer) = scene.client.get(scene.url(&path)).send().await {
                // Missing fragments do not matter here.
                let _ = answer.bytes().await;
            }
        }
    }
}

fn row(name: &str, idle: Memory, visited: Memory) -> Vec<String> {
    let figures = [idle.rss, idle.pss, idle.private, visited.rss, visited.pss].map(megabytes);
    std::iter::once(name.to_owned()).chain(figures).collect()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn megabytes(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}

fn figures(memory: Memory) -> serde_json::Value {
    json!({ "rss_kib": memory.rss, "pss_kib": memory.pss, "private_kib": memory.private })
}
