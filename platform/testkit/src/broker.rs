//! A `RabbitMQ` broker for a test, where it is installed. Confirmed messages survive a crash.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::free_port;

/// Runs the server and Erlang's port mapper until a line arrives on the pipe, which kills both, or the pipe closes, which
/// happens at the end of this process, for whatever reason. So nothing is left behind.
const GUARD: &str = r#"folder=$1; port=$2; shift 2
epmd -address 127.0.0.1 -port "$port" & names=$!
"$@" & server=$!
read -r _; last=$?
kill -KILL $server; wait $server; kill $names; wait $names
[ $last = 0 ] || rm -rf "$folder""#;

const NODE: &str = "stoa-test@localhost";

/// A running broker, which ends with this value or with the process.
#[derive(Debug)]
pub struct Broker {
    program: PathBuf,
    ports: Ports,
    folder: PathBuf,
    guard: Option<Child>,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    /// For other nodes of a cluster, which do not exist
    nodes: u16,
    names: u16,
}

impl Broker {
    /// Starts a broker. Returns `None` where `RabbitMQ` is not installed; `STOA_TEST_BROKER=require` makes that a failure.
    ///
    /// # Panics
    /// It does not start, or it is required and not installed.
    pub async fn start() -> Option<Self> {
        let required = std::env::var("STOA_TEST_BROKER").is_ok_and(|value| value == "require");
        let Some(program) = program() else {
            assert!(!required, "RabbitMQ is not installed: apt-get install rabbitmq-server");
            eprintln!("RabbitMQ is not installed: TESTED WITHOUT IT");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut broker = Self {
            program,
            ports: Ports {
                amqp: free_port(),
                nodes: free_port(),
                names: free_port(),
            },
            folder: TempDir::keep(folder),
            guard: None,
        };
        broker.restart().await;
        Some(broker)
    }

    /// Its address: `amqp://guest:guest@127.0.0.1:<port>/%2f`
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// Kills the broker.
    ///
    /// # Panics
    /// It is not running.
    pub fn crash(&mut self) {
        let mut guard = self.guard.take().expect("a server that runs");
        let pipe = guard.stdin.as_mut().expect("a pipe");
        pipe.write_all(b"crash\n").expect("a guard that listens");
        guard.wait().expect("a guard that ends");
    }

    /// Starts the broker again at the same address, with its data.
    ///
    /// # Panics
    /// It does not start.
    pub async fn restart(&mut self) {
        let (program, ports, folder) = (self.program.clone(), self.ports, self.folder.clone());
        let guard = tokio::task::spawn_blocking(move || start(&program, ports, &folder)).await;
        self.guard = Some(guard.expect("the server starts"));
    }

    /// Triggers leader elections in all queues, as an operator does if a queue has no leader after a crash.
    ///
    /// # Panics
    /// The broker does not answer.
    pub async fn elect(&self) {
        let (program, ports, folder) = (self.program.clone(), self.ports, self.folder.clone());
        let elected = tokio::task::spawn_blocking(move || elect(&program, ports, &folder)).await;
        elected.expect("the server answers");
    }
}

impl Drop for Broker {
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

/// Debian's wrapper in `PATH` switches to another user; the program behind it does not.
fn program() -> Option<PathBuf> {
    let debian = PathBuf::from("/usr/lib/rabbitmq/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(debian)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join("rabbitmq-server"))
        .find(|program| program.is_file())
}

fn start(program: &Path, ports: Ports, folder: &Path) -> Child {
    let log = fs::File::create(folder.join("log.txt")).expect("a log");
    let mut server = Command::new("sh");
    server
        .args(["-c", GUARD, "rabbitmq"])
        .arg(folder)
        .arg(ports.names.to_string())
        .arg(program)
        .env("HOME", folder)
        .env("ERL_EPMD_PORT", ports.names.to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODENAME", NODE)
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", ports.amqp.to_string())
        .env("RABBITMQ_DIST_PORT", ports.nodes.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("data"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq"))
        .env("RABBITMQ_CONF_ENV_FILE", folder.join("environment"))
        // Without it, another process would run between the shell and the server.
        .env("RABBITMQ_ALLOW_INPUT", "true")
        .env(
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "-noinput +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        )
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(Stdio::null());
    let guard = server.spawn().expect("a shell");
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", ports.amqp)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "RabbitMQ does not start, see {}",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    guard
}

/// A quorum queue on a single node may stay without a leader if it is used before its first election:
/// <https://github.com/rabbitmq/rabbitmq-server/issues/10070>
fn elect(program: &Path, ports: Ports, folder: &Path) {
    let elect = "[ra:trigger_election(amqqueue:get_pid(Q)) || Q <- rabbit_amqqueue:list(),
        amqqueue:get_type(Q) =:= rabbit_quorum_queue].";
    let output = Command::new(program.with_file_name("rabbitmqctl"))
        .args(["--node", NODE, "eval", elect])
        .env("HOME", folder)
        .env("ERL_EPMD_PORT", ports.names.to_string())
        .output()
        .expect("rabbitmqctl runs");
    assert!(
        output.status.success(),
        "rabbitmqctl: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
