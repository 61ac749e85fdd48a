//! The shop as a whole: started, waited for, watched and stopped.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};

use crate::error::{Error, Result, fail};
use crate::process::Process;
use crate::topology::{Addresses, Folders, Topology};
use crate::workspace::{Profile, Workspace, step};
use crate::{files, ports};

const READY_WITHIN: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// All parts, and the folder that this run keeps.
pub struct Shop {
    /// Where each part is.
    pub topology: Topology,
    processes: Vec<Process>,
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
        let addresses = if random_ports {
            topology.take_free_ports()?
        } else {
            Addresses::default()
        };
        topology.settle(&Folders {
            state: &state,
            target: &workspace.target,
        });
        check_ports(&topology)?;
        lay_out(&workspace.root, &state, &addresses, fresh)?;
        let logs = state.join("logs");
        let process =
            |part: &crate::topology::Part| Process::new(part.clone(), workspace.binary(&part.name, profile), &logs);
        let processes = topology.parts().iter().map(process).collect();
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| Error(error.to_string()))?;
        Ok(Self {
            topology,
            processes,
            root: workspace.root.clone(),
            state,
            client,
        })
    }

    /// Starts every part that is down, and waits until all are ready; gives the names of those that are not.
    pub async fn start(&mut self) -> Result<Vec<String>> {
        let root = self.root.clone();
        for process in self.processes.iter_mut().filter(|process| process.pid().is_none()) {
            process.start(&root)?;
        }
        self.write_parts()?;
        let late = self.wait_until_ready().await;
        self.write_parts()?;
        Ok(late)
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
        self.processes.iter().for_each(Process::terminate);
        let ends = async {
            for process in &mut self.processes {
                process.wait().await;
            }
        };
        if timeout(GRACE, ends).await.is_err() {
            self.processes.iter().for_each(Process::kill);
            for process in &mut self.processes {
                process.wait().await;
            }
        }
        let _ = std::fs::remove_file(self.parts_file());
    }

    /// The file that says where every part is.
    pub fn parts_file(&self) -> PathBuf {
        self.state.join("parts.json")
    }

    /// For calls to the parts.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    async fn wait_until_ready(&mut self) -> Vec<String> {
        let deadline = Instant::now() + READY_WITHIN;
        let mut late: Vec<usize> = (0..self.processes.len()).collect();
        loop {
            let mut still = Vec::new();
            for index in late {
                if !self.is_settled(index).await {
                    still.push(index);
                }
            }
            late = still;
            if late.is_empty() || Instant::now() > deadline {
                break;
            }
            sleep(LOOK_AGAIN).await;
        }
        for process in late.iter().map(|&index| &self.processes[index]) {
            let limit = READY_WITHIN.as_secs();
            eprintln!(
                "{} is not ready after {limit} s; log: {}",
                process.part.name,
                process.log().display()
            );
        }
        let down = self.processes.iter().filter(|process| process.pid().is_none());
        let late = late.iter().map(|&index| &self.processes[index]);
        let mut names: Vec<String> = down.chain(late).map(|process| process.part.name.clone()).collect();
        names.dedup();
        names
    }

    /// Ready, or ended: no reason to wait longer.
    async fn is_settled(&mut self, index: usize) -> bool {
        let process = &mut self.processes[index];
        if let Some(status) = process.ended() {
            eprintln!("{}", process.obituary(status));
            return true;
        }
        let request = self
            .client
            .get(format!("{}/health/ready", process.part.url()))
            .timeout(Duration::from_secs(1));
        request.send().await.is_ok_and(|answer| answer.status().is_success())
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
    let discovery = files::read(&root.join("deploy/discovery.json"))?;
    files::write(&state.join("discovery.json"), addresses.put_into(&discovery))
}
