//! Law 5: every process runs without flags, and every setting is in its `--help`.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::Field;

use crate::Complaints;
use crate::deploy::tables;
use crate::package::{PARTS, Package, packages, parts};
use crate::source::{Tokens, string};
use crate::tree::Tree;

/// What reads the environment.
const READS: [&str; 6] = [
    "env::var(",
    "env::var_os(",
    "env::vars(",
    "env::vars_os(",
    "env::args(",
    "env::args_os(",
];
/// The one place where that is done.
const PLACE: &str = "platform/service/src/settings";
/// Starts parts in tests, and is none.
const TESTKIT: &str = "platform/testkit/";
/// What Prometheus, OpenTelemetry and the like name.
const OF_OTHERS: &str = "OTEL_";

/// A setting that is only a flag, or is kept out of the help, cannot be told in a deployment.
fn every_setting_is_a_variable_in_the_help(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for (path, field) in fields(tree) {
        let tokens = arguments(&field);
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        match variable(&field) {
            Some(variable) if variable.starts_with("STOA_") || variable.starts_with(OF_OTHERS) => {}
            _ => complaints.push(format!("{path}: {name} has no variable STOA_…")),
        }
        if ["hide = true", "hide,", "hide)", "hide_short_help", "hide_long_help"]
            .iter()
            .any(|mark| tokens.has(mark))
        {
            complaints.push(format!("{path}: {name} is not in the help"));
        }
    }
    complaints
}

fn only_settings_read_the_environment(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for folder in PARTS.iter().chain(&["platform"]) {
        let sources = tree
            .sources_with(folder, "env")
            .filter(|(path, _)| path.contains("/src/"));
        for (path, source) in sources.filter(|(path, _)| !path.starts_with(PLACE) && !path.starts_with(TESTKIT)) {
            let tokens = source.shipped();
            let found = READS.iter().find(|mark| tokens.has(mark));
            complaints.extend(found.map(|mark| format!("{path}: {mark}…): what is set is in Settings and Config")));
        }
    }
    complaints
}

/// Its command line is checked where a test starts it.
fn every_part_is_started_without_flags(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for part in parts(tree) {
        let tests = format!("{}/tests", part.folder);
        if !tree
            .sources(&tests)
            .any(|(_, source)| source.whole().has("Running::start"))
        {
            complaints.push(format!("no test starts {} by testkit::Running", part.folder));
        }
    }
    complaints
}

fn deploy_tells_parts_what_they_know(tree: &Tree) -> Complaints {
    let packages = packages(tree);
    let mut complaints = Vec::new();
    for table in tables(tree) {
        for entry in &table.parts {
            let known = packages.iter().find(|package| package.name == entry.name);
            let known = known
                .map(|package| settings(tree, package, &packages))
                .unwrap_or_default();
            let unknown = entry.env.keys().filter(|name| !known.contains(*name));
            complaints.extend(unknown.map(|name| format!("{}: {} has no setting {name}", table.path, entry.name)));
        }
    }
    complaints
}

/// The variables of a part: its own, the chassis', and those of what it takes from the platform.
fn settings(tree: &Tree, part: &Package, packages: &[Package]) -> BTreeSet<String> {
    let src = part.src();
    let own: Vec<_> = tree.sources(&src).map(|(_, source)| source.shipped()).collect();
    let is_taken = |package: &&Package| {
        let name = package.name.replace('-', "_");
        let is_chassis = package.name == "service";
        let is_needed = part.ships(&package.name) && package.row() == "platform";
        is_needed && (is_chassis || own.iter().any(|tokens| tokens.has(&format!("{name}::Settings"))))
    };
    let folders = packages.iter().filter(is_taken).map(Package::src).chain([src.clone()]);
    let folders: Vec<_> = folders.collect();
    let fields = fields(tree).into_iter();
    let meant = fields.filter(|(path, _)| folders.iter().any(|folder| path.starts_with(&format!("{folder}/"))));
    meant.filter_map(|(_, field)| variable(&field)).collect()
}

/// Every field that clap reads, and in which file.
pub fn fields(tree: &Tree) -> Vec<(String, Field)> {
    let mut found = Vec::new();
    for folder in PARTS.iter().chain(&["platform"]) {
        for (path, source) in tree
            .sources_with(folder, "arg(")
            .filter(|(path, _)| path.contains("/src/"))
        {
            let fields = source.structs().into_iter().flat_map(|item| item.fields.into_iter());
            let read = fields.filter(|field| field.attrs.iter().any(|attribute| attribute.path().is_ident("arg")));
            found.extend(read.map(|field| (path.to_owned(), field)));
        }
    }
    found
}

/// What clap is told of a field.
pub fn arguments(field: &Field) -> Tokens {
    let attributes = field.attrs.iter().filter(|attribute| attribute.path().is_ident("arg"));
    Tokens::of(attributes.map(ToTokens::to_token_stream).collect())
}

/// The variable that sets it.
pub fn variable(field: &Field) -> Option<String> {
    let tokens = arguments(field);
    tokens.after("env =").next().and_then(|rest| string(rest.first()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const CATALOG: (&str, &str) = (
        "services/catalog/Cargo.toml",
        "[package]\nname = \"catalog\"\n[dependencies]\nservice.path = \"../../platform/service\"\n\
         events.path = \"../../platform/events\"",
    );
    const SERVICE: (&str, &str) = ("platform/service/Cargo.toml", "[package]\nname = \"service\"");
    const EVENTS: (&str, &str) = ("platform/events/Cargo.toml", "[package]\nname = \"events\"");

    #[test]
    fn every_setting_is_a_variable_in_the_help_here() {
        keeps(every_setting_is_a_variable_in_the_help);
    }

    #[test]
    fn setting_outside_of_the_help_is_found() {
        for (arguments, expected) in [
            ("long", "no variable"),
            ("long, env = \"LISTEN\"", "no variable"),
            ("long, env = \"STOA_X\", hide = true", "not in the help"),
            ("long, hide, env = \"STOA_X\"", "not in the help"),
        ] {
            let text = format!("struct Config {{ #[arg({arguments})] x: u8 }}");
            finds(
                every_setting_is_a_variable_in_the_help,
                &[("services/a/src/lib.rs", &text)],
                expected,
            );
        }
    }

    #[test]
    fn only_settings_read_the_environment_here() {
        keeps(only_settings_read_the_environment);
    }

    #[test]
    fn read_of_the_environment_is_found() {
        for (path, text) in [
            ("services/a/src/lib.rs", "fn f() { std::env::var(\"STOA_X\"); }"),
            ("platform/page/src/lib.rs", "use std::env; fn f() { env::vars_os(); }"),
        ] {
            finds(only_settings_read_the_environment, &[(path, text)], path);
        }
    }

    #[test]
    fn every_part_is_started_without_flags_here() {
        keeps(every_part_is_started_without_flags);
    }

    #[test]
    fn part_that_no_test_starts_is_found() {
        finds(
            every_part_is_started_without_flags,
            &[CATALOG],
            "no test starts services/catalog",
        );
        let test = (
            "services/catalog/tests/api/main.rs",
            "async fn f() { Running::start(app).await; }",
        );
        assert!(every_part_is_started_without_flags(&Tree::of(&[CATALOG, test])).is_empty());
    }

    #[test]
    fn deploy_tells_parts_what_they_know_here() {
        keeps(deploy_tells_parts_what_they_know);
    }

    #[test]
    fn setting_that_a_part_does_not_have_is_found() {
        let own = (
            "services/catalog/src/lib.rs",
            "struct Config { #[arg(env = \"STOA_OWN\")] a: u8 }",
        );
        let chassis = (
            "platform/service/src/settings.rs",
            "struct S { #[arg(env = \"STOA_LOG\")] a: u8 }",
        );
        let events = (
            "platform/events/src/settings.rs",
            "struct S { #[arg(env = \"STOA_EVENTS\")] a: u8 }",
        );
        let table = |name: &str| format!("[[part]]\nname = \"catalog\"\nlisten = \"a\"\n[part.env]\n{name} = \"1\"");
        let check = deploy_tells_parts_what_they_know;
        for name in ["STOA_OWN", "STOA_LOG"] {
            let (path, table) = ("deploy/local.toml", table(name));
            let texts = [CATALOG, SERVICE, EVENTS, own, chassis, events, (path, &table)];
            assert!(check(&Tree::of(&texts)).is_empty(), "{name}");
        }
        for name in ["STOA_EVENTS", "STOA_OWNN"] {
            let (path, table) = ("deploy/scale.toml", table(name));
            let texts = [CATALOG, SERVICE, EVENTS, own, chassis, events, (path, &table)];
            finds(check, &texts, &format!("catalog has no setting {name}"));
        }
    }
}
