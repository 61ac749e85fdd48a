//! Many values for one parameter, in as few calls as may be.

/// Values of one call, at most.
const VALUES: usize = 100;
/// Bytes that they may take in an address, encoded: well below what a server reads.
const BYTES: usize = 6 * 1024;
/// The name of the parameter and what joins it to its value, generously.
const NAME: usize = 16;

/// Splits the values of a parameter that repeats (`?sku=a&sku=b`) so that each call has at most 100 of them and its address
/// stays short. In their order; no call for no value.
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

/// How long it is when every byte that may have to be escaped is.
fn encoded(value: &str) -> usize {
    let length = |byte: u8| if byte.is_ascii_alphanumeric() { 1 } else { 3 };
    value.bytes().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_too_long() {
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
