//! Pages hold to the content security policy, and run nothing but the loader and islands.

use crate::Complaints;
use crate::source::{Tokens, string};
use crate::tree::{Tree, is_below};

/// Where pages are drawn.
const DRAWN: [&str; 3] = ["frontends", "platform/page", "platform/island"];

/// Attributes that are code.
const HANDLERS: [&str; 12] = [
    "onblur",
    "onchange",
    "onclick",
    "onerror",
    "onfocus",
    "oninput",
    "onkeydown",
    "onload",
    "onmouseover",
    "onpaste",
    "onsubmit",
    "ontoggle",
];

/// Attributes that fetch.
const FETCHES: [&str; 4] = ["src", "srcset", "poster", "formaction"];

/// Where JavaScript may stand: the loader, and what is never sent to a browser of a shopper.
const SCRIPTS: [&str; 4] = [
    "assets/loader.js",
    "assets/loader",
    "playwright",
    "services/payments/stripe-double/check",
];

fn pages_have_no_inline_style_or_script(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for (path, tokens) in drawn(tree) {
        let mut found: Vec<String> = tokens.inside("view! {").flat_map(inline).collect();
        found.extend(tokens.strings().filter_map(|text| inline_text(&text)));
        complaints.extend(
            found
                .iter()
                .map(|mark| format!("{path}: {mark} would break the content security policy")),
        );
    }
    complaints
}

fn inline(view: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, token) in view.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| view[before].as_str());
        let after = view.get(index + 1).map_or("", String::as_str);
        let is_attribute = before != "-" && before != ".";
        match token.as_str() {
            "style" if before == "<" => found.push("<style".to_owned()),
            "script" if before == "<" && !is_empty_element(&view[index..]) => found.push("<script".to_owned()),
            "style" if is_attribute && (after == "=" || after == ":") => found.push("style=".to_owned()),
            name if is_attribute && after == "=" && HANDLERS.contains(&name) => found.push(format!("{name}=")),
            _ => {}
        }
    }
    found
}

/// Whether nothing stands between `<script …>` and `</script>`.
fn is_empty_element(view: &[String]) -> bool {
    let end = view.iter().position(|token| token == ">");
    end.is_some_and(|end| view[end + 1..].starts_with(&["<".to_owned(), "/".to_owned()]))
}

fn inline_text(text: &str) -> Option<String> {
    let handlers = HANDLERS.iter().map(|name| format!(" {name}="));
    let marks = ["<style", "<script", " style=", "javascript:"]
        .into_iter()
        .map(str::to_owned);
    marks.chain(handlers).find(|mark| text.contains(mark))
}

fn pages_fetch_nothing_from_other_hosts(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for (path, tokens) in drawn(tree) {
        let fetched = tokens.inside("view! {").flat_map(|view| {
            let pairs = view
                .windows(3)
                .filter(|tokens| FETCHES.contains(&tokens[0].as_str()) && tokens[1] == "=");
            pairs.filter_map(|tokens| string(&tokens[2])).collect::<Vec<_>>()
        });
        complaints.extend(
            fetched
                .filter(|url| is_elsewhere(url))
                .map(|url| format!("{path}: {url}")),
        );
    }
    for (path, text) in tree
        .files("", ".css")
        .filter(|(path, _)| path.starts_with("frontends/") || is_below(path, "assets"))
    {
        let urls = text
            .split("url(")
            .skip(1)
            .map(|rest| rest.trim_start_matches(['"', '\'', ' ']));
        let elsewhere = urls
            .filter(|url| is_elsewhere(url))
            .map(|url| url.split(')').next().unwrap_or_default());
        complaints.extend(elsewhere.map(|url| format!("{path}: {url}")));
        complaints.extend(text.contains("@import").then(|| format!("{path}: @import")));
    }
    complaints
}

fn is_elsewhere(url: &str) -> bool {
    url.contains("//")
}

fn islands_stand_in_islands_crates(tree: &Tree) -> Complaints {
    let sources = ["services", "bffs", "frontends", "platform"]
        .into_iter()
        .flat_map(|folder| tree.sources_with(folder, "island"));
    let outside = sources.filter(|(path, source)| !path.contains("/islands/") && source.whole().has("#[island"));
    outside
        .map(|(path, _)| format!("{path}: an island outside of an islands crate"))
        .collect()
}

/// What runs before anybody touches the page is the loader; all else is an island.
fn no_script_but_the_loader(tree: &Tree) -> Complaints {
    let is_script = |path: &&str| [".js", ".mjs", ".ts"].iter().any(|ending| path.ends_with(ending));
    let is_allowed = |path: &str| SCRIPTS.iter().any(|place| path == *place || is_below(path, place));
    let scripts = tree.paths().filter(is_script).filter(|path| !is_allowed(path));
    scripts
        .map(|path| format!("{path}: pages run the loader and islands"))
        .collect()
}

fn drawn(tree: &Tree) -> impl Iterator<Item = (&str, Tokens)> {
    let sources = DRAWN.into_iter().flat_map(|folder| tree.sources(folder));
    let shipped = sources.filter(|(path, _)| path.contains("/src/"));
    shipped.map(|(path, source)| (path, source.shipped()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    const PATH: &str = "frontends/explore/src/pages/home.rs";

    #[test]
    fn pages_have_no_inline_style_or_script_here() {
        keeps(pages_have_no_inline_style_or_script);
    }

    #[test]
    fn inline_style_or_script_is_found() {
        for (text, expected) in [
            ("fn f() { view! { <p><b style=\"color:red\">a</b></p> } }", "style="),
            ("fn f() { view! { <p style:color=\"red\">a</p> } }", "style="),
            ("fn f() { view! { <style>a</style> } }", "<style"),
            ("fn f() { view! { <button onclick=\"f()\">a</button> } }", "onclick="),
            (
                "fn f() { view! { <p>{g(view! { <script>a</script> })}</p> } }",
                "<script",
            ),
            ("const A: &str = \"<p style=color:red>\";", "style="),
            ("const A: &str = \"javascript:f()\";", "javascript:"),
        ] {
            let complaints = pages_have_no_inline_style_or_script(&Tree::of(&[(PATH, text)]));
            assert!(
                complaints.iter().any(|complaint| complaint.contains(expected)),
                "{text}: {complaints:?}"
            );
        }
        let text = "fn f() { let style = 1; view! { <script src=a></script><p data-style=1 class=style on:click=f>\"style\"</p> } }";
        assert!(pages_have_no_inline_style_or_script(&Tree::of(&[(PATH, text)])).is_empty());
    }

    #[test]
    fn pages_fetch_nothing_from_other_hosts_here() {
        keeps(pages_fetch_nothing_from_other_hosts);
    }

    #[test]
    fn fetch_from_another_host_is_found() {
        let view = "fn f() { view! { <img src=\"https://example.org/a.png\" alt=\"\"/> } }";
        finds(pages_fetch_nothing_from_other_hosts, &[(PATH, view)], "example.org");
        for css in ["a { background: url('//example.org/a.png') }", "@import \"a.css\";"] {
            finds(
                pages_fetch_nothing_from_other_hosts,
                &[("frontends/explore/style.css", css)],
                "style.css",
            );
        }
    }

    #[test]
    fn islands_stand_in_islands_crates_here() {
        keeps(islands_stand_in_islands_crates);
    }

    #[test]
    fn island_elsewhere_is_found() {
        let text = "#[island] pub fn Picker() {}";
        finds(islands_stand_in_islands_crates, &[(PATH, text)], PATH);
    }

    #[test]
    fn no_script_but_the_loader_here() {
        keeps(no_script_but_the_loader);
    }

    #[test]
    fn script_beside_the_loader_is_found() {
        for path in ["frontends/explore/menu.js", "assets/menu.mjs", "assets/loaders.js"] {
            finds(no_script_but_the_loader, &[(path, "")], path);
        }
    }
}
