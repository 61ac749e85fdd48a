//! The shop as a whole: started, waited for, watched and stopped.

mod renew;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use machine::{Error, Result, fail, files, step};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::process::Process;
use crate::program;
use crate::protocol::ShopInfo;
use crate::servers::Servers;
use crate::topology::{Addresses, Folders, Part, Topology};
use crate::workspace::{Profile, Workspace};
use crate::{http, ports};

const READY_WITHIN: Duration = Duration::from_secs(30);
/// Longer than the 10 s that a part gives its requests when it stops.
const GRACE: Duration = Duration::from_secs(12);
const DISCOVERY: &str = "discovery.json";
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// All parts, and the folder of this run.
pub struct Shop {
    /// Where each part is.
    pub topology: Topology,
    /// The demo products that are loaded, as their file has them.
    pub loaded_demo: Option<Vec<u8>>,
    processes: Vec<Process>,
    servers: Servers,
    addresses: Addresses,
    random_ports: bool,
    root: PathBuf,
    state: PathBuf,
    client: reqwest::Client,
}

/// Changes the addresses at which parts call each other.
pub type Reroute<'a> = &'a mut dyn FnMut(&mut Topology) -> Result<()>;

/// What to start.
pub struct Plan<'a> {
    /// The parts with their default addresses.
    pub topology: Topology,
    /// How they were built.
    pub profile: Profile,
    /// The folder for data, logs and `parts.json`.
    pub state: PathBuf,
    /// Whether every part gets a free port.
    pub random_ports: bool,
    /// Whether to begin with empty databases.
    pub fresh: bool,
    /// Puts something between the parts, such as a proxy.
    pub reroute: Option<Reroute<'a>>,
}

impl Shop {
    /// Makes the folder and chooses the addresses. Nothing runs yet.
    pub fn prepare(workspace: &Workspace, plan: Plan) -> Result<Self> {
        let Plan {
            mut topology,
            profile,
            state,
            random_ports,
            fresh,
            reroute,
        } = plan;
        let mut addresses = Addresses::default();
        if random_ports {
            topology.take_free_ports(&mut addresses)?;
            topology.readdress(&addresses)?;
        }
        topology.settle(&Folders {
            state: &state,
            target: &workspace.target,
        });
        check_ports(&topology)?;
        if let Some(reroute) = reroute {
            reroute(&mut topology)?;
        }
        make_folders(&state, fresh)?;
        redirect(&workspace.root, &state, &topology, &addresses)?;
        let servers = Servers::new(topology.servers(), &state)?;
        let logs = state.join("logs");
        let process = |part: &Part| {
            let binary = workspace.binary(&part.package, profile);
            Process::new(part.clone(), &workspace.root, binary, &logs)
        };
        let processes = topology.parts().iter().map(process).collect();
        let client = http::client()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(Error::of)?;
        Ok(Self {
            topology,
            loaded_demo: None,
            processes,
            servers,
            addresses,
            random_ports,
            root: workspace.root.clone(),
            state,
            client,
        })
    }

    /// Starts every server and part that is down, and waits until all are ready. Returns the names of the parts that
    /// are not ready in time.
    pub async fn start(&mut self) -> Result<Vec<String>> {
        self.servers.start(&self.topology).await?;
        if self.processes.iter().any(|process| process.pid().is_none()) {
            step("starting the parts");
        }
        self.start_parts().await
    }

    /// The same as [`start`](Self::start) without a message.
    pub async fn start_again(&mut self) -> Result<Vec<String>> {
        self.servers.start(&self.topology).await?;
        self.start_parts().await
    }

    async fn start_parts(&mut self) -> Result<Vec<String>> {
        for process in self.processes.iter_mut().filter(|process| process.pid().is_none()) {
            process.start()?;
        }
        self.write_parts()?;
        let names = self.processes.iter().map(|process| process.part.name.clone()).collect();
        let late = self.wait_until_ready(names).await;
        for words in &late {
            eprintln!("{}", words.1);
        }
        self.write_parts()?;
        Ok(late.into_iter().map(|(name, _)| name).collect())
    }

    /// Prints a line about every server and part that has ended since the last call.
    pub fn report_ended(&mut self) {
        for words in self.take_ended() {
            eprintln!("{words}");
        }
    }

    /// Returns a line about every server and part that has ended since the last call.
    pub fn take_ended(&mut self) -> Vec<String> {
        let mut messages = self.servers.take_ended();
        for process in &mut self.processes {
            if let Some(status) = process.ended() {
                messages.push(process.end_message(status));
            }
        }
        if !messages.is_empty() {
            // In `parts.json` a part that is down has no process id.
            if let Err(error) = self.write_parts() {
                eprintln!("{error}");
            }
        }
        messages
    }

    /// The exit status of a part that has ended since the last call.
    pub fn ended(&mut self, name: &str) -> Option<ExitStatus> {
        let process = self.processes.iter_mut().find(|process| process.part.name == name);
        process?.ended()
    }

    /// Whether some server or part is down.
    #[must_use]
    pub fn is_any_down(&self) -> bool {
        self.servers.is_any_down() || self.processes.iter().any(|process| process.pid().is_none())
    }

    /// Stops every part, then every server: by SIGTERM, and after a while by SIGKILL.
    pub async fn stop(&mut self) {
        let mut parts: Vec<_> = self.processes.iter_mut().map(|process| &mut process.program).collect();
        program::stop(&mut parts, GRACE).await;
        self.servers.stop().await;
        let _ = std::fs::remove_file(self.parts_file());
    }

    /// The file that says where every part is.
    #[must_use]
    pub fn parts_file(&self) -> PathBuf {
        self.state.join("parts.json")
    }

    /// The checkout that it was opened in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How it introduces itself at its control socket.
    #[must_use]
    pub fn info(&self) -> ShopInfo {
        ShopInfo {
            pid: std::process::id(),
            root: self.root.clone(),
            state: self.state.clone(),
            table: self.topology.recipe.table,
            overlay: self.topology.recipe.overlay,
        }
    }

    /// The folder for data and logs.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The process id of every part that runs, by its name.
    #[must_use]
    pub fn pids(&self) -> Vec<(String, u32)> {
        let pid = |process: &Process| Some((process.part.name.clone(), process.pid()?));
        self.processes.iter().filter_map(pid).collect()
    }

    /// The process id of every server that runs, by its name.
    #[must_use]
    pub fn server_pids(&self) -> Vec<(String, u32)> {
        let running = |(name, _, pid): (String, SocketAddr, Option<u32>)| Some((name, pid?));
        self.servers.processes().filter_map(running).collect()
    }

    /// The names and addresses of the servers, for people.
    #[must_use]
    pub fn servers(&self) -> Option<String> {
        self.servers.description()
    }

    /// A client for calls to the parts.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Waits for these parts. Returns those that are not ready in time, each with a line for people.
    async fn wait_until_ready(&mut self, mut waiting: Vec<String>) -> Vec<(String, String)> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut failed = Vec::new();
        loop {
            let mut late = Vec::new();
            for process in self.processes.iter_mut().filter(|p| waiting.contains(&p.part.name)) {
                let name = process.part.name.clone();
                if let Some(status) = process.ended() {
                    failed.push((name, process.end_message(status)));
                } else if process.pid().is_some() && !is_ready(&self.client, &process.part).await {
                    late.push(name);
                }
            }
            waiting = late;
            if waiting.is_empty() || Instant::now() > deadline {
                break;
            }
            sleep(LOOK_AGAIN).await;
        }
        let limit = READY_WITHIN.as_secs();
        for process in self.processes.iter().filter(|p| waiting.contains(&p.part.name)) {
            let (name, log) = (&process.part.name, process.program.log().display());
            failed.push((name.clone(), format!("{name} is not ready after {limit} s; log: {log}")));
        }
        failed
    }

    /// Writes `parts.json`: every part with the address and process id of its first replica and of all replicas, and every
    /// server.
    fn write_parts(&self) -> Result<()> {
        let mut parts = Map::new();
        for Process { part, program, .. } in &self.processes {
            let replica = json!({ "name": part.name, "url": part.url(), "pid": program.pid() });
            let entry = parts.entry(&part.package);
            let entry = entry.or_insert_with(|| json!({ "url": part.url(), "pid": program.pid(), "replicas": [] }));
            if let Some(Value::Array(replicas)) = entry.get_mut("replicas") {
                replicas.push(replica);
            }
        }
        for (name, listen, pid) in self.servers.processes() {
            parts.insert(name, json!({ "listen": listen, "pid": pid }));
        }
        parts.insert("xtask".to_owned(), json!({ "pid": std::process::id() }));
        // Replaced in one step, because a test may read it at any time.
        let draft = self.state.join("parts.json.new");
        files::write(&draft, format!("{:#}\n", Value::Object(parts)))?;
        std::fs::rename(&draft, self.parts_file()).map_err(|error| Error::at(&draft, error))
    }
}

async fn is_ready(client: &reqwest::Client, part: &Part) -> bool {
    let request = client
        .get(format!("{}/health/ready", part.url()))
        .timeout(Duration::from_secs(1));
    request.send().await.is_ok_and(|answer| answer.status().is_success())
}

/// The address of the shell: of the shop that keeps its data in `state`, or else as the topology says.
pub fn shell_address(topology: &Topology, state: &Path) -> Result<SocketAddr> {
    let file = files::read(&state.join("parts.json")).unwrap_or_default();
    let parts: Value = serde_json::from_str(&file).unwrap_or_default();
    let open = parts["shell"]["url"]
        .as_str()
        .and_then(|url| url.strip_prefix("http://"));
    open.and_then(|address| address.parse().ok())
        .map_or_else(|| topology.listen("shell"), Ok)
}

/// Fails if another process uses the port of a part or server, and names them all.
pub fn check_ports(topology: &Topology) -> Result<()> {
    let blocked: Vec<_> = topology
        .listeners()
        .filter_map(|(name, listen)| Some(format!("{name} cannot listen on {listen}: {}", ports::taken(listen)?)))
        .collect();
    if blocked.is_empty() {
        Ok(())
    } else {
        fail(blocked.join("\n"))
    }
}

fn make_folders(state: &Path, fresh: bool) -> Result<()> {
    let data = state.join("data");
    if fresh && data.exists() {
        step("deleting the data of the last run");
        files::empty(&data)?;
    }
    files::empty(&state.join("logs"))?;
    std::fs::create_dir_all(&data).map_err(|error| Error::at(&data, error))
}

/// Writes the discovery document with this shop's addresses. Returns whether that changed it.
fn redirect(root: &Path, state: &Path, topology: &Topology, addresses: &Addresses) -> Result<bool> {
    let document = files::read(&root.join("deploy").join(DISCOVERY))?;
    let document = addresses.put_into(&topology.discovery(&document)?);
    let path = state.join(DISCOVERY);
    if files::read(&path).is_ok_and(|old| old == document) {
        return Ok(false);
    }
    files::write(&path, document).map(|()| true)
}
