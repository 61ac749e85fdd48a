//! The laws of the tree, kept by reading it. See ARCHITECTURE.md, "Laws": it names the check that keeps each.
//!
//! A check is a function from a [`Tree`](tree::Tree) to complaints. Each is run on the repository and, so that it is known
//! to see, on a small tree with a violation planted in it.

mod architecture;
mod attacks;
mod calls;
mod contracts;
mod databases;
mod dependencies;
mod deploy;
mod documents;
mod domains;
mod forbidden;
mod handbook;
mod maps;
mod messages;
mod package;
mod pages;
mod platform;
mod problems;
mod retention;
mod routes;
mod secrets;
mod settings;
mod shape;
mod source;
mod sql;
mod stages;
mod tree;

use tree::Tree;

/// What a check says.
type Complaints = Vec<String>;

/// The repository keeps the law.
fn keeps(check: fn(&Tree) -> Complaints) {
    complain(&check(&Tree::of_repository()));
}

fn complain(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// In this small tree the check finds one violation, and says this of it.
fn finds(check: fn(&Tree) -> Complaints, texts: &[(&str, &str)], expected: &str) {
    let complaints = check(&Tree::of(texts));
    assert!(
        complaints.len() == 1 && complaints[0].contains(expected),
        "expected one complaint with: {expected}\nfound:\n{}",
        complaints.join("\n")
    );
}
