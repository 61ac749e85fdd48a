//! Splitting many values of a query parameter into as few calls as possible.

/// Values per call, at most.
const VALUES: usize = 100;
/// Encoded bytes of the values per call, at most: well below what servers accept as a URL.
const BYTES: usize = 6 * 1024;
/// A generous length of the parameter's name and its separators.
const NAME: usize = 16;

/// Splits the values of a repeated query parameter (`?sku=a&sku=b`) into batches of at most 100, so that the URL of each call
/// stays short. The order is kept; without values there is no batch.
pub fn batches<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut batches: Vec<Vec<&str>> = Vec::new();
    let mut room = 0;
    for value in values {
        let length = NAME + encoded(value);
        match batches.last_mut() {
            Some(batch) if batch.len() < VALUES && length <= room => batch.push(value),
            _ => {
                batches.push(vec![value]);
                room = BYTES;
            }
        }
        room = room.saturating_sub(length);
    }
    batches
}

/// The length if every byte is escaped that may have to be.
fn encoded(value: &str) -> usize {
    let length = |byte: u8| if byte.is_ascii_alphanumeric() { 1 } else { 3 };
    value.bytes().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_limited_in_number_and_length() {
        assert!(batches([]).is_empty());
        assert_eq!(batches(["a", "b,c"]), [["a", "b,c"]]);
        let short = vec!["a"; 201];
        assert_eq!(batches(short).iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 1]);
        let wide = "大".repeat(64);
        let batches = batches(vec![&*wide; 25]);
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 25);
        assert!(batches.iter().all(|batch| batch.len() * (NAME + 9 * 64) <= BYTES));
        assert_eq!(batches.len(), 3);
    }
}
