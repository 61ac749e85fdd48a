//! `race`: many buyers, each with the last unit in the cart, order at the same moment, round after round. In each round
//! one has it, and the others are told that it is sold out; afterwards the books must agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::chaos::{Books, End, Habit, Shopper, Visit, put};
use crate::error::{Error, Result, fail};
use crate::shop::Shop;
use crate::up;
use crate::workspace::{Workspace, step};

/// What everybody wants.
const SKU: &str = "onda-vase-sand";
const SOLD_OUT: &str = "urn:problem:out-of-stock";

/// Settings of `race`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// How often it is run
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rounds: u64,
    /// Buyers of one unit
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(2..=200))]
    buyers: u64,
    /// On `PostgreSQL`, `RabbitMQ` and Redis, with two replicas of each part
    #[arg(long)]
    scale: bool,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
}

/// A few rounds, for every run of the tests.
pub async fn test(scale: bool) -> Result<()> {
    run(Options {
        rounds: 10,
        buyers: 50,
        scale,
        release: false,
    })
    .await
}

/// Opens a shop and races; an error where a round has no winner, or two.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let state = workspace.target.join(format!("shop-race-{}", std::process::id()));
    let shop = up::Options {
        scale: options.scale,
        stripe_double: true,
        release: options.release,
        random_ports: true,
        fresh: true,
        state: Some(state),
        ..up::Options::default()
    };
    up::with_shop(&workspace, &shop, async |shop| race(shop, &options).await).await
}

async fn race(shop: &Shop, options: &Options) -> Result<()> {
    let Options { rounds, buyers, .. } = *options;
    step(&format!("{rounds} rounds: {buyers} buyers, one unit"));
    let mut visits = Vec::new();
    for round in 1..=rounds {
        put(shop, SKU, 1).await?;
        let seen = buy_at_once(shop, buyers).await?;
        check(&seen).map_err(|Error(what)| Error(format!("round {round}: {what}")))?;
        if round % 10 == 0 {
            eprintln!("    {round} rounds, one winner each");
        }
        visits.extend(seen);
    }
    step("reading the books");
    let units = i64::try_from(rounds).map_err(|error| Error(error.to_string()))?;
    let books = Books::read(shop, BTreeMap::from([(SKU.to_owned(), units)])).await?;
    if let Some(violation) = books.check(&visits).first() {
        return fail(violation.what.clone());
    }
    let others = rounds * (buyers - 1);
    println!("    {rounds} orders, {others} times sold out: the books agree");
    Ok(())
}

async fn buy_at_once(shop: &Shop, buyers: u64) -> Result<Vec<Visit>> {
    let start = Arc::new(Barrier::new(usize::try_from(buyers).unwrap_or(usize::MAX)));
    let mut racing = JoinSet::new();
    for number in 0..buyers {
        let buyer = Shopper {
            number,
            shell: shop.topology.url("shell")?,
            skus: vec![SKU.to_owned()],
            random: fastrand::Rng::new(),
            habit: Habit::Races(Arc::clone(&start)),
        };
        racing.spawn(buyer.visit_once());
    }
    Ok(racing.join_all().await)
}

/// One has it, and to all others it was said why not.
fn check(visits: &[Visit]) -> Result<()> {
    let winners = visits
        .iter()
        .filter(|visit| matches!(visit.end, End::Bought(_)))
        .count();
    let is_sold_out = |visit: &&Visit| matches!(&visit.end, End::Refused(reason) if reason == SOLD_OUT);
    let losers = visits.iter().filter(is_sold_out).count();
    match (winners, losers) {
        (1, losers) if losers + 1 == visits.len() => Ok(()),
        _ => {
            let ends: Vec<_> = visits.iter().map(|visit| &visit.end).collect();
            fail(format!(
                "{winners} have it, {losers} were told that it is sold out: {ends:?}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(ends: &[End]) -> Vec<Visit> {
        let visit = |end: &End| Visit {
            key: "key".to_owned(),
            end: end.clone(),
            orders: Vec::new(),
            sent: 1,
        };
        ends.iter().map(visit).collect()
    }

    #[test]
    fn one_has_it_and_the_others_are_told() {
        let [bought, sold_out] = [End::Bought("one".to_owned()), End::Refused(SOLD_OUT.to_owned())];
        let good = [sold_out.clone(), bought.clone(), sold_out.clone()];
        assert!(check(&visits(&good)).is_ok());
        for bad in [
            vec![sold_out.clone(), sold_out.clone()],
            vec![bought.clone(), bought.clone(), sold_out.clone()],
            vec![bought.clone(), End::Unknown],
            vec![bought, End::Refused("urn:problem:card-declined".to_owned())],
        ] {
            assert!(check(&visits(&bad)).is_err(), "{bad:?}");
        }
    }
}
