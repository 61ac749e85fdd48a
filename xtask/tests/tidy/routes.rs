//! Routes: each stands in its part's contract.

use crate::Complaints;
use crate::package::{packages, parts};
use crate::tree::Tree;

/// What goes past the contract.
const BESIDE: [&str; 5] = [
    ".route(",
    ".route_service(",
    ".nest(",
    ".nest_service(",
    "OpenApiRouter",
];

/// The shell passes everything to a BFF that a browser asks for: so there is nothing but what the contract says, and what
/// the chassis keeps for operators.
fn a_bff_has_no_route_beside_its_contract(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for bff in packages(tree).iter().filter(|package| package.row() == "bffs") {
        let src = bff.src();
        let sources = tree.sources(&src).filter(|(_, source)| source.shipped().has(".route("));
        complaints.extend(sources.map(|(path, _)| format!("{path}: .route(")));
    }
    complaints
}

/// A route beside the contract is one that it does not have. A door for strangers, an edge, has none.
fn every_route_stands_in_a_contract(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for part in parts(tree).iter().filter(|part| part.row() != "frontends") {
        let src = part.src();
        for (path, source) in tree.sources(&src) {
            let tokens = source.shipped();
            if tokens.has("IS_EDGE: bool = true") {
                continue;
            }
            let ways = BESIDE.iter().filter(|way| tokens.has(way));
            complaints.extend(ways.map(|way| format!("{path}: `{way}` goes past service::Api")));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn a_bff_has_no_route_beside_its_contract_here() {
        keeps(a_bff_has_no_route_beside_its_contract);
    }

    #[test]
    fn every_route_stands_in_a_contract_here() {
        keeps(every_route_stands_in_a_contract);
    }

    #[test]
    fn route_beside_the_contract_is_found() {
        let text = "fn f() { Router::new().route(\"/a\", get(a)); }";
        let texts = [
            ("bffs/explore/Cargo.toml", "[package]\nname = \"explore-bff\""),
            ("bffs/explore/src/lib.rs", text),
        ];
        finds(
            a_bff_has_no_route_beside_its_contract,
            &texts,
            "bffs/explore/src/lib.rs",
        );
        finds(every_route_stands_in_a_contract, &texts, "bffs/explore/src/lib.rs");
    }
}
