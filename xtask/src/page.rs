//! The help pages of all commands. The tests of the tools write `help/` and keep it true, so that `--help` and the answer to a
//! wrong name need no build.

use machine::tool::{NEW, SHOP, TRIALS, Tool};

/// One command, and its `--help`.
#[derive(Debug)]
pub struct Page {
    /// Its words after `cargo xtask`.
    pub name: &'static str,
    /// The tool that runs it; `None` for xtask itself.
    pub tool: Option<Tool>,
    /// Its `--help`. The first line says what it does.
    pub text: &'static str,
}

macro_rules! page {
    ($name:literal, $tool:expr, $file:literal) => {
        Page {
            name: $name,
            tool: $tool,
            text: include_str!(concat!("../help/", $file, ".txt")),
        }
    };
}

/// All commands, in the order in which people need them.
pub static PAGES: [Page; 18] = [
    page!("up", Some(SHOP), "up"),
    page!("build", Some(SHOP), "build"),
    page!("test", None, "test"),
    page!("new", Some(NEW), "new"),
    page!("new service", Some(NEW), "new-service"),
    page!("new bff", Some(NEW), "new-bff"),
    page!("new frontend", Some(NEW), "new-frontend"),
    page!("events", Some(SHOP), "events"),
    page!("events parked", Some(SHOP), "events-parked"),
    page!("events replay", Some(SHOP), "events-replay"),
    page!("bench", Some(TRIALS), "bench"),
    page!("bench pages", Some(TRIALS), "bench-pages"),
    page!("bench orders", Some(TRIALS), "bench-orders"),
    page!("bench idle", Some(TRIALS), "bench-idle"),
    page!("bench lighthouse", Some(TRIALS), "bench-lighthouse"),
    page!("chaos", Some(TRIALS), "chaos"),
    page!("race", Some(TRIALS), "race"),
    page!("soak", Some(TRIALS), "soak"),
];

impl Page {
    /// The page of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.name == name)
    }

    /// What it does, in one line.
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The names of its subcommands: `pages` for `bench`.
    pub fn children(&self) -> Vec<&'static str> {
        let child = |page: &Self| page.name.strip_prefix(self.name)?.strip_prefix(' ');
        PAGES.iter().filter_map(child).collect()
    }

    /// The options that it takes, from the lines of its help.
    pub fn options(&self) -> Vec<&'static str> {
        let lines = self
            .text
            .lines()
            .map(str::trim_start)
            .filter(|line| line.starts_with('-'));
        let names = lines.flat_map(|line| line.split("  ").next().unwrap_or_default().split([' ', ',', '=']));
        names.filter(|name| name.starts_with('-') && name.len() > 1).collect()
    }
}
