//! `up`: the whole shop on this machine, until it is told to stop; run again, it renews the shop that is open.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use machine::{Error, Result, fail, step};

use crate::control::{self, Client, ControlSocket, OpenShop};
use crate::protocol::{RenewRequest, ShopInfo};
use crate::shop::{Plan, Shop};
use crate::signals::{Again, Stop};
use crate::topology::{Overlay, Recipe, Table, Topology, Variables};
use crate::workspace::{Profile, Workspace};
use crate::{build, demo, servers, settings, shop};

/// Settings of `up`.
#[derive(clap::Args, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Options {
    /// Build with optimisation
    #[arg(long)]
    pub release: bool,
    /// Build only this team's frontend and BFF, or this part, and replace it in the open shop (may be repeated)
    #[arg(long, value_name = "NAME", conflicts_with = "fresh")]
    pub only: Vec<String>,
    /// Use deploy/scale.toml instead of deploy/local.toml: two replicas of each part, database servers and a broker
    #[arg(long)]
    pub scale: bool,
    /// Add a double of Stripe, which moves no money, to the payment providers: deploy/stripe-double.toml
    #[arg(long)]
    pub stripe_double: bool,
    /// Listen on free ports instead of those in the table
    #[arg(long)]
    pub random_ports: bool,
    /// Delete the data of the last run first
    #[arg(long)]
    pub fresh: bool,
    /// Folder for data, logs and parts.json [default: in the target folder shop, shop-scale, shop-stripe-double or shop-scale-stripe-double; shop-PID with --random-ports]
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Variables that the caller has set. Only `up` uses them, so that no measurement and no test depends on them.
    #[arg(skip)]
    pub caller: Variables,
    /// Settings that replace those of the table: package, variable, value.
    #[arg(skip)]
    pub settings: Vec<(&'static str, &'static str, &'static str)>,
}

impl Options {
    /// A shop for one trial: on free ports, with empty databases, in a folder of its own.
    #[must_use]
    pub fn trial(workspace: &Workspace, name: &str) -> Self {
        Self {
            random_ports: true,
            fresh: true,
            state: Some(workspace.target.join(format!("shop-{name}-{}", std::process::id()))),
            ..Self::default()
        }
    }

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
        // Only the double knows of the payments that were made there, so its data stay together.
        let double = if self.stripe_double { "-stripe-double" } else { "" };
        let own = if self.random_ports {
            format!("shop-{}", std::process::id())
        } else {
            format!("shop{scale}{double}")
        };
        let state = self.state.clone().unwrap_or_else(|| workspace.target.join(own));
        std::path::absolute(&state).map_err(|error| Error::at(&state, error))
    }

    fn request(&self, workspace: &Workspace) -> RenewRequest {
        RenewRequest {
            root: workspace.root.clone(),
            target: workspace.target.clone(),
            profile: self.profile(),
            only: self.only.clone(),
            fresh: self.fresh,
            caller: self.caller.clone(),
        }
    }
}

/// Variables for parts of the shop, from the environment of `up`.
fn caller() -> Variables {
    let texts =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.filter(|(name, _)| name.starts_with("STOA_")).collect()
}

/// Opens the shop and keeps it open, or renews the one that is open.
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

/// Opens the shop and returns it, or renews the open one and returns `None`.
async fn renew_or_open(workspace: &Workspace, options: &Options) -> Result<Option<Shop>> {
    let topology = Topology::load(&workspace.root, &options.recipe())?;
    let shell = shop::shell_address(&topology, &options.state(workspace)?)?;
    let is_open = !options.random_ports || options.state.is_some();
    let open = if is_open { control::connect(shell).await? } else { None };
    let topology = match &open {
        // The parts of the open shop count, whatever the options say.
        Some(open) => Topology::load(&workspace.root, &open.info.recipe())?,
        None => topology,
    };
    let chosen = topology.choose(&options.only)?;
    if let Some(open) = &open {
        may_renew(open, workspace, options)?;
    } else if !options.only.is_empty() {
        return fail(format!(
            "no shop is open on http://{shell}, which {} could join. Open one first: cargo xtask up",
            options.only.join(", ")
        ));
    } else if !options.random_ports {
        // Before the build, which may take minutes.
        shop::check_ports(&topology)?;
    }
    if open.is_none() {
        servers::install(topology.servers())?;
    }
    drop(open);
    build::some(workspace, options.profile(), &topology.packages(&chosen))?;
    check_caller(workspace, &topology, options)?;
    // Again, because a shop may have been opened or closed during the build.
    let open = if is_open { control::connect(shell).await? } else { None };
    if let Some(open) = open {
        may_renew(&open, workspace, options)?;
        return open.renew(&options.request(workspace)).await.map(|()| None);
    }
    if !options.only.is_empty() {
        return fail("the shop was closed during the build");
    }
    start(workspace, options).await.map(Some)
}

/// A whole shop is renewed from the checkout that it was opened in; the parts of one team may come from another.
fn may_renew(open: &OpenShop, workspace: &Workspace, options: &Options) -> Result<()> {
    let ShopInfo {
        root,
        state,
        table,
        overlay,
        ..
    } = &open.info;
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

/// Builds and starts everything, and loads the demo products.
pub async fn open(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let topology = Topology::load(&workspace.root, &options.recipe())?;
    servers::install(topology.servers())?;
    build::all(workspace, &topology, options.profile())?;
    check_caller(workspace, &topology, options)?;
    start(workspace, options).await
}

/// Refuses a misspelt variable of the caller. Only a shop with all parts can tell whether some part has it.
fn check_caller(workspace: &Workspace, topology: &Topology, options: &Options) -> Result<()> {
    let parts = topology.parts().iter();
    let binaries = parts.map(|part| workspace.binary(&part.package, options.profile()));
    settings::check_caller(&binaries.collect())
}

/// Opens a shop, works with it, and closes it whatever happens. If the work fails, the shop's folder is kept, for the logs.
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

/// Removes the shop's folder, or keeps it for its logs if something failed.
pub fn clear(state: &Path, outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) => fail(format!("{error}; the parts' logs: {}", state.join("logs").display())),
        Ok(()) => std::fs::remove_dir_all(state).map_err(|error| Error::at(state, error)),
    }
}

/// Prepares a shop that is built. Nothing runs yet.
pub fn prepare(workspace: &Workspace, options: &Options) -> Result<Shop> {
    let mut topology = Topology::load(&workspace.root, &options.recipe())?;
    for (package, name, value) in &options.settings {
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
    let start = Instant::now();
    let missing = shop.start().await?;
    if missing.is_empty() {
        eprintln!("    all ready after {:.1} s", start.elapsed().as_secs_f32());
    } else {
        eprintln!("    not ready: {}", missing.join(", "));
    }
    load_demo(&mut shop).await;
    Ok(shop)
}

/// Loads the demo products, unless these are loaded.
async fn load_demo(shop: &mut Shop) {
    let products = std::fs::read(shop.root().join("assets/demo/shop.json")).unwrap_or_default();
    if shop.loaded_demo.as_ref() == Some(&products) {
        return;
    }
    match demo::load(shop.root(), shop).await {
        Ok(()) => shop.loaded_demo = Some(products),
        // The rest of the shop can still be used.
        Err(error) => eprintln!("the demo products are not loaded: {error}"),
    }
}

/// Watches the parts, restarts on request those that have ended, and answers a second `up`.
pub async fn keep(shop: &mut Shop) -> Result<()> {
    let mut again = Again::new()?;
    let mut look = tokio::time::interval(Duration::from_millis(250));
    let socket = match ControlSocket::open(shop.topology.listen("shell")?).await {
        Ok(socket) => Some(socket),
        Err(error) => {
            eprintln!("cargo xtask up in another terminal will not find this shop: {error}");
            None
        }
    };
    loop {
        tokio::select! {
            _ = look.tick() => shop.report_ended(),
            () = again.asked() => {
                shop.report_ended();
                if shop.is_any_down() {
                    step("starting again what is down");
                    shop.start().await?;
                }
            }
            client = control::accept(socket.as_ref()) => answer(client, shop).await,
        }
    }
}

/// Does what a second `up` asks for, and sends it the result.
async fn answer(mut client: Client, shop: &mut Shop) {
    let Some(request) = client.request(&shop.info()).await else {
        return;
    };
    let outcome = shop.renew(&request).await;
    for line in &outcome.lines {
        eprintln!("    {line}");
    }
    if request.only.is_empty() {
        load_demo(shop).await;
    }
    client.answer(&outcome).await;
}
