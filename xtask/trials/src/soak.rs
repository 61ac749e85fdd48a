//! `soak`: attacks on a shop while shoppers buy. No shopper may fail. First each attack alone, so that a harmful one is
//! named, then all together.

mod attack;
mod buyer;
mod raw;

use std::collections::BTreeMap;
use std::time::Duration;

use machine::{Error, Result, fail, step};
use shop::{Shop, Workspace, up};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::chaos::{Books, stock};
use attack::{Attack, HELD, STRANGERS, Tally, Target};
use buyer::{Buyer, Purchase};

/// More units than shoppers and attackers can reserve together.
const UNITS: i64 = 100_000;
/// Share of the time in which each attack is alone.
const ALONE: f64 = 0.05;
/// Orders of one client whose units are held before they are paid: `STOA_UNPAID_PER_CLIENT`.
const UNPAID: i64 = 10;
/// Outstanding orders of one client: `STOA_INVOICES_PER_CLIENT`.
const OWED: usize = 5;
/// Failures that are printed.
const TOLD: usize = 10;

/// Settings of `soak`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Duration
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Concurrent shoppers
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    shoppers: u16,
    /// Only these attacks [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Attack>,
    /// With deploy/scale.toml: PostgreSQL, RabbitMQ, Redis and two replicas of each part
    #[arg(long)]
    scale: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
}

/// Opens a shop and attacks it. Fails if a shopper failed or the records do not agree.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let shop = up::Options {
        scale: options.scale,
        stripe_double: true,
        release: options.release,
        // The default; the overlay of the double allows more, for browsers that share an address.
        settings: vec![("payments", "STOA_INVOICES_PER_CLIENT", "5")],
        ..up::Options::trial(&workspace, "soak")
    };
    up::with_shop(&workspace, &shop, async |shop| soak(shop, &options).await).await
}

async fn soak(shop: &Shop, options: &Options) -> Result<()> {
    let before = stock(shop, UNITS).await?;
    let target = Target::new(shop, before.keys().cloned().collect())?;
    let attacks = if options.only.is_empty() {
        Attack::ALL.to_vec()
    } else {
        options.only.clone()
    };
    let total = Duration::from_secs_f64(options.minutes * 60.0);
    let alone = total.mul_f64(ALONE);
    let mut seen = Vec::new();
    for attack in &attacks {
        seen.push(phase(&target, &[*attack], alone, options.shoppers).await?);
    }
    let used = alone * u32::try_from(attacks.len()).unwrap_or_default();
    seen.push(phase(&target, &attacks, total.saturating_sub(used), options.shoppers).await?);
    step("reading the books");
    let books = Books::read(shop, before).await?;
    let violations = books.check(&[]);
    print(&seen);
    if let Some(first) = violations.first() {
        return fail(format!("{} violations, the first: {}", violations.len(), first.what));
    }
    check_limits(&books)?;
    verdict(&seen)
}

/// Checks that unpaid orders of attackers have not exceeded the limits for each client.
fn check_limits(books: &Books) -> Result<()> {
    let owed = books.orders.iter().filter(|order| order["paid_by"] == "invoice");
    let owed = owed.filter(|order| order["status"] == "completed").count();
    let held: i64 = books.stock.iter().filter_map(|stock| stock["reserved"].as_i64()).sum();
    println!("\n    {owed} orders are owed; {held} units are held");
    let may_be_owed = OWED * usize::from(STRANGERS);
    // Those that wait for a bank, and those on a payment page.
    let may_be_held = 2 * UNPAID * i64::from(STRANGERS) * i64::from(HELD);
    if owed <= may_be_owed && held <= may_be_held {
        Ok(())
    } else {
        fail(format!(
            "no more than {may_be_owed} may be owed, and {may_be_held} held"
        ))
    }
}

/// The results of one phase.
struct Phase {
    name: String,
    purchases: Vec<Purchase>,
    tallies: BTreeMap<Attack, Tally>,
}

impl Phase {
    fn failures(&self) -> impl Iterator<Item = &str> {
        let failures = self
            .purchases
            .iter()
            .filter_map(|purchase| purchase.outcome.as_ref().err());
        failures.map(String::as_str)
    }

    fn slowest(&self) -> Duration {
        let times = self.purchases.iter().map(|purchase| purchase.took);
        times.max().unwrap_or_default()
    }
}

async fn phase(target: &Target, attacks: &[Attack], time: Duration, shoppers: u16) -> Result<Phase> {
    let name = match attacks {
        [one] => one.to_string(),
        _ => "all together".to_owned(),
    };
    step(&format!("{:.0} s: {name}", time.as_secs_f64()));
    let until = Instant::now() + time;
    let mut buying = JoinSet::new();
    for number in 0..shoppers {
        buying.spawn(Buyer::new(target, number)?.come(until));
    }
    let mut attacking = JoinSet::new();
    for attack in attacks {
        attacking.spawn(attack.run(target.clone(), until));
    }
    sleep_until(until).await;
    let purchases = buying.join_all().await.into_iter().flatten().collect();
    let tallies = attacking.join_all().await.into_iter().collect();
    let phase = Phase {
        name,
        purchases,
        tallies,
    };
    let failed = phase.failures().count();
    eprintln!("    {} purchases, {failed} failed", phase.purchases.len());
    Ok(phase)
}

fn print(all: &[Phase]) {
    println!();
    for phase in all {
        let (bought, slowest) = (phase.purchases.len(), phase.slowest().as_secs_f64());
        println!("    {}: {bought} purchases, the slowest {slowest:.1} s", phase.name);
        for (attack, tally) in &phase.tallies {
            println!("      {attack}: {tally}");
        }
        for failure in phase.failures().take(TOLD) {
            println!("      FAILED {failure}");
        }
    }
}

fn verdict(all: &[Phase]) -> Result<()> {
    let bought: usize = all.iter().map(|phase| phase.purchases.len()).sum();
    let failing = all.iter().filter(|phase| phase.failures().next().is_some());
    let failing: Vec<_> = failing.map(|phase| &*phase.name).collect();
    match (bought, &failing[..]) {
        (0, _) => Err(Error("nobody has bought anything: this proves nothing".to_owned())),
        (_, []) => {
            println!("\n    {bought} purchases, none failed, and the books agree");
            Ok(())
        }
        _ => fail(format!("shoppers failed under: {}", failing.join(", "))),
    }
}
