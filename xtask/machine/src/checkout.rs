//! The folders of a checkout.

use std::path::{Path, PathBuf};

use crate::{Error, Result, ask, cargo, fail};

/// The folders of the checkout that a tool works for.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
}

impl Checkout {
    /// The checkout around the current folder. Cargo's target folder is the one that this program stands in: tools are
    /// built with the profile `dev`, each beside the others.
    pub fn find() -> Result<Self> {
        let manifest = ask(cargo().args(["locate-project", "--workspace", "--message-format", "plain"]));
        let Some(root) = manifest.as_deref().and_then(|manifest| Path::new(manifest).parent()) else {
            return fail("no checkout of the repository is here: cargo finds no workspace");
        };
        let program = std::env::current_exe().map_err(|error| Error(error.to_string()))?;
        let Some(target) = program.parent().and_then(Path::parent) else {
            return fail(format!("{} is not where cargo puts programs", program.display()));
        };
        Ok(Self {
            root: root.to_owned(),
            target: target.to_owned(),
        })
    }
}
