//! Routes: each stands in its part's contract.

use super::{code, complain, files, kind, parts, root};

/// The shell passes everything to a BFF that a browser asks for: so there is nothing but what the contract says, and what
/// the chassis keeps for operators.
#[test]
fn a_bff_has_no_route_beside_its_contract() {
    let bffs = parts().into_iter().filter(|part| kind(part) == "bffs");
    let sources = bffs.flat_map(|bff| files(&root().join(bff).join("src"), ".rs"));
    let complaints: Vec<String> = sources
        .filter(|path| code(path).contains(".route("))
        .map(|path| format!("{}: .route(", path.display()))
        .collect();
    complain(&complaints);
}

/// A route beside the contract is one that it does not have. A door for strangers, an edge, has none.
#[test]
fn every_route_stands_in_a_contract() {
    let beside = [
        ".route(",
        ".route_service(",
        ".nest(",
        ".nest_service(",
        "OpenApiRouter",
    ];
    let mut complaints = Vec::new();
    for folder in parts().iter().filter(|folder| kind(folder) != "frontends") {
        for path in files(&root().join(folder).join("src"), ".rs") {
            let code = code(&path);
            let is_edge = code.contains("IS_EDGE: bool = true");
            for way in beside.iter().filter(|way| !is_edge && code.contains(**way)) {
                complaints.push(format!("{}: `{way}` goes past service::Api", path.display()));
            }
        }
    }
    complain(&complaints);
}
