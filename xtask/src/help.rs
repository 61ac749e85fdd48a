//! Reads the command line, and suggests a name for an unknown one.

use machine::tool::Tool;
use machine::{Result, fail};

use crate::page::{PAGES, Page};
use crate::test::Tests;

/// The least similarity of two names for a suggestion.
const ALIKE: f64 = 0.75;

/// What the command line asks for.
#[derive(Debug)]
pub enum Asked {
    /// A text.
    Help(String),
    /// The checks.
    Test(Tests),
    /// A command of another tool.
    Tool(Tool),
}

/// Reads the words after `cargo xtask`.
pub fn read(arguments: &[String]) -> Result<Asked> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &words[..] {
        [] => fail(format!("what? There are these commands:\n\n{}", overview())),
        ["-h" | "--help" | "help"] => Ok(Asked::Help(overview())),
        ["help", names @ ..] => Ok(Asked::Help(find(names)?.0.text.trim_end().to_owned())),
        _ => {
            let (page, rest) = find(&words)?;
            if rest.iter().any(|word| ["-h", "--help"].contains(word)) {
                return Ok(Asked::Help(page.text.trim_end().to_owned()));
            }
            if !page.children().is_empty() {
                return fail(format!("{} what?\n\n{}", page.name, page.text.trim_end()));
            }
            check(page, rest)?;
            match page.tool {
                Some(tool) => Ok(Asked::Tool(tool)),
                None => Tests::read(rest).map(Asked::Test),
            }
        }
    }
}

/// The help page of the first words, and the words after them.
fn find<'a>(words: &'a [&'a str]) -> Result<(&'static Page, &'a [&'a str])> {
    let [name, rest @ ..] = words else {
        return fail("what?");
    };
    let Some(page) = Page::find(name) else {
        let all = PAGES.iter().map(|page| page.name).filter(|name| !name.contains(' '));
        return fail(format!(
            "there is no command {name}{}; cargo xtask --help lists them",
            hint(name, all)
        ));
    };
    let children = page.children();
    match rest {
        [child, rest @ ..] if !children.is_empty() && !child.starts_with('-') => {
            let Some(child) = Page::find(&format!("{name} {child}")) else {
                let hint = hint(child, children.iter().copied());
                return fail(format!(
                    "{name} has no {child}{hint}; there are: {}",
                    children.join(", ")
                ));
            };
            Ok((child, rest))
        }
        _ => Ok((page, rest)),
    }
}

/// Refuses options that the tool would refuse after it is built.
fn check(page: &Page, words: &[&str]) -> Result<()> {
    let options = page.options();
    for word in words.iter().take_while(|word| **word != "--") {
        let name = word.split('=').next().unwrap_or(word);
        let is_option = name.starts_with('-') && name.parse::<f64>().is_err();
        if is_option && !options.contains(&name) {
            return fail(format!(
                "{} has no option {name}{}; cargo xtask {} --help lists them",
                page.name,
                hint(name, options.iter().copied()),
                page.name
            ));
        }
    }
    Ok(())
}

/// The most similar name.
pub fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let alike = known.map(|other| (strsim::jaro_winkler(name, other), other));
    let nearest = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest
        .filter(|(alike, _)| *alike > ALIKE)
        .map_or_else(String::new, |(_, other)| format!("; did you mean {other}?"))
}

/// `cargo xtask --help`.
fn overview() -> String {
    let pages = PAGES.iter().filter(|page| !page.name.contains(' '));
    let commands: Vec<_> = pages
        .map(|page| format!("  {:<8}{}", page.name, page.summary()))
        .collect();
    [
        "Builds, starts and tests the whole shop\n\nUsage: cargo xtask <COMMAND>\n\nCommands:",
        &commands.join("\n"),
        "\nOptions:\n  -h, --help  Print help; after a command, with all that it takes",
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Asked> {
        read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn refusal(line: &str) -> String {
        asked(line).expect_err(line).to_string()
    }

    #[test]
    fn help_names_every_command() {
        let Ok(Asked::Help(text)) = asked("--help") else {
            panic!("no help");
        };
        for name in ["up", "build", "test", "new", "events", "bench", "chaos", "race", "soak"] {
            assert!(
                text.lines().any(|line| line.starts_with(&format!("  {name} "))),
                "{name}: {text}"
            );
        }
    }

    #[test]
    fn help_of_a_command_lists_its_options() {
        for line in ["up --help", "help up", "up --fresh -h"] {
            let Ok(Asked::Help(text)) = asked(line) else {
                panic!("no help: {line}");
            };
            for option in ["--only <NAME>", "--scale", "--random-ports", "--state <DIR>"] {
                assert!(text.contains(option), "{option}: {text}");
            }
        }
        assert!(matches!(asked("bench pages --help"), Ok(Asked::Help(text)) if text.contains("--encoding")));
    }

    #[test]
    fn a_command_is_done_by_its_tool() {
        use machine::tool::{NEW, SHOP, TRIALS};
        for (line, tool) in [
            ("up --only checkout --release", SHOP),
            ("build --assets", SHOP),
            ("new bff wishes --service gifts", NEW),
            ("events replay", SHOP),
            ("bench orders --clients=1,8 --seconds 0.5", TRIALS),
            ("chaos --plant lost-release --seed -1", TRIALS),
        ] {
            assert!(matches!(asked(line), Ok(Asked::Tool(asked)) if asked == tool), "{line}");
        }
    }

    #[test]
    fn a_wrong_name_is_refused_with_a_hint() {
        for (line, hint) in [
            ("upp", "did you mean up?"),
            ("caos --scale", "did you mean chaos?"),
            ("up --frsh", "did you mean --fresh?"),
            ("bench page", "did you mean pages?"),
            ("test fmt clipy", "did you mean clippy?"),
            ("test --scael", "did you mean --scale?"),
            ("deploy", "cargo xtask --help lists them"),
            ("up --unheard-of=1", "cargo xtask up --help lists them"),
        ] {
            assert!(refusal(line).contains(hint), "{line}: {}", refusal(line));
        }
    }

    #[test]
    fn a_command_without_what_it_needs_is_told_what_there_is() {
        assert!(refusal("").contains("Commands:"));
        assert!(refusal("bench").contains("lighthouse"));
    }
}
