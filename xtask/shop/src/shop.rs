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
use crate::servers::Servers;
use crate::topology::{Addresses, Folders, Part, Topology};
use crate::wish::Greeting;
use crate::workspace::{Profile, Workspace};
use crate::{http, ports, settings};

const READY_WITHIN: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(5);
const DISCOVERY: &str = "discovery.json";
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// All parts, and the folder that this run keeps.
pub struct Shop {
    /// Where each part is.
    pub topology: Topology,
    /// The demo goods that it was filled with.
    pub goods: Option<Vec<u8>>,
    processes: Vec<Process>,
    servers: Servers,
    addresses: Addresses,
    random_ports: bool,
    root: PathBuf,
    state: PathBuf,
    client: reqwest::Client,
}

/// Lets parts call others at other addresses.
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
    /// Whether something stands between the parts.
    pub reroute: Option<Reroute<'a>>,
}

impl Shop {
    /// Lays out the folder and finds the addresses; nothing runs yet.
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
        lay_out(&state, fresh)?;
        redirect(&workspace.root, &state, &topology, &addresses)?;
        let servers = Servers::new(topology.servers(), &state)?;
        let logs = state.join("logs");
        let process = |part: &Part| {
            let binary = workspace.binary(&part.package, profile);
            Process::new(part.clone(), &workspace.root, binary, &logs)
        };
        let processes: Vec<_> = topology.parts().iter().map(process).collect();
        settings::check_caller(&processes.iter().map(|process| process.binary().to_owned()).collect())?;
        let client = http::client()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(Error::of)?;
        Ok(Self {
            topology,
            goods: None,
            processes,
            servers,
            addresses,
            random_ports,
            root: workspace.root.clone(),
            state,
            client,
        })
    }

    /// Starts every server and part that is down, and waits until all are ready; gives the names of the parts that
    /// are not.
    pub async fn start(&mut self) -> Result<Vec<String>> {
        self.servers.start(&self.topology).await?;
        if self.processes.iter().any(|process| process.pid().is_none()) {
            step("starting the parts");
        }
        self.start_parts().await
    }

    /// The same without a word, for whoever does it all the time.
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

    /// Tells, once, about every server and part that has ended.
    pub fn tell_of_the_dead(&mut self) {
        for words in self.bury() {
            eprintln!("{words}");
        }
    }

    /// Notes that servers and parts have ended; gives words about each, once.
    pub fn bury(&mut self) -> Vec<String> {
        let mut dead = self.servers.obituaries();
        for process in &mut self.processes {
            if let Some(status) = process.ended() {
                dead.push(process.obituary(status));
            }
        }
        if !dead.is_empty() {
            // For whoever reads it: a part that is down has no pid.
            if let Err(error) = self.write_parts() {
                eprintln!("{error}");
            }
        }
        dead
    }

    /// How a part has ended, told once.
    pub fn ended(&mut self, name: &str) -> Option<ExitStatus> {
        let process = self.processes.iter_mut().find(|process| process.part.name == name);
        process?.ended()
    }

    /// Whether some server or part is down.
    #[must_use]
    pub fn is_any_down(&self) -> bool {
        self.servers.is_any_down() || self.processes.iter().any(|process| process.pid().is_none())
    }

    /// Stops every part, then every server: politely, then not.
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

    /// What it says of itself at its door.
    #[must_use]
    pub fn greeting(&self) -> Greeting {
        Greeting {
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

    /// Which servers there are, in words.
    #[must_use]
    pub fn servers(&self) -> Option<String> {
        self.servers.description()
    }

    /// For calls to the parts.
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Waits for these parts; gives those that are not ready, with words about it.
    async fn wait_until_ready(&mut self, mut waiting: Vec<String>) -> Vec<(String, String)> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut failed = Vec::new();
        loop {
            let mut late = Vec::new();
            for process in self.processes.iter_mut().filter(|p| waiting.contains(&p.part.name)) {
                let name = process.part.name.clone();
                if let Some(status) = process.ended() {
                    failed.push((name, process.obituary(status)));
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

    /// Every part with its first replica's address and process, and with all of them; every server.
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
        // Whole or not at all: a test may read it at any time.
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

/// Fails, naming every part and server whose port somebody else holds.
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

fn lay_out(state: &Path, fresh: bool) -> Result<()> {
    let data = state.join("data");
    if fresh && data.exists() {
        step("deleting the data of the last run");
        files::empty(&data)?;
    }
    files::empty(&state.join("logs"))?;
    std::fs::create_dir_all(&data).map_err(|error| Error::at(&data, error))
}

/// Writes the discovery document with this shop's addresses; whether that changed it.
fn redirect(root: &Path, state: &Path, topology: &Topology, addresses: &Addresses) -> Result<bool> {
    let document = files::read(&root.join("deploy").join(DISCOVERY))?;
    let document = addresses.put_into(&topology.discovery(&document)?);
    let path = state.join(DISCOVERY);
    if files::read(&path).is_ok_and(|old| old == document) {
        return Ok(false);
    }
    files::write(&path, document).map(|()| true)
}
