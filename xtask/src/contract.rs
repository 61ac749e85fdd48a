//! The contract stage: a shop without its pages, and [schemathesis](https://schemathesis.io) at the door of each part that
//! has an `openapi.json`. Requests made from the document, and others made against it, must be answered as it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::error::{Error, Result, fail};
use crate::shop::{Plan, Shop};
use crate::signals::Stop;
use crate::topology::{Part, Recipe, Topology};
use crate::workspace::{Profile, Workspace, ask, run as run_command, step};
use crate::{build, debian, demo, files, up};

/// The settings, with what is left out and why.
const SETTINGS: &str = "xtask/tools/schemathesis.toml";
/// The versions.
const REQUIREMENTS: &str = "xtask/tools/requirements.txt";
/// Parts that are tried at the same time.
const AT_ONCE: usize = 3;

/// Opens the services and BFFs on free ports with the demo goods, tries each, and closes them.
pub async fn run(workspace: &Workspace) -> Result<()> {
    let program = install(workspace)?;
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
    match failed.is_empty() {
        true => Ok(()),
        false => fail(format!("not as their contracts say: {}", failed.join(", "))),
    }
}

/// How many requests were made, in its words.
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

/// The program, in a Python environment of its own in the target folder, of the versions that the tree says.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let requirements = workspace.root.join(REQUIREMENTS);
    let (wanted, installed) = (files::read(&requirements)?, folder.join("installed.txt"));
    if files::read(&installed).is_ok_and(|last| last == wanted) {
        return Ok(program);
    }
    if !has_venv() {
        debian::install(&["python3-venv"], "Python's venv")?;
    }
    step("installing schemathesis");
    run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    run_command(pip.arg(&requirements))?;
    files::write(&installed, wanted)?;
    Ok(program)
}

/// Python brings `venv`, but Debian packs apart what it needs to make one.
pub fn has_venv() -> bool {
    ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some()
}
