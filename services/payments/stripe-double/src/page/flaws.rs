//! What is wrong with what a shopper has filled in.

/// Each at its field's side.
#[derive(Debug, Default)]
pub struct Flaws {
    pub email: Option<&'static str>,
    pub number: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub cvc: Option<&'static str>,
    /// Whether it was the bank that said no.
    pub is_declined: bool,
}

impl Flaws {
    /// The bank's.
    pub fn declined(text: &'static str) -> Self {
        Self {
            number: Some(text),
            is_declined: true,
            ..Self::default()
        }
    }

    pub fn are_none(&self) -> bool {
        [self.email, self.number, self.expiry, self.cvc]
            .iter()
            .all(Option::is_none)
    }
}
