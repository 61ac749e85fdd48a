//! `up`: the whole shop on this machine, until it is told to stop.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::shop::{Plan, Shop};
use crate::topology::Topology;
use crate::workspace::{Profile, Workspace, step};
use crate::{build, demo, shop};

/// Settings of `up`.
#[derive(clap::Args, Debug, Default)]
pub struct Options {
    /// Build with optimisation
    #[arg(long)]
    pub release: bool,
    /// Listen on free ports instead of those in deploy/local.toml
    #[arg(long)]
    pub random_ports: bool,
    /// Delete the data of the last run first
    #[arg(long)]
    pub fresh: bool,
    /// Folder for data, logs and parts.json [default: shop, or shop-<pid> with --random-ports, in the target folder]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

/// Opens the shop and keeps it open.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut end = Stop::new()?;
    let mut shop = tokio::select! {
        shop = open(&workspace, &options) => shop?,
        () = end.asked() => return Ok(()),
    };
    eprintln!("\n    The shop is open: {}\n", shop.topology.url("shell")?);
    eprintln!("    Logs and data: {}", shop.parts_file().with_file_name("").display());
    eprintln!("    Ctrl-C stops it; r and Enter starts again what is down.");
    let kept = tokio::select! {
        kept = keep(&mut shop) => kept,
        () = end.asked() => Ok(()),
    };
    step("closing the shop");
    shop.stop().await;
    kept
}

/// Builds and starts everything, with the demo goods on the shelves.
pub async fn open(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let topology = Topology::load(&workspace.root)?;
    let profile = Profile::new(options.release);
    if !options.random_ports {
        // Before a build that may take minutes.
        shop::check_ports(&topology)?;
    }
    build::all(workspace, &topology, profile)?;
    let own = if options.random_ports {
        format!("shop-{}", std::process::id())
    } else {
        "shop".to_owned()
    };
    let state = options.state.clone().unwrap_or_else(|| workspace.target.join(own));
    let state = std::path::absolute(&state).map_err(|error| Error::at(&state, error))?;
    let plan = Plan {
        topology,
        profile,
        state,
        random_ports: options.random_ports,
        fresh: options.fresh,
    };
    let mut shop = Shop::prepare(workspace, plan)?;
    step("starting the parts");
    let missing = shop.start().await?;
    if !missing.is_empty() {
        eprintln!("    not ready: {}", missing.join(", "));
    }
    // A shop without goods is still a shop: the rest can be looked at.
    if let Err(error) = demo::load(&workspace.root, &shop).await {
        eprintln!("the demo goods are not loaded: {error}");
    }
    Ok(shop)
}

/// Watches the parts, and starts again what is down when asked to.
pub async fn keep(shop: &mut Shop) -> Result<()> {
    let mut again = Again::new()?;
    let mut look = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = look.tick() => shop.tell_of_the_dead(),
            () = again.asked() => {
                shop.tell_of_the_dead();
                if shop.is_any_down() {
                    step("starting again what is down");
                    shop.start().await?;
                }
            }
        }
    }
}

/// Ctrl-C, SIGTERM, or the terminal is closed.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Stop {
    /// Listens from now on.
    pub fn new() -> Result<Self> {
        let hang_up = std::io::stdin()
            .is_terminal()
            .then(|| listen(SignalKind::hangup()))
            .transpose()?;
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up,
        })
    }

    /// Waits for it.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = next(&mut self.hang_up) => {}
        }
    }
}

/// `r` and Enter, or, where no terminal could be closed, SIGHUP.
struct Again {
    hang_up: Option<Signal>,
    lines: mpsc::Receiver<String>,
}

impl Again {
    fn new() -> Result<Self> {
        let hang_up = (!std::io::stdin().is_terminal())
            .then(|| listen(SignalKind::hangup()))
            .transpose()?;
        Ok(Self {
            hang_up,
            lines: lines(),
        })
    }

    async fn asked(&mut self) {
        loop {
            tokio::select! {
                () = next(&mut self.hang_up) => return,
                Some(line) = self.lines.recv() => if line.trim() == "r" { return },
                else => std::future::pending().await,
            }
        }
    }
}

/// Lines of standard input, read by a thread that nobody waits for; none when it is closed.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn listen(kind: SignalKind) -> Result<Signal> {
    signal(kind).map_err(|error| Error(format!("no signals: {error}")))
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
