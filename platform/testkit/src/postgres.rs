//! PostgreSQL for tests: one server for all tests of a run of nextest, else one for each test process.
//!
//! `STOA_TEST_STATEMENTS=<folder>` has it log each statement there, with the name of the database, which begins with that of
//! the package: `xtask/trials/tests/statements.rs` checks their plans.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::free_port;

/// Runs the server in the background and removes its folder afterwards. The server ends with the process whose id is `$1`,
/// however that ends.
const GUARD: &str = r#"process=$1; folder=$2; shift 2
"$@" & server=$!
while kill -0 "$process" 2>/dev/null; do sleep 0.2; done
kill -INT $server; wait $server; rm -rf "$folder""#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) port: u16,
}

/// The server; `None` where PostgreSQL is not installed. `STOA_TEST_POSTGRES=require` makes that a failure.
pub(crate) fn server() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let find = || {
        let programs = programs();
        let required = std::env::var("STOA_TEST_POSTGRES").is_ok_and(|value| value == "require");
        assert!(
            programs.is_some() || !required,
            "PostgreSQL is not installed: apt-get install postgresql"
        );
        if programs.is_none() {
            eprintln!("PostgreSQL is not installed: tested on SQLite alone");
        }
        programs.map(|programs| match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => shared(&programs, &run),
            Err(_) => own(&programs),
        })
    };
    SERVER.get_or_init(find).as_ref()
}

/// Debian keeps the server's programs out of PATH.
fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file())
}

/// The server of this run of nextest, which runs each test in a process of its own. The first of them starts it.
fn shared(programs: &Path, run: &str) -> Postgres {
    let folder = std::env::temp_dir().join(format!("stoa-test-{run}"));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let lock = fs::File::create(folder.join("lock")).expect("a file");
    lock.lock().expect("a lock");
    let file = folder.join("port");
    if let Ok(port) = fs::read_to_string(&file) {
        return Postgres {
            port: port.parse().expect("a port"),
        };
    }
    let server = start(programs, &folder, parent_id());
    fs::write(file, server.port.to_string()).expect("a file");
    server
}

/// A server of this process.
fn own(programs: &Path) -> Postgres {
    let folder = tempfile::tempdir().expect("a temporary folder").keep();
    start(programs, &folder, std::process::id())
}

/// Starts a server that ends with a process.
fn start(programs: &Path, folder: &Path, process: u32) -> Postgres {
    let owner = owner(folder);
    let data = folder.join("data");
    let mut initdb = run_as(owner, &programs.join("initdb"));
    initdb
        .arg("-D")
        .arg(&data)
        .args(["-U", "stoa", "--auth=trust", "--no-sync", "--no-locale", "-E", "UTF8"]);
    let output = initdb.output().expect("initdb runs");
    assert!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );

    let port = free_port();
    let mut postgres = run_as(owner, &programs.join("postgres"));
    postgres.arg("-D").arg(&data).arg("-k").arg(folder);
    postgres.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    postgres.args(["-c", "fsync=off", "-c", "max_connections=400"]);
    let statements = statements_log();
    if statements.is_some() {
        postgres.args(["-c", "log_statement=all", "-c", "log_line_prefix=%d "]);
    }
    let log = statements.unwrap_or_else(|| folder.join("log"));
    guard(&postgres, process, folder, &log);
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "PostgreSQL does not start, see {}",
            log.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Postgres { port }
}

/// The file for logged statements, if they are asked for.
fn statements_log() -> Option<PathBuf> {
    let folder = std::env::var_os("STOA_TEST_STATEMENTS")?;
    Some(Path::new(&folder).join(format!("{}.log", uuid::Uuid::new_v4())))
}

/// PostgreSQL refuses to run as root: there, `nobody` runs it, and owns the folder.
fn owner(folder: &Path) -> Option<u32> {
    const NOBODY: u32 = 65534;
    let is_root = fs::metadata(folder).expect("the folder exists").uid() == 0;
    is_root.then(|| chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may"));
    is_root.then_some(NOBODY)
}

fn run_as(owner: Option<u32>, program: &Path) -> Command {
    let Some(user) = owner else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .args([
            &format!("--reuid={user}"),
            &format!("--regid={user}"),
            "--clear-groups",
            "--",
        ])
        .arg(program);
    command
}

/// A group of its own, and none of this process' outputs: a test runner neither ends it with a test nor waits for it.
#[expect(clippy::zombie_processes, reason = "the guard outlives this process on purpose")]
fn guard(postgres: &Command, process: u32, folder: &Path, log: &Path) {
    let mut guard = Command::new("sh");
    guard
        .args(["-c", GUARD, "postgres", &process.to_string()])
        .arg(folder)
        .arg(postgres.get_program())
        .args(postgres.get_args())
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(log).expect("a log"));
    guard.spawn().expect("a shell");
}
