//! What `clippy.toml` forbids, once each. `expect` asks for the complaint: where clippy does not see one of these, because an
//! entry is misspelt or is gone, it says so of the line here, in the stage `clippy` of `cargo xtask test`.

use crate::Complaints;
use crate::tree::Tree;

const CLIPPY: &str = "clippy.toml";
const HERE: &str = "xtask/tests/tidy/forbidden.rs";

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = tokio::spawn::<std::future::Ready<()>>;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = chrono::Utc::now;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = chrono::Local::now;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = std::time::SystemTime::now;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = reqwest::Client::new;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = reqwest::Client::builder;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = reqwest::ClientBuilder::new;
};

#[expect(clippy::disallowed_methods, reason = "planted")]
const _: () = {
    let _ = reqwest::get::<&str>;
};

/// Each entry is planted here, under an `expect` of its own.
fn every_entry_of_clippy_is_planted(tree: &Tree) -> Complaints {
    let clippy: toml::Table = tree.text(CLIPPY).unwrap_or_default().parse().expect("TOML");
    let entries = ["disallowed-methods", "disallowed-types", "disallowed-macros"];
    let entries = entries
        .iter()
        .filter_map(|kind| clippy.get(*kind)?.as_array())
        .flatten();
    let paths = entries.filter_map(|entry| entry.as_str().or_else(|| entry.get("path")?.as_str()));
    let source = tree.text(HERE).unwrap_or_default();
    let planted = |path: &str| {
        let plant = format!("const _: () = {{\n    let _ = {path}");
        let expected = source.split("#[expect(clippy::disallowed_").skip(1);
        expected.filter(|rest| rest.contains(&plant)).count()
    };
    paths
        .filter(|path| planted(path) != 1)
        .map(|path| format!("{CLIPPY}: {path} is not planted in {HERE}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn every_entry_of_clippy_is_planted_here() {
        keeps(every_entry_of_clippy_is_planted);
    }

    #[test]
    fn entry_that_is_not_planted_is_found() {
        let clippy = (
            CLIPPY,
            "disallowed-methods = [{ path = \"a::now\", reason = \"b\" }, \"c::d\"]",
        );
        let planted = "#[expect(clippy::disallowed_methods)]\nconst _: () = {\n    let _ = a::now;\n};";
        finds(
            every_entry_of_clippy_is_planted,
            &[clippy, (HERE, planted)],
            "c::d is not planted",
        );
    }
}
