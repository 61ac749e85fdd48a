//! Renewing an open shop: only the parts that have changed make way for their successors.

use std::time::Instant;

use machine::{Result, files, step};

use super::{DISCOVERY, GRACE, Shop, redirect};
use crate::process::Process;
use crate::program;
use crate::topology::{Folders, Topology};
use crate::wish::{Outcome, Wish};

/// A part to be started, and why.
struct Successor {
    process: Process,
    reasons: Vec<&'static str>,
}

impl Shop {
    /// Starts what is new, stops what is gone, and replaces what has changed; tells one line each.
    pub async fn renew(&mut self, wish: &Wish) -> Outcome {
        let mut lines = Vec::new();
        let error = match self.try_renew(wish, &mut lines).await {
            Ok(failed) if failed.is_empty() => None,
            Ok(failed) => Some(failed.join("\n")),
            Err(error) => Some(error.to_string()),
        };
        Outcome { lines, error }
    }

    /// Gives words about what did not become ready.
    async fn try_renew(&mut self, wish: &Wish, lines: &mut Vec<String>) -> Result<Vec<String>> {
        self.tell_of_the_dead();
        let wanted = self.wanted(wish)?;
        let meant = wanted.choose(&wish.only)?;
        let mut successors = self.successors(wish, &wanted)?;
        let is_gone = |name: &String| wish.only.is_empty() && !meant.contains(name);
        let names: Vec<_> = self.processes.iter().map(|process| process.part.name.clone()).collect();
        let gone: Vec<_> = names.into_iter().filter(is_gone).collect();
        let unchanged = meant.len() - successors.len();
        let begun = Instant::now();

        self.make_way(&successors, &gone, wish.fresh).await?;
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

        let seconds = begun.elapsed().as_secs_f32();
        let is_ready = |name: &str| failed.iter().all(|(other, _)| other != name);
        for (name, why) in reasons.iter().filter(|(name, _)| is_ready(name)) {
            lines.push(format!("{name}: started again ({})", why.join(", ")));
        }
        let tables = self.topology.tables();
        lines.extend(
            gone.iter()
                .map(|name| format!("{name}: stopped (no longer in {tables})")),
        );
        lines.push(match unchanged {
            0 => format!("ready after {seconds:.1} s"),
            _ if reasons.is_empty() => "nothing has changed".to_owned(),
            count => format!("ready after {seconds:.1} s; {count} unchanged"),
        });
        Ok(failed.into_iter().map(|(_, words)| words).collect())
    }

    /// The topology as that checkout has it, with this shop's addresses and folders. What was set for this shop stays until
    /// it is set otherwise.
    fn wanted(&mut self, wish: &Wish) -> Result<Topology> {
        let recipe = &mut self.topology.recipe;
        recipe.caller.extend(wish.caller.clone());
        let mut wanted = Topology::load(&wish.root, recipe)?;
        if self.random_ports {
            wanted.take_free_ports(&mut self.addresses)?;
        }
        wanted.readdress(&self.addresses)?;
        wanted.settle(&Folders {
            state: &self.state,
            target: &wish.target,
        });
        Ok(wanted)
    }

    fn successors(&self, wish: &Wish, wanted: &Topology) -> Result<Vec<Successor>> {
        let is_redirected = wish.only.is_empty() && redirect(&wish.root, &self.state, wanted, &self.addresses)?;
        let document = self.state.join(DISCOVERY).to_string_lossy().into_owned();
        let meant = wanted.choose(&wish.only)?;
        let logs = self.state.join("logs");
        let mut successors = Vec::new();
        for part in wanted.parts().iter().filter(|part| meant.contains(&part.name)) {
            let reads_document = part.env.values().any(|value| *value == document);
            let binary = wish.profile.binary(&wish.target, &part.package);
            let process = Process::new(part.clone(), &wish.root, binary, &logs);
            let old = self.processes.iter().find(|old| old.part.name == part.name);
            let mut reasons = old.map_or_else(|| Ok(vec!["new"]), |old| old.lacks(&process))?;
            if is_redirected && reads_document {
                reasons.push("discovery");
            }
            if wish.fresh {
                reasons.push("empty databases");
            }
            if !reasons.is_empty() {
                successors.push(Successor { process, reasons });
            }
        }
        Ok(successors)
    }

    /// Stops what is replaced and what is gone.
    async fn make_way(&mut self, successors: &[Successor], gone: &[String], fresh: bool) -> Result<()> {
        let is_replaced = |name: &str| successors.iter().any(|new| new.process.part.name == name);
        let old: Vec<_> = self
            .processes
            .iter_mut()
            .filter(|old| is_replaced(&old.part.name) || gone.contains(&old.part.name))
            .collect();
        if !old.is_empty() {
            let names: Vec<_> = old.iter().map(|old| old.part.name.as_str()).collect();
            step(&format!("renewing {}", names.join(", ")));
        }
        let mut programs: Vec<_> = old.into_iter().map(|old| &mut old.program).collect();
        program::stop(&mut programs, GRACE).await;
        self.processes.retain(|process| !gone.contains(&process.part.name));
        for name in gone {
            self.topology.remove(name);
        }
        if fresh {
            self.goods = None;
            self.servers.stop().await;
            files::empty(&self.state.join("data"))?;
        }
        Ok(())
    }
}
