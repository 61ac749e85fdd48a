//! `test`: all checks, the cheapest first.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use machine::tool::{SHOP, TRIALS, Tool};
use machine::{Checkout, Engine, Error, Result, ask, cargo, debian, fail, files, npm, python, run, step};

use crate::help::hint;
use crate::{deny, scripts};

/// A check.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Fmt,
    Deny,
    Scripts,
    Clippy,
    Docs,
    Unit,
    Statements,
    Contract,
    New,
    Browser,
    Chaos,
    Race,
    Release,
}

/// The checks to run.
#[derive(Debug)]
pub struct Tests {
    stages: Vec<Stage>,
    /// With deploy/scale.toml: database servers, a broker and two replicas of each part.
    scale: bool,
}

impl Tests {
    /// Reads the words after `cargo xtask test`, whose options have been checked.
    pub fn read(words: &[&str]) -> Result<Self> {
        let mut asked = Vec::new();
        for word in words.iter().filter(|word| !word.starts_with('-')) {
            let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.name() == *word) else {
                let names = Stage::ALL.map(Stage::name);
                return fail(format!(
                    "there is no stage {word}{}; there are: {}",
                    hint(word, names.into_iter()),
                    names.join(", ")
                ));
            };
            asked.push(stage);
        }
        let mut stages = Stage::ALL.to_vec();
        stages.retain(|stage| asked.is_empty() || asked.contains(stage));
        let scale = words.contains(&"--scale");
        Ok(Self { stages, scale })
    }
}

/// Runs the stages, and stops at the first that fails.
pub fn run_stages(tests: &Tests) -> Result<()> {
    let checkout = Checkout::find()?;
    let mut times = Vec::new();
    for stage in &tests.stages {
        let name = stage.name();
        step(&format!("test stage: {name}"));
        let start = Instant::now();
        let outcome = stage.run(&checkout, tests.scale);
        times.push((name, start.elapsed(), outcome.is_ok()));
        if let Err(error) = outcome {
            summary(&times);
            return Err(Error(format!("test stage {name} failed: {error}")));
        }
    }
    summary(&times);
    Ok(())
}

impl Stage {
    /// The cheapest first.
    const ALL: [Self; 13] = [
        Self::Fmt,
        Self::Deny,
        Self::Scripts,
        Self::Clippy,
        Self::Docs,
        Self::Unit,
        Self::Statements,
        Self::Contract,
        Self::New,
        Self::Browser,
        Self::Chaos,
        Self::Race,
        Self::Release,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Deny => "deny",
            Self::Scripts => "scripts",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Unit => "unit",
            Self::Statements => "statements",
            Self::Contract => "contract",
            Self::New => "new",
            Self::Browser => "browser",
            Self::Chaos => "chaos",
            Self::Race => "race",
            Self::Release => "release",
        }
    }

    fn run(self, checkout: &Checkout, scale: bool) -> Result<()> {
        match self {
            Self::Fmt => run(in_root(checkout).args(["fmt", "--all", "--check"])),
            Self::Deny => deny::run_all(checkout),
            Self::Scripts => scripts::run_all(checkout),
            Self::Clippy => clippy(checkout),
            Self::Docs => docs(checkout),
            Self::Unit => unit(checkout),
            Self::Statements => statements(checkout),
            Self::Contract | Self::New | Self::Browser | Self::Chaos | Self::Race => {
                let scale = scale.then_some("--scale");
                run_tool(checkout, TRIALS, ["stage", self.name()].into_iter().chain(scale))
            }
            Self::Release => run_tool(checkout, SHOP, ["servers", "--release"].into_iter()),
        }
    }
}

/// Builds and runs a tool.
fn run_tool(checkout: &Checkout, tool: Tool, words: impl Iterator<Item = &'static str>) -> Result<()> {
    let mut command = Command::new(tool.build(checkout)?);
    // A process outside of the terminal's group is stopped when it reads from the terminal.
    command.current_dir(&checkout.root).stdin(Stdio::null());
    run(command.args(words))
}

fn clippy(checkout: &Checkout) -> Result<()> {
    let words = "clippy --workspace --all-targets --locked -- -D warnings";
    run(in_root(checkout).args(words.split(' ')))
}

fn docs(checkout: &Checkout) -> Result<()> {
    let mut command = in_root(checkout);
    command.args("doc --workspace --no-deps --document-private-items --locked".split(' '));
    // There are no examples, but with this flag cargo uses the features of tests, and what clippy has built can be reused.
    command.args(["--lib", "--bins", "--examples"]);
    run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn unit(checkout: &Checkout) -> Result<()> {
    let required = require_servers().chain(require_packages(checkout));
    let words: &[_] = if has_nextest() { &["nextest", "run"] } else { &["test"] };
    let seen = seen(checkout);
    files::empty(&seen)?;
    let mut command = in_root(checkout);
    command
        .args(words)
        .args(["--workspace", "--locked"])
        .env(STATEMENTS, seen);
    run(command.envs(required.map(|variable| (variable, "require"))))
}

/// The folder where PostgreSQL logs the statements of the tests.
const STATEMENTS: &str = "STOA_TEST_STATEMENTS";

fn seen(checkout: &Checkout) -> PathBuf {
    checkout.target.join("statements")
}

fn statements(checkout: &Checkout) -> Result<()> {
    let seen = seen(checkout);
    if !Engine::Postgresql.is_installed() {
        eprintln!("    not tested: statements' plans (PostgreSQL is missing)");
        return Ok(());
    }
    if !seen.is_dir() {
        return fail("nothing has been run yet: cargo xtask test unit statements");
    }
    // The whole workspace, so that features are the same as in the stage before.
    let words = if has_nextest() {
        "nextest run --workspace --locked --run-ignored only -E binary(statements)"
    } else {
        "test --workspace --locked --test statements -- --ignored"
    };
    run(in_root(checkout).args(words.split(' ')).env(STATEMENTS, &seen))
}

fn has_nextest() -> bool {
    debian::program(&["cargo-nextest"]).is_some()
}

/// Programs that tests start. Where one is missing, its tests are skipped, unless its variable says `require`.
struct Need {
    variable: &'static str,
    package: &'static str,
    /// What cannot be tested without it.
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

/// Installs missing programs. Returns the variables of those that are there.
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

/// Installs the packages of `playwright/`, which include Stripe's client and declarations. Returns the variable of the tests
/// that need these.
fn require_packages(checkout: &Checkout) -> Option<&'static str> {
    let installed = npm::install_journeys(&checkout.root);
    if let Err(error) = &installed {
        eprintln!("    not tested: requests to Stripe by its own declarations ({error})");
    }
    installed.is_ok().then_some("STOA_TEST_STRIPE_CLIENT")
}

fn in_root(checkout: &Checkout) -> Command {
    let mut command = cargo();
    command.current_dir(&checkout.root);
    command
}

fn summary(times: &[(&str, Duration, bool)]) {
    eprintln!();
    for (name, time, passed) in times {
        let word = if *passed { "passed" } else { "FAILED" };
        eprintln!("    {name:<10} {word} {:>7.1} s", time.as_secs_f32());
    }
    let version = ask(Command::new("rustc").arg("--version")).unwrap_or_default();
    eprintln!("    with {version}\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Page;

    fn names(words: &[&str]) -> Vec<&'static str> {
        let tests = Tests::read(words).unwrap();
        tests.stages.into_iter().map(Stage::name).collect()
    }

    #[test]
    fn stages_are_run_in_their_order_whatever_was_asked_for() {
        assert_eq!(names(&["unit", "fmt"]), ["fmt", "unit"]);
        assert_eq!(names(&["--scale", "browser"]), ["browser"]);
        assert_eq!(names(&[]), Stage::ALL.map(Stage::name));
    }

    #[test]
    fn help_lists_the_stages() {
        let page = Page::find("test").unwrap();
        let lines = page.text.lines().filter_map(|line| line.trim().strip_prefix("- "));
        let listed: Vec<_> = lines.filter_map(|line| line.split(':').next()).collect();
        assert_eq!(listed, Stage::ALL.map(Stage::name));
    }
}
