//! The stages of `cargo xtask test` stand everywhere where all of them should.

use std::process::Command;

use crate::Complaints;
use crate::tree::Tree;

const CI: &str = ".github/workflows/ci.yml";
const README: &str = "xtask/README.md";

fn ci_and_the_readme_have_every_stage(tree: &Tree) -> Complaints {
    let lines = tree.text(CI).unwrap_or_default().lines();
    let on_ci: Vec<_> = lines
        .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("stages: "))
        .flat_map(|stages| stages.split(' '))
        .collect();
    let mut rows = tree.text(README).unwrap_or_default().lines();
    let row = rows.find(|line| line.starts_with("| `cargo xtask test` |"));
    let row = row.unwrap_or_default();
    let stages = stages();
    let mut complaints = Vec::new();
    for stage in &stages {
        if on_ci.iter().filter(|other| *other == stage).count() != 1 {
            complaints.push(format!("{CI} does not have {stage} once"));
        }
        if !row.contains(&format!("`{stage}`")) {
            complaints.push(format!("the table of {README} does not have {stage}"));
        }
    }
    let unknown = on_ci.iter().filter(|other| !stages.iter().any(|stage| stage == *other));
    complaints.extend(unknown.map(|other| format!("{CI}: there is no stage {other}")));
    complaints
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn ci_and_the_readme_have_every_stage_here() {
        assert!(stages().iter().any(|stage| stage == "clippy"));
        keeps(ci_and_the_readme_have_every_stage);
    }

    #[test]
    fn stage_that_is_not_everywhere_is_found() {
        let names = stages();
        let ci = |names: &[String]| format!("  - stages: {}\n", names.join(" "));
        let readme = |names: &[String]| format!("| `cargo xtask test` | `{}` |\n", names.join("`, `"));
        let check = ci_and_the_readme_have_every_stage;
        let finds = |ci: &str, readme: &str, expected| finds(check, &[(CI, ci), (README, readme)], expected);
        finds(&ci(&names[1..]), &readme(&names), "does not have fmt once");
        finds(&ci(&names), &readme(&names[1..]), "does not have fmt");
        let more = [names.clone(), vec!["nothing".to_owned()]].concat();
        finds(&ci(&more), &readme(&names), "there is no stage nothing");
    }
}
