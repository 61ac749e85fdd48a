//! Rows for tables in documents.

use machine::{Result, fail};

/// Adds a row at the end of a group: rows of which only the first has the group's name.
pub fn to_group(text: &str, group: &str, row: &str) -> Result<String> {
    let opening = format!("| {group} |");
    let mut lines: Vec<_> = text.lines().collect();
    let Some(first) = lines.iter().position(|line| line.starts_with(&opening)) else {
        return fail(format!("there is no row that begins with {opening}"));
    };
    let others = lines[first + 1..].iter().take_while(|line| line.starts_with("| | "));
    let end = first + 1 + others.count();
    lines.insert(end, row);
    Ok(lines.join("\n") + "\n")
}

/// Adds a row to the table below a heading, after the last row for which `is_like` is true.
pub fn to_section(text: &str, heading: &str, is_like: impl Fn(&str) -> bool, row: &str) -> Result<String> {
    let mut lines: Vec<_> = text.lines().collect();
    let begin = lines.iter().position(|line| *line == heading);
    let Some(begin) = begin.map(|begin| begin + 1) else {
        return fail(format!("there is no heading {heading}"));
    };
    let section = lines[begin..].iter().take_while(|line| !line.starts_with("## "));
    let rows = section
        .enumerate()
        .filter(|(_, line)| line.starts_with("| ") && is_like(line));
    let Some((last, _)) = rows.last() else {
        return fail(format!("there is no table below {heading}, or it has no similar row"));
    };
    lines.insert(begin + last + 1, row);
    Ok(lines.join("\n") + "\n")
}

/// Adds a line to the picture of the frontends, above its last one.
pub fn to_picture(text: &str, row: &str) -> Result<String> {
    let mut lines: Vec<_> = text.lines().collect();
    let found = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, line.split_once("└─▶ frontends/")?.0)));
    let Some((last, before)) = found else {
        return fail("there is no line with └─▶ frontends/");
    };
    let row = format!("{}├─▶ {row}", " ".repeat(before.chars().count()));
    lines.insert(last, &row);
    Ok(lines.join("\n") + "\n")
}

/// The first cell of a row.
pub fn first_cell(row: &str) -> &str {
    row.split('|').nth(1).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_is_the_last_of_its_group() {
        let table = "| row | part |\n|---|---|\n| BFFs | a |\n| | b |\n| services | c |\n\nEnd.\n";
        let added = to_group(table, "BFFs", "| | d |").unwrap();
        assert_eq!(added, table.replace("| | b |\n", "| | b |\n| | d |\n"));
        let added = to_group(table, "services", "| | d |").unwrap();
        assert_eq!(
            added,
            table.replace("| services | c |\n", "| services | c |\n| | d |\n")
        );
        assert!(to_group(table, "frontends", "| | d |").is_err());
    }

    #[test]
    fn row_stands_after_the_last_like_it() {
        let text = "## A\n\n| x | 1 |\n\n## B\n\n| part |\n|---|\n| x |\n| y |\n| z |\n\n## C\n\n| x |\n";
        let is_like = |row: &str| ["x", "y"].contains(&first_cell(row));
        let added = to_section(text, "## B", is_like, "| new |").unwrap();
        assert_eq!(added, text.replace("| y |\n", "| y |\n| new |\n"));
        assert!(to_section(text, "## D", is_like, "| new |").is_err());
        assert!(to_section(text, "## B", |_| false, "| new |").is_err());
    }

    #[test]
    fn picture_gets_a_line_above_its_last() {
        let picture = "browser ─┬─▶ frontends/a ─▶ b\nmany pa. └─▶ frontends/c ─▶ d\n";
        let added = to_picture(picture, "frontends/new ─▶ e").unwrap();
        let expected =
            "browser ─┬─▶ frontends/a ─▶ b\n         ├─▶ frontends/new ─▶ e\nmany pa. └─▶ frontends/c ─▶ d\n";
        assert_eq!(added, expected);
        assert!(to_picture("nothing\n", "x").is_err());
    }
}
