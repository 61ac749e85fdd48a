//! `docs/attacks.md` is true.

use std::fs;

use super::{complain, read, root};

/// `docs/attacks.md` names tests that there are, and counts them right.
#[test]
fn every_attack_is_a_test() {
    let text = read(&root().join("docs/attacks.md"));
    let mut complaints = Vec::new();
    let mut count = 0;
    for row in text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| #"))
    {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        count += 1;
        if cells[0] != count.to_string() {
            complaints.push(format!("row {count} is numbered {}", cells[0]));
        }
        let [.., file, test] = cells.as_slice() else {
            complaints.push(format!("row {count} names no test"));
            continue;
        };
        let (file, test) = (file.trim_matches('`'), test.trim_matches('`'));
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        let forms = [
            format!("fn {test}("),
            format!("test(\"{test}\""),
            format!("test('{test}'"),
        ];
        if !forms.iter().any(|form| source.contains(form)) {
            complaints.push(format!("row {count}: {file} has no test `{test}`"));
        }
    }
    let heading = format!("# {} attacks", in_words(count));
    if !text.to_lowercase().starts_with(&heading.to_lowercase()) {
        complaints.push(format!("the heading should be: {heading}"));
    }
    complain(&complaints);
}

/// 1 to 99, as English writes them.
fn in_words(number: usize) -> String {
    const ONES: [&str; 20] = [
        "",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    match (number, number % 10) {
        (..20, _) => ONES[number].to_owned(),
        (_, 0) => TENS[number / 10].to_owned(),
        (_, one) => format!("{}-{}", TENS[number / 10], ONES[one]),
    }
}
