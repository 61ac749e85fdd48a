//! The broker: a node of its own with its own folder and cookie, reached on loopback alone.
//!
//! Erlang's nodes find each other through a name server, `epmd`, which a node starts as a daemon where there is none,
//! and which outlives it. So there is one already: ours, on a port of its own, which ends with xtask.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use machine::{Engine, Result, fail};
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use super::{LOOK_AGAIN, configure};
use crate::ports;
use crate::program::{Program, guarded};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// The name server, and where it and the node listen to other nodes.
pub(super) struct Names {
    /// `epmd`.
    pub(super) program: Program,
    port: u16,
    distribution: u16,
}

impl Names {
    pub(super) fn new(logs: &Path) -> Result<Self> {
        let [port, distribution] = ports::free(LOOPBACK)?;
        Ok(Self {
            program: Program::new("epmd", logs, Signal::TERM),
            port,
            distribution,
        })
    }

    /// Starts it if it is down, and waits for it.
    pub(super) async fn start(&mut self) -> Result<()> {
        if self.program.pid().is_some() {
            return Ok(());
        }
        let mut epmd = guarded(Path::new("epmd"));
        epmd.args(["-port", &self.port.to_string(), "-address", &LOOPBACK.to_string()]);
        self.program.start(epmd)?;
        while TcpStream::connect((LOOPBACK, self.port)).await.is_err() {
            if let Some(status) = self.program.ended() {
                return fail(self.program.end_message(status));
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }
}

/// Starts the node without the machine's settings.
pub(super) fn command(folder: &Path, listen: SocketAddr, names: &Names) -> Result<Command> {
    let mut command = guarded(&Engine::Rabbitmq.program().ok_or_else(|| Engine::Rabbitmq.missing())?);
    let settings = configure(folder, "rabbitmq.conf", format!("listeners.tcp.1 = {listen}\n"))?;
    let plugins = configure(folder, "plugins", "[].\n")?;
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        // For Erlang's cookie.
        .env("HOME", folder)
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_CONFIG_FILE", settings)
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", plugins)
        .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", folder.join("logs"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_LOG", "warning,-color")
        .env("RABBITMQ_NODENAME", "stoa@localhost")
        .env("RABBITMQ_DIST_PORT", names.distribution.to_string())
        .env("ERL_EPMD_PORT", names.port.to_string())
        .env("ERL_EPMD_ADDRESS", LOOPBACK.to_string())
        .env(
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "-kernel inet_dist_use_interface {127,0,0,1}",
        )
        // Then the script becomes the node, and no shell is left between it and xtask.
        .env("RUNNING_UNDER_SYSTEMD", "true");
    Ok(command)
}
