//! Random requests, in any order and concurrently, at two replicas: the ledger adds up to the stock, and no unit is sold
//! that is not in stock.

use chrono::TimeDelta;
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use testkit::Running;
use uuid::Uuid;

use crate::{Inventory, assert_sound, inventories, start};

const LOCATIONS: [&str; 3] = ["main", "berlin", "paris"];

#[derive(Clone, Debug)]
enum Step {
    Count {
        sku: u8,
        location: usize,
        on_hand: u32,
    },
    Reserve {
        lines: Vec<(u8, u32)>,
        location: Option<usize>,
    },
    Commit {
        which: usize,
    },
    Release {
        which: usize,
    },
    Restock {
        which: usize,
    },
    AdvanceClock,
}

fn step() -> impl Strategy<Value = Step> {
    let location = 0..LOCATIONS.len();
    let lines = proptest::collection::btree_map(0..3_u8, 1..6_u32, 1..=3);
    let reserve = (lines, proptest::option::weighted(0.2, location.clone())).prop_map(|(lines, location)| {
        let lines = lines.into_iter().collect();
        Step::Reserve { lines, location }
    });
    prop_oneof![
        2 => (0..3_u8, location, 0..12_u32).prop_map(|(sku, location, on_hand)| Step::Count { sku, location, on_hand }),
        6 => reserve,
        3 => (0..100_usize).prop_map(|which| Step::Commit { which }),
        2 => (0..100_usize).prop_map(|which| Step::Release { which }),
        2 => (0..100_usize).prop_map(|which| Step::Restock { which }),
        1 => Just(Step::AdvanceClock),
    ]
}

/// The state of one test case: its own SKUs, and its reservations.
struct World<'a> {
    replicas: [&'a Running; 2],
    inventory: &'a Inventory,
    case: Uuid,
    reservations: Vec<Value>,
}

impl World<'_> {
    fn sku(&self, sku: u8) -> String {
        format!("sku-{sku}-{}", self.case.simple())
    }

    fn reservation(&self, which: usize) -> Option<&Value> {
        let count = self.reservations.len().max(1);
        self.reservations.get(which % count)
    }

    async fn take(&self, number: usize, step: &Step) -> Option<Value> {
        let replica = self.replicas[number % 2];
        let key = Uuid::new_v4().to_string();
        let (status, answer) = match step {
            Step::Count { sku, location, on_hand } => {
                let (sku, location) = (self.sku(*sku), LOCATIONS[*location]);
                let count = json!({ "sku": sku, "on_hand": on_hand });
                replica.put(&format!("/stock/{sku}?location={location}"), &count).await
            }
            Step::Reserve { lines, location } => {
                let lines = lines
                    .iter()
                    .map(|(sku, quantity)| json!({ "sku": self.sku(*sku), "quantity": quantity }));
                let mut body = json!({ "order": Uuid::new_v4(), "expires_in_seconds": 60 });
                body["lines"] = lines.collect();
                if let Some(location) = location {
                    body["location"] = json!(LOCATIONS[*location]);
                }
                replica.post("/reservations", &key, &body).await
            }
            Step::Commit { which } => {
                let id = self.reservation(*which)?["id"].as_str()?;
                replica
                    .post(&format!("/reservations/{id}/commit"), &key, &Value::Null)
                    .await
            }
            Step::Release { which } => {
                let id = self.reservation(*which)?["id"].as_str()?;
                replica.delete(&format!("/reservations/{id}")).await
            }
            Step::Restock { which } => {
                let reservation = self.reservation(*which)?;
                let mut body = json!({ "reason": "changed their mind" });
                body["order"] = reservation["order"].clone();
                body["lines"] = reservation["lines"].clone();
                replica.post("/restocks", &key, &body).await
            }
            Step::AdvanceClock => {
                self.inventory.clock.advance(TimeDelta::seconds(20));
                return None;
            }
        };
        assert!(matches!(status.as_u16(), 200 | 201 | 409), "{status} {step:?} {answer}");
        (status == 201 && answer["allocations"].is_array()).then_some(answer)
    }

    /// Replays the ledger: at no moment were there negative units, or more reserved than on hand.
    async fn check(&self) {
        assert_sound(self.inventory).await;
        for sku in (0..3).map(|sku| self.sku(sku)) {
            let mut shelves = std::collections::BTreeMap::<String, [i64; 2]>::new();
            for (kind, location, on_hand, reserved) in crate::movements(self.inventory, &sku).await {
                let units = shelves.entry(location).or_default();
                *units = [units[0] + on_hand, units[1] + reserved];
                let [on_hand, reserved] = *units;
                assert!((0..=on_hand).contains(&reserved), "{kind}: {reserved} of {on_hand}");
            }
        }
    }
}

async fn run(inventory: &Inventory, other: &Running, steps: &[Step], at_once: usize) {
    let mut world = World {
        replicas: [inventory, other],
        inventory,
        case: Uuid::new_v4(),
        reservations: Vec::new(),
    };
    for steps in steps.chunks(at_once) {
        let taken = steps.iter().enumerate().map(|(number, step)| world.take(number, step));
        let held: Vec<Value> = join_all(taken).await.into_iter().flatten().collect();
        world.reservations.extend(held);
    }
    world.check().await;
}

#[test]
fn ledger_adds_up_after_any_sequence_of_requests() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    let worlds = runtime.block_on(async {
        let mut worlds = Vec::new();
        for inventory in inventories().await {
            let (other, _clock) = start(&inventory.database.url, 10).await;
            worlds.push((inventory, other));
        }
        worlds
    });
    for (inventory, other) in &worlds {
        let config = Config {
            cases: 12,
            failure_persistence: None,
            ..Config::default()
        };
        let cases = (vec(step(), 1..60), 1..8_usize);
        let outcome = TestRunner::new(config).run(&cases, |(steps, at_once)| {
            runtime.block_on(run(inventory, other, &steps, at_once));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}
