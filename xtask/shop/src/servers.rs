//! PostgreSQL, RabbitMQ and Redis for a shop at scale: programs of the machine's packages, data in the shop's folder. They end
//! with xtask, and do not touch the machine's own servers.

mod postgresql;
mod rabbitmq;
mod redis;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use machine::{Engine, Error, Result, debian, fail, files, step};
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::program::{self, Program};
use crate::topology::{Server, Topology};
use rabbitmq::Names;

const READY_WITHIN: Duration = Duration::from_mins(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// A broker writes its queues to the disk before it ends.
const GRACE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Installs those that this machine lacks.
pub fn install(servers: &[Server]) -> Result<()> {
    let missing: Vec<_> = servers.iter().filter(|server| !server.name.is_installed()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let titles: Vec<_> = missing.iter().map(|server| server.name.title()).collect();
    let packages: Vec<_> = missing.iter().map(|server| server.name.package()).collect();
    debian::install(&packages, &titles.join(", "))
}

/// The servers of one shop.
pub struct Servers {
    list: Vec<Running>,
    data: PathBuf,
}

/// One server, running or not.
struct Running {
    engine: Engine,
    listen: SocketAddr,
    program: Program,
    names: Option<Names>,
}

impl Servers {
    /// The servers of a table; none is started yet.
    pub fn new(servers: &[Server], state: &Path) -> Result<Self> {
        let logs = state.join("logs");
        let list = servers
            .iter()
            .map(|server| Running::new(server, &logs))
            .collect::<Result<_>>()?;
        let data = state.join("data");
        Ok(Self { list, data })
    }

    /// Starts those that are down, waits until all are ready, and creates the databases that the parts of `topology` use.
    pub async fn start(&mut self, topology: &Topology) -> Result<()> {
        let down: Vec<_> = self
            .list
            .iter_mut()
            .filter(|server| server.program.pid().is_none())
            .collect();
        if !down.is_empty() {
            let titles: Vec<_> = down.iter().map(|server| server.engine.title()).collect();
            step(&format!("starting {}", titles.join(", ")));
        }
        for server in down {
            server.start(&self.data).await?;
        }
        for server in &mut self.list {
            server.wait_until_ready().await?;
            if server.engine == Engine::Postgresql {
                let settings = topology.parts().iter().flat_map(|part| part.env.values());
                postgresql::provide(server.listen, settings).await?;
            }
        }
        Ok(())
    }

    /// Returns a message about every server that has ended since the last call.
    pub fn take_ended(&mut self) -> Vec<String> {
        let programs = self.list.iter_mut().flat_map(Running::programs);
        programs
            .filter_map(|program| program.ended().map(|status| program.end_message(status)))
            .collect()
    }

    /// Whether some server is down.
    pub fn is_any_down(&self) -> bool {
        self.list.iter().any(|server| server.program.pid().is_none())
    }

    /// Name, address and process of each.
    pub fn processes(&self) -> impl Iterator<Item = (String, SocketAddr, Option<u32>)> {
        let process = |server: &Running| (server.engine.to_string(), server.listen, server.program.pid());
        self.list.iter().map(process)
    }

    /// A line for people; `None` without servers.
    pub fn description(&self) -> Option<String> {
        let words = |server: &Running| format!("{} on {}", server.engine.title(), server.listen);
        let words: Vec<_> = self.list.iter().map(words).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Stops all.
    pub async fn stop(&mut self) {
        let mut programs: Vec<_> = self.list.iter_mut().flat_map(Running::programs).collect();
        program::stop(&mut programs, GRACE).await;
    }
}

impl Running {
    fn new(server: &Server, logs: &Path) -> Result<Self> {
        let ending = match server.name {
            // Fast shutdown: without waiting for clients.
            Engine::Postgresql => Signal::INT,
            Engine::Rabbitmq | Engine::Redis => Signal::TERM,
        };
        Ok(Self {
            engine: server.name,
            listen: server.listen,
            program: Program::new(&server.name.to_string(), logs, ending),
            names: (server.name == Engine::Rabbitmq)
                .then(|| Names::new(logs))
                .transpose()?,
        })
    }

    fn programs(&mut self) -> impl Iterator<Item = &mut Program> {
        std::iter::once(&mut self.program).chain(self.names.as_mut().map(|names| &mut names.program))
    }

    async fn start(&mut self, data: &Path) -> Result<()> {
        let folder = data.join(self.engine.to_string());
        fs::create_dir_all(&folder).map_err(|error| Error::at(&folder, error))?;
        let command = match (self.engine, &mut self.names) {
            (Engine::Postgresql, _) => postgresql::command(&folder, self.listen).await?,
            (Engine::Redis, _) => redis::command(&folder, self.listen)?,
            (Engine::Rabbitmq, None) => return Err(self.engine.missing()),
            (Engine::Rabbitmq, Some(names)) => {
                names.start().await?;
                rabbitmq::command(&folder, self.listen, names)?
            }
        };
        self.program.start(command)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Some(status) = self.program.ended() {
                return fail(self.program.end_message(status));
            }
            if timeout(ANSWER_WITHIN, self.answers()).await.unwrap_or(false) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let (limit, log) = (READY_WITHIN.as_secs(), self.program.log().display());
                let title = self.engine.title();
                return fail(format!("{title} is not ready after {limit} s; log: {log}"));
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn answers(&self) -> bool {
        match self.engine {
            Engine::Postgresql => postgresql::answers(self.listen).await,
            Engine::Rabbitmq => TcpStream::connect(self.listen).await.is_ok(),
            Engine::Redis => redis::answers(self.listen).await,
        }
    }
}

/// A file that a server reads at its start.
fn configure(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf> {
    let path = folder.join(name);
    files::write(&path, text).map(|()| path)
}
