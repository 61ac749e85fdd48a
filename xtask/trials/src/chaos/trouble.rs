//! Failures: one or two at a time, each for a moment, with a pause in between.

use std::collections::BTreeMap;
use std::time::Duration;

use machine::Result;
use rustix::process::{Pid, Signal, kill_process};
use shop::Shop;
use tokio::time::{Instant, sleep};

use super::books::Violation;
use super::link::{Link, Weather};
use super::{double, stop};

/// The shell is not killed, because shoppers come in through it.
const SPARED: &str = "shell";

/// A failure.
#[derive(Clone, Debug)]
enum Fault {
    /// A part is killed.
    Kill(String),
    /// A part hangs: it accepts connections and does not answer.
    Hang(String),
    /// A link is cut, and data on it are lost.
    Cut(usize),
    /// A link is slow.
    Slow(usize, Duration),
    /// A server is killed: database, broker or store.
    KillServer(String),
}

impl Fault {
    fn kind(&self) -> String {
        let kind = match self {
            Self::Kill(_) => "parts killed",
            Self::Hang(_) => "parts hung",
            Self::Cut(_) => "links cut",
            Self::Slow(..) => "links slowed down",
            Self::KillServer(_) => "servers killed",
        };
        kind.to_owned()
    }
}

/// Injects failures until the time is up, then restores everything. Returns how often each failure happened, and the
/// violations that they caused.
pub async fn make(
    shop: &mut Shop,
    links: &[Link],
    random: &mut fastrand::Rng,
    until: Instant,
) -> Result<(BTreeMap<String, usize>, Vec<Violation>)> {
    let mut counts = BTreeMap::new();
    let mut violations = Vec::new();
    while Instant::now() < until {
        // Until the next fault of the double, because late webhooks need time.
        if random.u8(..100) < 40 {
            let way = double::WAYS[random.usize(..double::WAYS.len())];
            if double::misbehave(shop, way).await {
                *counts.entry(format!("double: {} {}", way.0, way.1)).or_insert(0) += 1;
            }
        }
        // Without another failure, so that warnings while the part stops have no other cause.
        if random.u8(..100) < 15 {
            let parts = shop.pids();
            let (part, _) = &parts[random.usize(..parts.len())];
            violations.extend(stop::make(shop, part).await);
            *counts.entry("parts stopped".to_owned()).or_insert(0) += 1;
            shop.start_again().await?;
            continue;
        }
        let faults: Vec<_> = (0..random.usize(1..=2)).map(|_| draw(shop, links, random)).collect();
        for fault in &faults {
            *counts.entry(fault.kind()).or_insert(0) += 1;
            begin(shop, links, fault);
        }
        sleep(Duration::from_millis(random.u64(50..1500))).await;
        for fault in &faults {
            end(shop, links, fault);
        }
        shop.take_ended();
        shop.start_again().await?;
        sleep(Duration::from_millis(random.u64(0..500))).await;
    }
    double::calm(shop).await?;
    Ok((counts, violations))
}

fn draw(shop: &Shop, links: &[Link], random: &mut fastrand::Rng) -> Fault {
    let mut parts: Vec<_> = shop.pids().into_iter().map(|(name, _)| name).collect();
    parts.retain(|name| name != SPARED);
    let servers: Vec<_> = shop.server_pids().into_iter().map(|(name, _)| name).collect();
    let part = parts[random.usize(..parts.len())].clone();
    let link = random.usize(..links.len());
    match random.u8(..100) {
        0..4 if !servers.is_empty() => Fault::KillServer(servers[random.usize(..servers.len())].clone()),
        0..40 => Fault::Kill(part),
        40..60 => Fault::Hang(part),
        60..85 => Fault::Cut(link),
        _ => Fault::Slow(link, Duration::from_millis(random.u64(20..800))),
    }
}

fn begin(shop: &Shop, links: &[Link], fault: &Fault) {
    match fault {
        Fault::Kill(name) => send(&shop.pids(), name, Signal::KILL),
        Fault::Hang(name) => send(&shop.pids(), name, Signal::STOP),
        Fault::Cut(link) => links[*link].turn(Weather::Cut),
        Fault::Slow(link, time) => links[*link].turn(Weather::Slow(*time)),
        Fault::KillServer(name) => send(&shop.server_pids(), name, Signal::KILL),
    }
}

/// Restarts what has ended.
fn end(shop: &Shop, links: &[Link], fault: &Fault) {
    match fault {
        Fault::Hang(name) => send(&shop.pids(), name, Signal::CONT),
        Fault::Cut(link) | Fault::Slow(link, _) => links[*link].turn(Weather::Fair),
        Fault::Kill(_) | Fault::KillServer(_) => {}
    }
}

pub(super) fn send(processes: &[(String, u32)], name: &str, signal: Signal) {
    let pid = processes.iter().find(|(other, _)| other == name).map(|(_, pid)| *pid);
    let pid = pid.and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may just have ended.
        let _ = kill_process(pid, signal);
    }
}
