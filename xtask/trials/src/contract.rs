//! The contract stage: [schemathesis](https://schemathesis.io) sends requests to each part that has an `openapi.json`, valid
//! and invalid ones by that document, and checks the responses against it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use machine::{Error, Result, fail, python, step};
use shop::signals::Stop;
use shop::topology::{Part, Recipe, Topology};
use shop::{Plan, Profile, Shop, Workspace, build, demo, up};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Its settings, and the reason for each check that is left out.
const SETTINGS: &str = "xtask/tools/schemathesis.toml";
/// Its version.
const REQUIREMENTS: &str = "xtask/tools/requirements.txt";
/// Parts that are tested at the same time.
const AT_ONCE: usize = 3;

/// Opens the services and BFFs on free ports with the demo products, tests each, and closes them.
pub async fn run(workspace: &Workspace) -> Result<()> {
    let requirements = workspace.root.join(REQUIREMENTS);
    let program = python::install(&workspace.target, "schemathesis", &requirements)?.join("schemathesis");
    let state = workspace.target.join(format!("shop-contract-{}", std::process::id()));
    let mut end = Stop::new()?;
    let mut shop = tokio::select! {
        shop = open(workspace, &state) => shop?,
        () = end.asked() => return fail("stopped"),
    };
    let outcome = tokio::select! {
        outcome = try_all(workspace, &shop, &program) => outcome,
        () = end.asked() => fail("stopped"),
    };
    shop.stop().await;
    up::clear(&state, outcome)
}

async fn open(workspace: &Workspace, state: &Path) -> Result<Shop> {
    let mut topology = Topology::load(&workspace.root, &Recipe::default())?;
    let pages = topology.parts().iter().filter(|part| !has_contract(workspace, part));
    let pages: Vec<_> = pages.map(|part| part.name.clone()).collect();
    for name in &pages {
        topology.remove(name);
    }
    let plan = Plan {
        profile: Profile::Dev,
        state: state.to_owned(),
        random_ports: true,
        fresh: true,
        reroute: None,
        topology,
    };
    build::all(workspace, &plan.topology, plan.profile)?;
    let mut shop = Shop::prepare(workspace, plan)?;
    let missing = shop.start().await?;
    if !missing.is_empty() {
        return fail(format!("not ready: {}", missing.join(", ")));
    }
    demo::load(&workspace.root, &shop).await?;
    Ok(shop)
}

async fn try_all(workspace: &Workspace, shop: &Shop, program: &Path) -> Result<()> {
    step("requests by the contracts, and against them");
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut tries = JoinSet::new();
    for part in shop.topology.parts() {
        let (name, places) = (part.name.clone(), Arc::clone(&places));
        let mut command = tokio::process::Command::new(program);
        command
            .arg("--config-file")
            .arg(workspace.root.join(SETTINGS))
            .arg("run")
            .arg(contract(workspace, part))
            .args(["--url", &part.url(), "--no-color"])
            .current_dir(shop.state())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        tries.spawn(async move {
            let _place = places.acquire().await;
            let begun = Instant::now();
            (name, command.output().await, begun.elapsed())
        });
    }
    let mut failed = Vec::new();
    while let Some(tried) = tries.join_next().await {
        let (name, output, took) = tried.map_err(Error::of)?;
        let output = output.map_err(|error| Error::at(program, error))?;
        if output.status.success() {
            eprintln!(
                "    {name:<12} {:>5.1} s  {}",
                took.as_secs_f32(),
                summary(&output.stdout)
            );
        } else {
            println!("{}", String::from_utf8_lossy(&output.stdout));
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        fail(format!("not as their contracts say: {}", failed.join(", ")))
    }
}

/// The number of requests, from its output.
fn summary(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    let line = output.lines().rfind(|line| line.contains("generated"));
    line.unwrap_or_default().trim().to_owned()
}

fn contract(workspace: &Workspace, part: &Part) -> PathBuf {
    let folder = match part.package.strip_suffix("-bff") {
        Some(frontend) => format!("bffs/{frontend}"),
        None => format!("services/{}", part.package),
    };
    workspace.root.join(folder).join("openapi.json")
}

fn has_contract(workspace: &Workspace, part: &Part) -> bool {
    contract(workspace, part).is_file()
}
