//! `bench`: measures the performance of a shop.

mod chromium;
mod idle;
mod lighthouse;
mod orders;
mod pages;
mod proc;
mod table;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use machine::{Error, Result, fail, files};
use serde::Deserialize;
use serde_json::Value;
use shop::signals::Stop;
use shop::up::{self, Options};
use shop::{Shop, Workspace};

/// A measurement.
#[derive(clap::Subcommand, Debug)]
pub enum Bench {
    /// Pages per second, latency and processor time per page, next to a control that sends the same bytes
    Pages(pages::Options),
    /// Completed orders per second, and a check of all orders, payments and stock afterwards
    Orders(orders::Options),
    /// Time until the shop is ready, and memory when it is idle
    Idle(idle::Options),
    /// Lighthouse scores on a simulated phone, median of three runs
    Lighthouse(lighthouse::Options),
}

/// Measures, prints, and writes JSON to `bench/` in the target folder.
pub async fn run(what: Bench) -> Result<()> {
    let workspace = Workspace::find()?;
    match what {
        Bench::Pages(options) => pages::run(&workspace, options).await,
        Bench::Orders(options) => orders::run(&workspace, options).await,
        Bench::Idle(options) => idle::run(&workspace, options).await,
        Bench::Lighthouse(options) => lighthouse::run(&workspace, options).await,
    }
}

/// The shop that is measured.
struct Scene {
    shell: SocketAddr,
    /// Every part and its process.
    parts: Vec<(String, u32)>,
    goods: Goods,
    client: reqwest::Client,
}

impl Scene {
    fn of(shop: &Shop) -> Result<Self> {
        Ok(Self {
            shell: shop.topology.listen("shell")?,
            parts: shop.pids(),
            goods: Goods::read(shop.root())?,
            client: shop.client().clone(),
        })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.shell)
    }

    /// Home, a category and a product: the pages that most visits begin with.
    fn pages(&self) -> [(&'static str, String); 3] {
        [
            ("home", "/".to_owned()),
            ("category", format!("/category/{}", self.goods.category)),
            ("product", format!("/product/{}", self.goods.slug)),
        ]
    }
}

/// The first demo product.
#[derive(Debug, Deserialize)]
struct Goods {
    slug: String,
    category: String,
    variants: Vec<Variant>,
}

#[derive(Debug, Deserialize)]
struct Variant {
    sku: String,
}

impl Goods {
    fn read(root: &Path) -> Result<Self> {
        let path = root.join("assets/demo/shop.json");
        let mut shop: Value = serde_json::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
        serde_json::from_value(shop["products"][0].take()).map_err(|error| Error::at(&path, error))
    }
}

/// A shop for a measurement: with empty databases, the demo products and free ports.
fn options(workspace: &Workspace, dev: bool) -> Options {
    Options {
        release: !dev,
        ..Options::trial(workspace, "bench")
    }
}

/// Opens a shop, measures it, and closes it whatever happens.
async fn with_shop<F: Future<Output = Result<()>>>(
    workspace: &Workspace,
    dev: bool,
    measure: impl FnOnce(Scene) -> F,
) -> Result<()> {
    let mut end = Stop::new()?;
    let options = options(workspace, dev);
    let mut shop = tokio::select! {
        shop = up::open(workspace, &options) => shop?,
        () = end.asked() => return fail("stopped"),
    };
    let outcome = match Scene::of(&shop) {
        Err(error) => Err(error),
        Ok(scene) => tokio::select! {
            outcome = measure(scene) => outcome,
            kept = up::keep(&mut shop) => kept,
            () = end.asked() => fail("stopped"),
        },
    };
    shop.stop().await;
    up::clear(shop.state(), outcome)
}

/// The folder for the figures.
fn folder(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| Error::at(&folder, error))?;
    Ok(folder)
}

fn write(workspace: &Workspace, name: &str, figures: &Value) -> Result<()> {
    let file = folder(workspace)?.join(name);
    files::write(&file, format!("{figures:#}\n"))?;
    eprintln!("    {}", file.display());
    Ok(())
}
