//! A stateful double of Stripe: the `PyPI` package `localstripe`, installed once into the target folder, on a free port,
//! for as long as the test process lives.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::Value;

const PACKAGE: &str = "localstripe==1.15.10";
const KEY: &str = "sk_test_stoa";

/// The package's own program listens on every interface; this listens on this machine alone.
const PROGRAM: &str = "import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)";

/// The double.
#[derive(Debug)]
pub struct LocalStripe {
    /// Its address
    pub url: String,
    http: Client,
}

impl LocalStripe {
    /// Starts one; none where Python is missing, which `STOA_TEST_STRIPE=require` makes a failure.
    pub async fn start() -> Option<Self> {
        let port = tokio::task::spawn_blocking(|| installed().map(|python| run(&python)));
        let Some(port) = port.await.expect("it starts") else {
            let is_required = std::env::var("STOA_TEST_STRIPE").is_ok_and(|value| value == "require");
            assert!(
                !is_required,
                "localstripe cannot be installed: python3 with venv and pip is needed"
            );
            eprintln!(
                "SKIPPED: localstripe cannot be installed, so Stripe is not tested: apt-get install python3-venv"
            );
            return None;
        };
        let url = format!("http://127.0.0.1:{port}");
        Some(Self {
            url,
            http: Client::new(),
        })
    }

    /// Asks it past the shop: as somebody in Stripe's dashboard would, or the shopper.
    pub async fn ask(&self, method: Method, path: &str, form: &str) -> Value {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(KEY);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form.to_owned()).send().await.expect("localstripe answers");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.unwrap_or_default()
    }
}

/// The Python that has the package. Test processes wait for the one that installs it.
fn installed() -> Option<PathBuf> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().expect("nobody panicked");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("localstripe");
    fs::create_dir_all(&folder).expect("a folder");
    let lock = File::create(folder.join("lock")).expect("a lock");
    lock.lock().expect("a lock");
    let python = folder.join("bin/python");
    let has_package = || succeeds(Command::new(&python).args(["-c", "import localstripe.server"]));
    let is_there = has_package() || {
        succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))
            && has_package()
    };
    is_there.then_some(python)
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// A shell holds our end of a pipe: when this process ends, however it ends, the pipe closes, and the shell stops the
/// server.
#[expect(clippy::zombie_processes, reason = "the shell outlives this process on purpose")]
fn run(python: &Path) -> u16 {
    let port = testkit::free_port();
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$@" & read -r _; kill $!"#, "localstripe"]);
    shell.arg(python).args(["-c", PROGRAM, &port.to_string()]);
    let quiet = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut shell = quiet.spawn().expect("a shell");
    // The pipe lives as long as the process.
    std::mem::forget(shell.stdin.take());
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "localstripe does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    port
}
