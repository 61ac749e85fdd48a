//! The stages of `cargo xtask test` stand everywhere where all of them should.

use std::process::Command;

use super::{complain, read, root};

#[test]
fn ci_and_the_readme_have_every_stage() {
    let workflow = read(&root().join(".github/workflows/ci.yml"));
    let on_ci: Vec<_> = workflow
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("stages: "))
        .flat_map(|stages| stages.split(' '))
        .collect();
    let readme = read(&root().join("xtask/README.md"));
    let row = readme
        .lines()
        .find(|line| line.starts_with("| `cargo xtask test` |"))
        .unwrap_or_default();
    let stages = stages();
    assert!(stages.iter().any(|stage| stage == "clippy"), "{stages:?}");
    let mut complaints = Vec::new();
    for stage in &stages {
        if on_ci.iter().filter(|other| *other == stage).count() != 1 {
            complaints.push(format!("{stage} is not once in .github/workflows/ci.yml"));
        }
        if !row.contains(&format!("`{stage}`")) {
            complaints.push(format!("{stage} is not in the table of xtask/README.md"));
        }
    }
    for other in on_ci.iter().filter(|other| !stages.iter().any(|stage| stage == *other)) {
        complaints.push(format!("{other} of .github/workflows/ci.yml is no stage"));
    }
    complain(&complaints);
}

/// As the help lists them: `- fmt: …`.
pub fn stages() -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["test", "--help"])
        .output()
        .expect("xtask");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let lines = help.lines().filter_map(|line| line.trim().strip_prefix("- "));
    lines
        .filter_map(|line| line.split(':').next())
        .map(str::to_owned)
        .collect()
}
