//! Addresses that replace others.

/// Pairs of an old and a new address.
#[derive(Clone, Debug, Default)]
pub struct Addresses(Vec<(String, String)>);

impl Addresses {
    /// Replaces `old` by `new`.
    pub fn add(&mut self, old: String, new: String) {
        self.0.push((old, new));
    }

    /// Whether this address is replaced.
    #[must_use]
    pub fn has(&self, old: &str) -> bool {
        self.0.iter().any(|(known, _)| known == old)
    }

    /// The text with every address replaced.
    #[must_use]
    pub fn put_into(&self, text: &str) -> String {
        // In two steps, because a new address may be another part's old one.
        let mut text = text.to_owned();
        for (index, (old, _)) in self.0.iter().enumerate() {
            text = text.replace(old, &format!("\0{index}\0"));
        }
        for (index, (_, new)) in self.0.iter().enumerate() {
            text = text.replace(&format!("\0{index}\0"), new);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_replaced_once() {
        let mut addresses = Addresses::default();
        addresses.add("a:1".to_owned(), "a:2".to_owned());
        addresses.add("a:2".to_owned(), "a:3".to_owned());
        assert_eq!(addresses.put_into("a:1 a:2"), "a:2 a:3");
    }
}
