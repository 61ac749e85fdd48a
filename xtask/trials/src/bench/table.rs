//! Figures in columns.

/// Lines of the rows below their heading: names to the left, figures to the right.
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading = heading.iter().map(|&word| word.to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&heading).chain(rows).collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let mut text = String::new();
    for line in &lines {
        text.push_str("   ");
        for (column, cell) in line.iter().enumerate() {
            // Names to the left, figures to the right.
            let padding = " ".repeat(width(column) - cell.chars().count());
            if column == 0 {
                text.extend([" ", cell, &padding]);
            } else {
                text.extend(["  ", &padding, cell]);
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let rows = [vec!["home".to_owned(), "1.25".to_owned()], vec!["é".to_owned()]];
        assert_eq!(
            table(&["page", "ms"], &rows),
            "    page    ms\n    home  1.25\n    é   \n"
        );
    }
}
