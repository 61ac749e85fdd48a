//! The shop as a whole: started, waited for, watched and stopped.

mod renew;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result, fail};
use crate::process::Process;
use crate::topology::{Addresses, Folders, Part, Topology};
use crate::workspace::{Profile, Workspace, step};
use crate::{files, ports};

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
    addresses: Addresses,
    random_ports: bool,
    root: PathBuf,
    state: PathBuf,
    client: reqwest::Client,
}

/// What to start.
pub struct Plan {
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
        lay_out(&workspace.root, &state, &addresses, fresh)?;
        let logs = state.join("logs");
        let process = |part: &Part| {
            let binary = workspace.binary(&part.name, profile);
            Process::new(part.clone(), &workspace.root, binary, &logs)
        };
        let processes = topology.parts().iter().map(process).collect();
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| Error(error.to_string()))?;
        Ok(Self {
            topology,
            goods: None,
            processes,
            addresses,
            random_ports,
            root: workspace.root.clone(),
            state,
            client,
        })
    }

    /// Starts every part that is down, and waits until all are ready; gives the names of those that are not.
    pub async fn start(&mut self) -> Result<Vec<String>> {
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

    /// Tells, once, about every part that has ended.
    pub fn tell_of_the_dead(&mut self) {
        let mut any = false;
        for process in &mut self.processes {
            if let Some(status) = process.ended() {
                eprintln!("{}", process.obituary(status));
                any = true;
            }
        }
        if any {
            // For whoever reads it: a part that is down has no pid.
            if let Err(error) = self.write_parts() {
                eprintln!("{error}");
            }
        }
    }

    /// Whether some part is down.
    pub fn is_any_down(&self) -> bool {
        self.processes.iter().any(|process| process.pid().is_none())
    }

    /// Stops every part: politely, then not.
    pub async fn stop(&mut self) {
        stop(&mut self.processes.iter_mut().collect::<Vec<_>>()).await;
        let _ = std::fs::remove_file(self.parts_file());
    }

    /// The file that says where every part is.
    pub fn parts_file(&self) -> PathBuf {
        self.state.join("parts.json")
    }

    /// The checkout that it was opened in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for data and logs.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The process id of every part that runs, by its name.
    pub fn pids(&self) -> Vec<(String, u32)> {
        let pid = |process: &Process| Some((process.part.name.clone(), process.pid()?));
        self.processes.iter().filter_map(pid).collect()
    }

    /// For calls to the parts.
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
            let (name, log) = (&process.part.name, process.log().display());
            failed.push((name.clone(), format!("{name} is not ready after {limit} s; log: {log}")));
        }
        failed
    }

    fn write_parts(&self) -> Result<()> {
        let mut parts = Map::new();
        for process in &self.processes {
            parts.insert(
                process.part.name.clone(),
                json!({ "url": process.part.url(), "pid": process.pid() }),
            );
        }
        parts.insert("xtask".to_owned(), json!({ "pid": std::process::id() }));
        // Whole or not at all: a test may read it at any time.
        let draft = self.state.join("parts.json.new");
        files::write(&draft, format!("{:#}\n", Value::Object(parts)))?;
        std::fs::rename(&draft, self.parts_file()).map_err(|error| Error::at(&draft, error))
    }
}

async fn stop(processes: &mut [&mut Process]) {
    for process in &mut *processes {
        process.terminate();
    }
    let ends = async {
        for process in processes.iter_mut() {
            process.wait().await;
        }
    };
    if timeout(GRACE, ends).await.is_err() {
        for process in processes {
            process.kill();
            process.wait().await;
        }
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

/// Fails, naming every part whose port somebody else holds.
pub fn check_ports(topology: &Topology) -> Result<()> {
    let blocked: Vec<_> = topology
        .parts()
        .iter()
        .filter_map(|part| {
            Some(format!(
                "{} cannot listen on {}: {}",
                part.name,
                part.listen,
                ports::taken(part.listen)?
            ))
        })
        .collect();
    if blocked.is_empty() {
        Ok(())
    } else {
        fail(blocked.join("\n"))
    }
}

fn lay_out(root: &Path, state: &Path, addresses: &Addresses, fresh: bool) -> Result<()> {
    let data = state.join("data");
    if fresh && data.exists() {
        step("deleting the data of the last run");
        files::empty(&data)?;
    }
    files::empty(&state.join("logs"))?;
    std::fs::create_dir_all(&data).map_err(|error| Error::at(&data, error))?;
    files::write(&state.join(DISCOVERY), discovery(root, addresses)?)
}

/// The discovery document with this shop's addresses.
fn discovery(root: &Path, addresses: &Addresses) -> Result<String> {
    let path = root.join("deploy").join(DISCOVERY);
    Ok(addresses.put_into(&files::read(&path)?))
}
