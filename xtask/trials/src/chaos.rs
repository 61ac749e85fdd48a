//! `chaos`: many shoppers buy while parts are killed, hang and lose their connections, and the payment provider misbehaves.
//! Afterwards the records of all services and of the provider must agree.

#![expect(
    clippy::disallowed_methods,
    reason = "the run waits for its tasks, and fails with them"
)]

mod bookkeeper;
mod books;
mod double;
mod link;
mod shopper;
mod stop;
mod trouble;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use machine::{Error, Result, fail, files, step};
use serde_json::{Value, json};
use shop::signals::Stop;
use shop::topology::{Overlay, Recipe, Table, Topology};
use shop::{Plan, Profile, Shop, Workspace, build, demo};
use tokio::time::Instant;

use bookkeeper::Bookkeeper;
pub use books::Books;
use books::Violation;
use link::Link;
pub use shopper::{End, Habit, Shopper, Visit, Way};

/// Parts whose calls go through links that can be cut.
const CALLERS: [&str; 4] = ["orders", "checkout-bff", "payments", "stripe-double"];
/// SKUs that all shoppers want, so that they sell out.
const WANTED: usize = 6;
/// Violations that are printed with all records of their order.
const TOLD: usize = 5;

/// Settings of `chaos`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Seconds of failures
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Concurrent shoppers
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=200))]
    pub shoppers: u64,
    /// Units in stock of each product that shoppers want
    #[arg(long, default_value_t = 60)]
    pub units: i64,
    /// Seed of the failures, to repeat a run [default: random, and printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Plant a fault that the check has to find
    #[arg(long, value_enum)]
    pub plant: Option<Plant>,
    /// With deploy/scale.toml: PostgreSQL, RabbitMQ, Redis and two replicas of each part; these servers fail too
    #[arg(long)]
    pub scale: bool,
    /// Build with optimisation
    #[arg(long)]
    pub release: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seconds: 60,
            shoppers: 12,
            units: 60,
            seed: None,
            plant: None,
            scale: false,
            release: false,
        }
    }
}

/// A fault on a link, as if the called part had made it.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub enum Plant {
    /// The stock of failed orders is not released, but orders gets the answer that it is
    LostRelease,
    /// The payment of failed orders is not voided, but orders gets the answer that it is
    LostVoid,
    /// Payment pages are not closed, but payments gets the answer that they are, so that a shopper can still pay for stock
    /// that has been released
    OpenPage,
}

impl Plant {
    /// The response in place of the called part's.
    fn lie(self, request: &[u8]) -> Option<&'static [u8]> {
        const DONE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        const CLOSED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 32\r\n\r\n{\"id\":\"cs_x\",\"status\":\"expired\"}";
        let line = request.split(|byte| *byte == b'\r').next()?;
        let (begins, ends, answer): (&[u8], &[u8], _) = match self {
            Self::LostRelease => (b"DELETE /reservations/", b" HTTP/1.1", DONE),
            Self::LostVoid => (b"POST /payments/", b"/void HTTP/1.1", DONE),
            Self::OpenPage => (b"POST /v1/checkout/sessions/", b"/expire HTTP/1.1", CLOSED),
        };
        (line.starts_with(begins) && line.ends_with(ends)).then_some(answer)
    }
}

/// The result.
pub struct Outcome {
    violations: Vec<Violation>,
    bought: usize,
}

/// Opens a shop, injects failures, and checks the records. Fails if they do not agree.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let outcome = trouble(&workspace, &options).await?;
    match outcome.violations.len() {
        0 => Ok(()),
        many => fail(format!("{many} violations of what must always hold")),
    }
}

/// The stage of `test`: a short run passes, and one with a planted fault fails.
pub async fn test(workspace: &Workspace, scale: bool) -> Result<()> {
    let short = Options {
        seconds: 15,
        seed: Some(7),
        scale,
        ..Options::default()
    };
    let outcome = trouble(workspace, &short).await?;
    if !outcome.violations.is_empty() {
        return fail(format!(
            "{} violations of what must always hold",
            outcome.violations.len()
        ));
    }
    if outcome.bought == 0 {
        return fail("nobody has bought anything: this proves nothing");
    }
    for plant in [Plant::LostRelease, Plant::OpenPage] {
        let planted = Options {
            seconds: 6,
            plant: Some(plant),
            ..short
        };
        step(&format!(
            "the same with a mistake planted in it, {plant:?}: it must be found"
        ));
        if trouble(workspace, &planted).await?.violations.is_empty() {
            return fail(format!("a planted mistake was not found: {plant:?}"));
        }
    }
    Ok(())
}

async fn trouble(workspace: &Workspace, options: &Options) -> Result<Outcome> {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let state = workspace.target.join(format!("shop-chaos-{}", std::process::id()));
    let mut links = Vec::new();
    let mut shop = prepare(workspace, options, &state, &mut links)?;
    let mut end = Stop::new()?;
    let outcome = tokio::select! {
        outcome = open_and_trouble(&mut shop, &links, options, seed) => outcome,
        () = end.asked() => fail("stopped"),
    };
    shop.stop().await;
    match &outcome {
        Ok(outcome) if outcome.violations.is_empty() || options.plant.is_some() => {
            std::fs::remove_dir_all(&state).map_err(|error| Error::at(&state, error))?;
        }
        _ => eprintln!("    logs and data: {}", state.display()),
    }
    outcome
}

fn prepare(workspace: &Workspace, options: &Options, state: &std::path::Path, links: &mut Vec<Link>) -> Result<Shop> {
    let profile = Profile::new(options.release);
    let recipe = Recipe {
        table: Table::new(options.scale),
        overlay: Some(Overlay::StripeDouble),
        ..Recipe::default()
    };
    let mut topology = Topology::load(&workspace.root, &recipe)?;
    // So few that some orders are refused, and their reservations released.
    topology.set("payments", "STOA_INVOICES_PER_CLIENT", "3");
    build::all(workspace, &topology, profile)?;
    let mut reroute = |topology: &mut Topology| {
        topology.reroute(|part, to: SocketAddr| {
            if !CALLERS.contains(&part.package.as_str()) {
                return Ok(to);
            }
            links.push(Link::open(&part.name, to, options.plant)?);
            Ok(links[links.len() - 1].address)
        })
    };
    let plan = Plan {
        topology,
        profile,
        state: state.to_owned(),
        random_ports: true,
        fresh: true,
        reroute: Some(&mut reroute),
    };
    Shop::prepare(workspace, plan)
}

async fn open_and_trouble(shop: &mut Shop, links: &[Link], options: &Options, seed: u64) -> Result<Outcome> {
    shop.start().await?;
    demo::load(shop.root(), shop).await?;
    let before = stock(shop, options.units).await?;
    step(&format!(
        "{} s of trouble, seed {seed}: {} shoppers, {} links",
        options.seconds,
        options.shoppers,
        links.len()
    ));
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let shoppers: Vec<_> = (0..options.shoppers)
        .map(|number| {
            let shopper = Shopper {
                number,
                shell: shop.topology.url("shell")?,
                skus: before.keys().cloned().collect(),
                random: fastrand::Rng::with_seed(seed ^ (number + 1) << 32),
                // The fault shows only where a shopper leaves an open page.
                habit: match options.plant {
                    Some(Plant::OpenPage) if number % 2 == 0 => Habit::GoesBack,
                    _ => Habit::Wanders,
                },
            };
            Ok(tokio::spawn(shopper.come(until)))
        })
        .collect::<Result<_>>()?;
    let bookkeeper = Bookkeeper {
        orders: shop.topology.url("orders")?,
        payments: shop.topology.url("payments")?,
        client: shop.client().clone(),
        random: fastrand::Rng::with_seed(seed ^ 1),
    };
    let bookkeeper = tokio::spawn(bookkeeper.work(until));
    let mut random = fastrand::Rng::with_seed(seed);
    let (faults, troubles) = trouble::make(shop, links, &mut random, until).await?;
    let mut visits = Vec::new();
    for shopper in shoppers {
        visits.extend(shopper.await.map_err(Error::of)?);
    }
    step("waiting until everything rests, reading the books");
    let mut books = Books::read(shop, before).await?;
    books.marked = bookkeeper.await.map_err(Error::of)?;
    let mut violations = books.check(&visits);
    violations.extend(troubles);
    tell(&faults, &visits, &books, &violations);
    let bought = visits
        .iter()
        .filter(|visit| matches!(visit.end, End::Bought(_)))
        .count();
    Ok(Outcome { violations, bought })
}

/// Sets the stock of a few SKUs, and returns these.
pub async fn stock(shop: &Shop, units: i64) -> Result<BTreeMap<String, i64>> {
    let path = shop.root().join("assets/demo/shop.json");
    let goods: Value = serde_json::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
    let mut stock = BTreeMap::new();
    for price in goods["prices"].as_array().into_iter().flatten().take(WANTED) {
        let sku = price["sku"].as_str().unwrap_or_default();
        put(shop, sku, units).await?;
        stock.insert(sku.to_owned(), units);
    }
    Ok(stock)
}

/// Sets the stock of a SKU.
pub async fn put(shop: &Shop, sku: &str, units: i64) -> Result<()> {
    let url = format!("{}/stock/{sku}", shop.topology.url("inventory")?);
    let request = shop.client().put(url).json(&json!({ "sku": sku, "on_hand": units }));
    let answer = request.send().await.and_then(reqwest::Response::error_for_status);
    answer
        .map(drop)
        .map_err(|error| Error::because(format!("no stock of {sku}"), error))
}

fn tell(faults: &BTreeMap<String, usize>, visits: &[Visit], books: &Books, violations: &[Violation]) {
    let mut ends = BTreeMap::new();
    for visit in visits {
        let end = match &visit.end {
            End::Bought(_) => "bought".to_owned(),
            End::Promised(_) => "told to follow the order".to_owned(),
            End::Refused(reason) => format!("refused: {}", reason.trim_start_matches("urn:problem:")),
            End::Nothing => "found nothing to buy".to_owned(),
            End::Unknown => "without an answer".to_owned(),
        };
        let way = format!("{:?}", visit.way).to_lowercase();
        *ends.entry(format!("{way}: {end}")).or_insert(0_usize) += 1;
    }
    let again: usize = visits.iter().map(|visit| visit.sent.saturating_sub(1)).sum();
    println!("\n    trouble");
    count(faults);
    println!("    visits, {} in all; {again} forms sent again", visits.len());
    count(&ends);
    println!(
        "    orders, {} in all; payments of {} orders; {} pages, {} intents; {} invoices marked as paid",
        books.orders.len(),
        books.payments.len(),
        books.ledger.sessions.len(),
        books.ledger.charges.len(),
        books.marked.len()
    );
    count(&books.ends());
    println!("    violations: {}\n", violations.len());
    for Violation { what, order } in violations.iter().take(TOLD) {
        println!("      {what}");
        for line in order.iter().flat_map(|order| books.story(order)) {
            println!("        {line}");
        }
    }
}

fn count(what: &BTreeMap<impl std::fmt::Display, usize>) {
    for (what, many) in what {
        println!("      {many:>6}  {what}");
    }
}
