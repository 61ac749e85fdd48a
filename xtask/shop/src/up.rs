//! `up`: the whole shop on this machine, until it is told to stop; run again, it renews the shop that is open.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use machine::{Error, Result, fail, step};

use crate::door::{self, Door, Guest, Visit};
use crate::shop::{Plan, Shop};
use crate::signals::{Again, Stop};
use crate::topology::{Overlay, Recipe, Table, Topology, Variables};
use crate::wish::{Greeting, Wish};
use crate::workspace::{Profile, Workspace};
use crate::{build, demo, servers, settings, shop};

/// Settings of `up`.
#[derive(clap::Args, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Options {
    /// Build with optimisation
    #[arg(long)]
    pub release: bool,
    /// Only this team's frontend and BFF, or this one part: built here, it takes its place in the shop that is open (may be repeated)
    #[arg(long, value_name = "NAME", conflicts_with = "fresh")]
    pub only: Vec<String>,
    /// Two of each part, on database servers and a broker: deploy/scale.toml instead of deploy/local.toml
    #[arg(long)]
    pub scale: bool,
    /// With a double of Stripe, which moves no money, among the providers of payments: deploy/stripe-double.toml laid over the table
    #[arg(long)]
    pub stripe_double: bool,
    /// Listen on free ports instead of those in the table
    #[arg(long)]
    pub random_ports: bool,
    /// Delete the data of the last run first
    #[arg(long)]
    pub fresh: bool,
    /// Folder for data, logs and parts.json [default: in the target folder shop, shop-scale with --scale, either with -stripe-double after it with that, shop-PID with --random-ports]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// What the caller has set: for `up` alone, so that no measurement and no test depends on it.
    #[arg(skip)]
    pub caller: Variables,
    /// What a run wants otherwise than the table: settings of a package's parts, by their names.
    #[arg(skip)]
    pub wanted: Vec<(&'static str, &'static str, &'static str)>,
}

impl Options {
    fn profile(&self) -> Profile {
        Profile::new(self.release)
    }

    fn recipe(&self) -> Recipe {
        Recipe {
            table: Table::new(self.scale),
            overlay: self.stripe_double.then_some(Overlay::StripeDouble),
            caller: self.caller.clone(),
        }
    }

    fn state(&self, workspace: &Workspace) -> Result<PathBuf> {
        let scale = if self.scale { "-scale" } else { "" };
        // What was paid at the double, nobody else can tell of.
        let double = if self.stripe_double { "-stripe-double" } else { "" };
        let own = if self.random_ports {
            format!("shop-{}", std::process::id())
        } else {
            format!("shop{scale}{double}")
        };
        let state = self.state.clone().unwrap_or_else(|| workspace.target.join(own));
        std::path::absolute(&state).map_err(|error| Error::at(&state, error))
    }

    fn wish(&self, workspace: &Workspace) -> Wish {
        Wish {
            root: workspace.root.clone(),
            target: workspace.target.clone(),
            profile: self.profile(),
            only: self.only.clone(),
            fresh: self.fresh,
            caller: self.caller.clone(),
        }
    }
}

/// What is set for parts of the shop where `up` is run.
fn caller() -> Variables {
    let texts =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| name.starts_with("STOA_")).collect()
}

/// Opens the shop and keeps it open, or renews the one that is.
pub async fn run(options: Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let options = Options {
        caller: caller(),
        ..options
    };
    let mut end = Stop::new()?;
    let opened = tokio::select! {
        opened = renew_or_open(&workspace, &options) => opened?,
        () = end.asked() => return Ok(()),
    };
    let Some(mut shop) = opened else { return Ok(()) };
    eprintln!("\n    The shop is open: {}\n", shop.topology.url("shell")?);
    eprintln!("    Logs and data: {}", shop.parts_file().with_file_name("").display());
    if let Some(servers) = shop.servers() {
        eprintln!("    {servers}");
    }
    eprintln!("    Ctrl-C stops it; r and Enter starts again what is down;");
    eprintln!("    cargo xtask up in another terminal renews what has changed.");
    let kept = tokio::select! {
        kept = keep(&mut shop) => kept,
        () = end.asked() => Ok(()),
    };
    step("closing the shop");
    shop.stop().await;
    kept
}

/// The shop, if it was not open before.
async fn renew_or_open(workspace: &Workspace, options: &Options) -> Result<Option<Shop>> {
    let topology = Topology::load(&workspace.root, &options.recipe())?;
    let shell = shop::shell_address(&topology, &options.state(workspace)?)?;
    let is_open = !options.random_ports || options.state.is_some();
    let open = if is_open { door::knock(shell).await? } else { None };
    let topology = match &open {
        // Its parts, whatever was asked for.
        Some(visit) => Topology::load(&workspace.root, &visit.greeting.recipe())?,
        None => topology,
    };
    let chosen = topology.choose(&options.only)?;
    if let Some(visit) = &open {
        may_renew(visit, workspace, options)?;
    } else if !options.only.is_empty() {
        return fail(format!(
            "no shop is open on http://{shell}, which {} could join. Open one first: cargo xtask up",
            options.only.join(", ")
        ));
    } else if !options.random_ports {
        // Before a build that may take minutes.
        shop::check_ports(&topology)?;
    }
    if open.is_none() {
        servers::install(topology.servers())?;
    }
    drop(open);
    build::some(workspace, options.profile(), &topology.packages(&chosen))?;
    let binaries = topology.parts().iter();
    let binaries = binaries.map(|part| workspace.binary(&part.package, options.profile()));
    settings::check_caller(&binaries.collect())?;
    // Knocked again: meanwhile it may have been opened, or closed.
    let open = if is_open { door::knock(shell).await? } else { None };
    if let Some(visit) = open {
        may_renew(&visit, workspace, options)?;
        return visit.ask(&options.wish(workspace)).await.map(|()| None);
    }
    if !options.only.is_empty() {
        return fail("the shop was closed meanwhile");
    }
    start(workspace, options).await.map(Some)
}

/// A whole shop is renewed from where it was opened; a single team's parts may come from anywhere.
fn may_renew(visit: &Visit, workspace: &Workspace, options: &Options) -> Result<()> {
    let Greeting {
        root,
        state,
        table,
        overlay,
        ..
    } = &visit.greeting;
    let remedy = "Close it first, or open a second one: cargo xtask up --random-ports";
    if options.scale && *table != Table::Scale {
        return fail(format!("the shop that is open is not at scale. {remedy} --scale"));
    }
    if options.stripe_double && *overlay != Some(Overlay::StripeDouble) {
        return fail(format!(
            "the shop that is open has no double of Stripe. {remedy} --stripe-double"
        ));
    }
    if options.only.is_empty() && *root != workspace.root {
        return fail(format!(
            "the shop that is open was opened in {}. {remedy}, or let one team's parts join it: cargo xtask up --only <team>",
            root.display()
        ));
    }
    if options.state.is_some() && *state != options.state(workspace)? {
        return fail(format!(
            "the shop that is open keeps its data in {}. {remedy}",
            state.display()
        ));
    }
    Ok(())
}

/// Builds and starts everything, with the demo goods on the shelves.
pub async fn open(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let topology = Topology::load(&workspace.root, &options.recipe())?;
    servers::install(topology.servers())?;
    build::all(workspace, &topology, options.profile())?;
    start(workspace, options).await
}

/// Opens a shop of its own, does something with it, and closes it, whatever happens meanwhile. Its folder stays where that
/// failed: the logs tell why.
pub async fn with_shop(
    workspace: &Workspace,
    options: &Options,
    work: impl AsyncFnOnce(&Shop) -> Result<()>,
) -> Result<()> {
    let mut end = Stop::new()?;
    let mut shop = tokio::select! {
        shop = open(workspace, options) => shop?,
        () = end.asked() => return fail("stopped"),
    };
    let outcome = tokio::select! {
        outcome = work(&shop) => outcome,
        () = end.asked() => fail("stopped"),
    };
    shop.stop().await;
    clear(shop.state(), outcome)
}

/// The logs tell why something failed: then they stay.
pub fn clear(state: &Path, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) => fail(format!("{error}; the parts' logs: {}", state.join("logs").display())),
        Ok(()) => std::fs::remove_dir_all(state).map_err(|error| Error::at(state, error)),
    }
}

/// Lays everything out for a shop that is built; nothing runs yet.
pub fn prepare(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let mut topology = Topology::load(&workspace.root, &options.recipe())?;
    for (package, name, value) in &options.wanted {
        topology.set(package, name, value);
    }
    let plan = Plan {
        topology,
        profile: options.profile(),
        state: options.state(workspace)?,
        random_ports: options.random_ports,
        fresh: options.fresh,
        reroute: None,
    };
    Shop::prepare(workspace, plan)
}

async fn start(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let mut shop = prepare(workspace, options)?;
    let begun = Instant::now();
    let missing = shop.start().await?;
    if missing.is_empty() {
        eprintln!("    all ready after {:.1} s", begun.elapsed().as_secs_f32());
    } else {
        eprintln!("    not ready: {}", missing.join(", "));
    }
    fill(&mut shop).await;
    Ok(shop)
}

/// Puts the demo goods on the shelves, unless these were put there before.
async fn fill(shop: &mut Shop) {
    let goods = std::fs::read(shop.root().join("assets/demo/shop.json")).unwrap_or_default();
    if shop.goods.as_ref() == Some(&goods) {
        return;
    }
    match demo::load(shop.root(), shop).await {
        Ok(()) => shop.goods = Some(goods),
        // A shop without goods is still a shop: the rest can be looked at.
        Err(error) => eprintln!("the demo goods are not loaded: {error}"),
    }
}

/// Watches the parts, starts again what is down when asked to, and renews what a second `up` brings.
pub async fn keep(shop: &mut Shop) -> Result<()> {
    let mut again = Again::new()?;
    let mut look = tokio::time::interval(Duration::from_millis(250));
    let door = match Door::open(shop.topology.listen("shell")?).await {
        Ok(door) => Some(door),
        Err(error) => {
            eprintln!("cargo xtask up in another terminal will not find this shop: {error}");
            None
        }
    };
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
            guest = door::next(door.as_ref()) => receive(guest, shop).await,
        }
    }
}

/// Does what a second `up` wants, and tells it.
async fn receive(mut guest: Guest, shop: &mut Shop) {
    let Some(wish) = guest.wish(&shop.greeting()).await else {
        return;
    };
    let outcome = shop.renew(&wish).await;
    for line in &outcome.lines {
        eprintln!("    {line}");
    }
    if wish.only.is_empty() {
        fill(shop).await;
    }
    guest.answer(&outcome).await;
}
