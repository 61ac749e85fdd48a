//! A database of its own for every test: SQLite always, PostgreSQL wherever its programs are found.
//! The server is started once a test process, in a temporary folder, and ends with the process.
//!
//! `STOA_TEST_STATEMENTS=<folder>` has PostgreSQL write down each statement there: `xtask/trials/tests/statements.rs`
//! looks at their plans.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use storage::{DatabaseUrl, Db};
use tempfile::TempDir;

use crate::free_port;

/// A fresh, empty database.
#[derive(Debug)]
pub struct Database {
    /// Where it is
    pub url: DatabaseUrl,
    _folder: Option<TempDir>,
}

/// One fresh database on every engine there is.
///
/// # Panics
/// A database cannot be made.
pub async fn databases() -> Vec<Database> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut databases = vec![Database {
        url: url.parse().expect("an address"),
        _folder: Some(folder),
    }];
    let server = tokio::task::spawn_blocking(server).await.expect("the server starts");
    if let Some(server) = server {
        databases.push(Database {
            url: create(server).await,
            _folder: None,
        });
    }
    databases
}

async fn create(server: &Postgres) -> DatabaseUrl {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let admin = Db::open(server.url("postgres")).await.expect("the server answers");
    if let Db::Postgres(pool) = &admin {
        let sql = storage::sqlx::AssertSqlSafe(format!("create database {name}"));
        storage::sqlx::query(sql).execute(pool).await.expect("a new database");
        pool.close().await;
    }
    server.url(&name)
}

#[derive(Debug)]
struct Postgres {
    port: u16,
}

impl Postgres {
    fn url(&self, database: &str) -> DatabaseUrl {
        format!("postgres://stoa@127.0.0.1:{}/{database}?sslmode=disable", self.port)
            .parse()
            .expect("an address")
    }
}

/// `None` where PostgreSQL is not installed; `STOA_TEST_POSTGRES=require` makes that a failure.
fn server() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    let start = || {
        let programs = programs();
        let required = std::env::var("STOA_TEST_POSTGRES").is_ok_and(|value| value == "require");
        assert!(
            programs.is_some() || !required,
            "PostgreSQL is not installed: apt-get install postgresql"
        );
        if programs.is_none() {
            eprintln!("PostgreSQL is not installed: tested on SQLite alone");
        }
        programs.map(|programs| start(&programs))
    };
    SERVER.get_or_init(start).as_ref()
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

fn start(programs: &Path) -> Postgres {
    let folder = tempfile::tempdir().expect("a temporary folder").keep();
    let owner = owner(&folder);
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
    postgres
        .arg("-D")
        .arg(&data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    postgres
        .arg("-k")
        .arg(&folder)
        .args(["-c", "fsync=off", "-c", "max_connections=200"]);
    if written_down().is_some() {
        postgres.args(["-c", "log_statement=all", "-c", "log_line_prefix="]);
    }
    guard(postgres, &folder, written_down());
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "PostgreSQL does not start, see {}",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Postgres { port }
}

/// Where statements are written down, if they are: a file of this process, named after the package whose tests these are.
fn written_down() -> Option<PathBuf> {
    let folder = std::env::var_os("STOA_TEST_STATEMENTS")?;
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    Some(Path::new(&folder).join(format!("{package}-{}.log", std::process::id())))
}

/// PostgreSQL refuses to run as root: there, `nobody` runs it, and owns the folder.
fn owner(folder: &Path) -> Option<u32> {
    const NOBODY: u32 = 65534;
    let is_root = fs::metadata(folder).expect("just made").uid() == 0;
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

/// A shell holds our end of a pipe: when this process ends, however it ends, the pipe closes, and
/// the shell stops the server and removes its folder. Tests leave nothing behind.
#[expect(clippy::zombie_processes, reason = "the shell outlives this process on purpose")]
fn guard(mut postgres: Command, folder: &Path, log: Option<PathBuf>) {
    let log = fs::File::create(log.unwrap_or_else(|| folder.join("log"))).expect("a log");
    let program = postgres.get_program().to_owned();
    let arguments: Vec<_> = postgres.get_args().map(ToOwned::to_owned).collect();
    postgres = Command::new("sh");
    postgres.args([
        "-c",
        r#"folder=$1; shift; "$@" & read -r _; kill -INT $!; wait $!; rm -rf "$folder""#,
        "postgres",
    ]);
    postgres
        .arg(folder)
        .arg(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log);
    let mut child = postgres.spawn().expect("a shell");
    // The pipe lives as long as the process.
    std::mem::forget(child.stdin.take());
}
