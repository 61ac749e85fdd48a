//! `test`: every check, in the order in which they are cheap.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::error::{Error, Result, fail};
use crate::servers::Engine;
use crate::workspace::{Profile, Workspace, ask, cargo, run, step};
use crate::{browser, build, chaos, contract, debian, deny, files, python, race, scripts};

/// One kind of check.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Stage {
    /// The code is formatted
    Fmt,
    /// What the shop stands on: licences, versions, sources, advisories, and nothing that no code uses
    Deny,
    /// Scripts have the types that they should have, and no lint complains of them
    Scripts,
    /// No lint complains
    Clippy,
    /// The documentation of all code, private items included: every link leads somewhere
    Docs,
    /// Unit, API, contract and tidy tests
    Unit,
    /// PostgreSQL has a good plan for every statement that the unit stage has run
    Statements,
    /// Services and BFFs answer as their contracts say, whatever they are asked
    Contract,
    /// Journeys through the whole shop in a real browser
    Browser,
    /// Trouble, and whether the books still agree
    Chaos,
    /// The last unit has one buyer, however many want it
    Race,
    /// What is shipped can be built: the optimiser refuses what the checks above let pass
    Release,
}

/// Runs the stages asked for, or all; stops at the first that fails.
pub async fn run_stages(asked: &[Stage], scale: bool) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut times = Vec::new();
    let chosen = Stage::value_variants()
        .iter()
        .filter(|stage| asked.is_empty() || asked.contains(stage));
    for stage in chosen {
        let name = format!("{stage:?}").to_lowercase();
        step(&format!("test stage: {name}"));
        let start = Instant::now();
        let outcome = stage.run(&workspace, scale).await;
        times.push((name.clone(), start.elapsed(), outcome.is_ok()));
        if let Err(error) = outcome {
            summary(&times);
            return Err(Error(format!("test stage {name} failed: {error}")));
        }
    }
    summary(&times);
    Ok(())
}

impl Stage {
    async fn run(self, workspace: &Workspace, scale: bool) -> Result<()> {
        match self {
            Self::Fmt => run(in_root(workspace).args(["fmt", "--all", "--check"])),
            Self::Deny => deny::run_all(workspace),
            Self::Scripts => scripts::run_all(workspace),
            Self::Clippy => clippy(workspace),
            Self::Docs => docs(workspace),
            Self::Unit => unit(workspace),
            Self::Statements => statements(workspace),
            Self::Contract => contract::run(workspace).await,
            Self::Browser => browser::run(workspace, scale).await,
            Self::Chaos => chaos::test(workspace, scale).await,
            Self::Race => race::test(scale).await,
            Self::Release => build::all_servers(workspace, Profile::Release),
        }
    }
}

fn clippy(workspace: &Workspace) -> Result<()> {
    run(in_root(workspace).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let mut command = in_root(workspace);
    command.args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--locked",
    ]);
    // There are no examples; but asked for them, cargo takes the features of tests, and all that clippy has built serves.
    command.args(["--lib", "--bins", "--examples"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn unit(workspace: &Workspace) -> Result<()> {
    let required = require_servers().chain(require_packages(workspace));
    let words: &[_] = if has_nextest() { &["nextest", "run"] } else { &["test"] };
    let seen = seen(workspace);
    files::empty(&seen)?;
    let mut command = in_root(workspace);
    command
        .args(words)
        .args(["--workspace", "--locked"])
        .env(STATEMENTS, seen);
    run(command.envs(required.map(|variable| (variable, "require"))))
}

/// Names the folder where PostgreSQL writes down what the tests have it do.
const STATEMENTS: &str = "STOA_TEST_STATEMENTS";

fn seen(workspace: &Workspace) -> PathBuf {
    workspace.target.join("statements")
}

fn statements(workspace: &Workspace) -> Result<()> {
    let seen = seen(workspace);
    if !Engine::Postgresql.is_installed() {
        eprintln!("    not tested: statements' plans (PostgreSQL is missing)");
        return Ok(());
    }
    if !seen.is_dir() {
        return fail("nothing has been run yet: cargo xtask test unit statements");
    }
    // The whole workspace, so that nothing is built with other features than in the stage before.
    let words = match has_nextest() {
        true => "nextest run --workspace --locked --run-ignored only -E binary(statements)",
        false => "test --workspace --locked --test statements -- --ignored",
    };
    run(in_root(workspace).args(words.split(' ')).env(STATEMENTS, &seen))
}

fn has_nextest() -> bool {
    debian::program(&["cargo-nextest"]).is_some()
}

/// What tests start themselves, and skip where it is missing, unless its variable says `require`.
struct Need {
    variable: &'static str,
    package: &'static str,
    /// What is not tested without it.
    purpose: &'static str,
    is_there: fn() -> bool,
}

const NEEDS: [Need; 4] = [
    Need {
        variable: "STOA_TEST_POSTGRES",
        package: "postgresql",
        purpose: "services on PostgreSQL",
        is_there: || Engine::Postgresql.is_installed(),
    },
    Need {
        variable: "STOA_TEST_BROKER",
        package: "rabbitmq-server",
        purpose: "events over RabbitMQ",
        is_there: || Engine::Rabbitmq.is_installed(),
    },
    Need {
        variable: "STOA_TEST_REDIS",
        package: "redis-server",
        purpose: "carts in Redis",
        is_there: || Engine::Redis.is_installed(),
    },
    Need {
        variable: "STOA_TEST_STRIPE",
        package: "python3-venv",
        purpose: "what becomes of money at a double of Stripe's that is not ours",
        is_there: python::has_venv,
    },
];

/// Installs what is missing; the variables of what is there then.
fn require_servers() -> impl Iterator<Item = &'static str> {
    let missing: Vec<_> = NEEDS.iter().filter(|need| !(need.is_there)()).collect();
    if !missing.is_empty() {
        let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
        if let Err(error) = debian::install(&packages, "what some tests need") {
            let purposes: Vec<_> = missing.iter().map(|need| need.purpose).collect();
            eprintln!("    not tested: {} ({error})", purposes.join(", "));
        }
    }
    let there = NEEDS.iter().filter(|need| (need.is_there)());
    there.map(|need| need.variable)
}

/// Installs the journeys' packages, among which are Stripe's own client and declarations; the variable of tests that need
/// them.
fn require_packages(workspace: &Workspace) -> Option<&'static str> {
    let installed = browser::install(&workspace.root.join("playwright"));
    if let Err(error) = &installed {
        eprintln!("    not tested: requests to Stripe by its own declarations ({error})");
    }
    installed.is_ok().then_some("STOA_TEST_STRIPE_CLIENT")
}

fn in_root(workspace: &Workspace) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root);
    command
}

fn summary(times: &[(String, Duration, bool)]) {
    eprintln!();
    for (name, time, passed) in times {
        let word = if *passed { "passed" } else { "FAILED" };
        eprintln!("    {name:<8} {word} {:>7.1} s", time.as_secs_f32());
    }
    let version = ask(Command::new("rustc").arg("--version")).unwrap_or_default();
    eprintln!("    with {version}\n");
}
