//! A Redis server for a test, where `redis-server` is installed. Its data survive a crash.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::free_port;

/// Runs the server until a line arrives on the pipe, which kills it, or the pipe closes, which happens at the end of this
/// process, for whatever reason. So nothing is left behind.
const GUARD: &str = r#"folder=$1; shift; "$@" & if read -r _; then kill -KILL $!; wait $!;
else kill -TERM $!; wait $!; rm -rf "$folder"; fi"#;

/// A running server, which ends with this value or with the process.
#[derive(Debug)]
pub struct Redis {
    program: PathBuf,
    port: u16,
    folder: PathBuf,
    guard: Option<Child>,
}

impl Redis {
    /// Starts a server. Returns `None` where Redis is not installed; `STOA_TEST_REDIS=require` makes that a failure.
    ///
    /// # Panics
    /// It does not start, or it is required and not installed.
    pub async fn start() -> Option<Self> {
        let required = std::env::var("STOA_TEST_REDIS").is_ok_and(|value| value == "require");
        let Some(program) = program() else {
            assert!(!required, "Redis is not installed: apt-get install redis-server");
            eprintln!("Redis is not installed: tested without it");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut redis = Self {
            program,
            port: free_port(),
            folder: TempDir::keep(folder),
            guard: None,
        };
        redis.restart().await;
        Some(redis)
    }

    /// Its address: `redis://127.0.0.1:<port>/0`
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Kills the server.
    ///
    /// # Panics
    /// It is not running.
    pub fn crash(&mut self) {
        let mut guard = self.guard.take().expect("a server that runs");
        let pipe = guard.stdin.as_mut().expect("a pipe");
        pipe.write_all(b"crash\n").expect("a guard that listens");
        guard.wait().expect("a guard that ends");
    }

    /// Starts the server again at the same address, with its data.
    ///
    /// # Panics
    /// It does not start.
    pub async fn restart(&mut self) {
        let (program, port, folder) = (self.program.clone(), self.port, self.folder.clone());
        let guard = tokio::task::spawn_blocking(move || start(&program, port, &folder)).await;
        self.guard = Some(guard.expect("the server starts"));
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        match &mut self.guard {
            Some(guard) => {
                drop(guard.stdin.take());
                guard.wait().ok();
            }
            None => drop(fs::remove_dir_all(&self.folder)),
        }
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("redis-server"))
        .find(|program| program.is_file())
}

/// Each write is in the append-only file before it is answered, so a killed server loses nothing. The file need not be synced:
/// tests do not cut the power.
fn start(program: &Path, port: u16, folder: &Path) -> Child {
    let log = fs::File::create(folder.join("log")).expect("a log");
    let mut server = Command::new("sh");
    server.args(["-c", GUARD, "redis"]).arg(folder).arg(program);
    server.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    server.args(["--appendonly", "yes", "--appendfsync", "no", "--dir"]);
    server
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(Stdio::null());
    let guard = server.spawn().expect("a shell");
    let begun = Instant::now();
    while !answers(port) {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "Redis does not start, see {}",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    guard
}

/// While it loads its data, the server answers with an error.
fn answers(port: u16) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect(("127.0.0.1", port))?;
        connection.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer)?;
        Ok::<_, std::io::Error>(answer == *b"+PONG")
    };
    ask().unwrap_or(false)
}
