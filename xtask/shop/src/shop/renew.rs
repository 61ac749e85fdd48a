//! Renewing an open shop: only the parts that have changed are replaced.

use std::time::Instant;

use machine::{Result, files, step};

use super::{DISCOVERY, GRACE, Shop, redirect};
use crate::process::Process;
use crate::program;
use crate::protocol::{RenewRequest, RenewResult};
use crate::topology::{Folders, Topology};

/// A part to be started, and why.
struct Successor {
    process: Process,
    reasons: Vec<&'static str>,
}

impl Shop {
    /// Starts new parts, stops removed ones, and replaces those that have changed.
    pub async fn renew(&mut self, request: &RenewRequest) -> RenewResult {
        let mut lines = Vec::new();
        let error = match self.try_renew(request, &mut lines).await {
            Ok(failed) if failed.is_empty() => None,
            Ok(failed) => Some(failed.join("\n")),
            Err(error) => Some(error.to_string()),
        };
        RenewResult { lines, error }
    }

    /// Returns a line for each part that did not become ready.
    async fn try_renew(&mut self, request: &RenewRequest, lines: &mut Vec<String>) -> Result<Vec<String>> {
        self.report_ended();
        let wanted = self.wanted(request)?;
        let chosen = wanted.choose(&request.only)?;
        let mut successors = self.successors(request, &wanted)?;
        let is_removed = |name: &String| request.only.is_empty() && !chosen.contains(name);
        let names: Vec<_> = self.processes.iter().map(|process| process.part.name.clone()).collect();
        let removed: Vec<_> = names.into_iter().filter(is_removed).collect();
        let unchanged = chosen.len() - successors.len();
        let start = Instant::now();

        self.stop_old(&successors, &removed, request.fresh).await?;
        self.servers.start(&wanted).await?;
        for successor in &mut successors {
            successor.process.start()?;
        }
        let mut reasons = Vec::new();
        for Successor { process, reasons: why } in successors {
            reasons.push((process.part.name.clone(), why));
            self.topology.put(process.part.clone());
            match self.processes.iter_mut().find(|old| old.part.name == process.part.name) {
                Some(old) => *old = process,
                None => self.processes.push(process),
            }
        }
        self.write_parts()?;
        let started = reasons.iter().map(|(name, _)| name.clone()).collect();
        let failed = self.wait_until_ready(started).await;
        self.write_parts()?;

        let seconds = start.elapsed().as_secs_f32();
        let is_ready = |name: &str| failed.iter().all(|(other, _)| other != name);
        for (name, why) in reasons.iter().filter(|(name, _)| is_ready(name)) {
            lines.push(format!("{name}: started again ({})", why.join(", ")));
        }
        let tables = self.topology.tables();
        lines.extend(
            removed
                .iter()
                .map(|name| format!("{name}: stopped (no longer in {tables})")),
        );
        lines.push(match unchanged {
            0 => format!("ready after {seconds:.1} s"),
            _ if reasons.is_empty() => "nothing has changed".to_owned(),
            count => format!("ready after {seconds:.1} s; {count} unchanged"),
        });
        Ok(failed.into_iter().map(|(_, words)| words).collect())
    }

    /// The topology of that checkout, with this shop's addresses and folders. Variables that were set for this shop stay
    /// until they are set again.
    fn wanted(&mut self, request: &RenewRequest) -> Result<Topology> {
        let recipe = &mut self.topology.recipe;
        recipe.caller.extend(request.caller.clone());
        let mut wanted = Topology::load(&request.root, recipe)?;
        if self.random_ports {
            wanted.take_free_ports(&mut self.addresses)?;
        }
        wanted.readdress(&self.addresses)?;
        wanted.settle(&Folders {
            state: &self.state,
            target: &request.target,
        });
        Ok(wanted)
    }

    fn successors(&self, request: &RenewRequest, wanted: &Topology) -> Result<Vec<Successor>> {
        let is_redirected = request.only.is_empty() && redirect(&request.root, &self.state, wanted, &self.addresses)?;
        let document = self.state.join(DISCOVERY).to_string_lossy().into_owned();
        let chosen = wanted.choose(&request.only)?;
        let logs = self.state.join("logs");
        let mut successors = Vec::new();
        for part in wanted.parts().iter().filter(|part| chosen.contains(&part.name)) {
            let reads_document = part.env.values().any(|value| *value == document);
            let binary = request.profile.binary(&request.target, &part.package);
            let process = Process::new(part.clone(), &request.root, binary, &logs);
            let old = self.processes.iter().find(|old| old.part.name == part.name);
            let mut reasons = old.map_or_else(|| Ok(vec!["new"]), |old| old.lacks(&process))?;
            if is_redirected && reads_document {
                reasons.push("discovery");
            }
            if request.fresh {
                reasons.push("empty databases");
            }
            if !reasons.is_empty() {
                successors.push(Successor { process, reasons });
            }
        }
        Ok(successors)
    }

    /// Stops the parts that are replaced or removed.
    async fn stop_old(&mut self, successors: &[Successor], removed: &[String], fresh: bool) -> Result<()> {
        let is_replaced = |name: &str| successors.iter().any(|new| new.process.part.name == name);
        let old: Vec<_> = self
            .processes
            .iter_mut()
            .filter(|old| is_replaced(&old.part.name) || removed.contains(&old.part.name))
            .collect();
        if !old.is_empty() {
            let names: Vec<_> = old.iter().map(|old| old.part.name.as_str()).collect();
            step(&format!("renewing {}", names.join(", ")));
        }
        let mut programs: Vec<_> = old.into_iter().map(|old| &mut old.program).collect();
        program::stop(&mut programs, GRACE).await;
        self.processes.retain(|process| !removed.contains(&process.part.name));
        for name in removed {
            self.topology.remove(name);
        }
        if fresh {
            self.loaded_demo = None;
            self.servers.stop().await;
            files::empty(&self.state.join("data"))?;
        }
        Ok(())
    }
}
