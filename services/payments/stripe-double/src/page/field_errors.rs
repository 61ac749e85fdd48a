//! Errors of the form.

/// The error message of each field.
#[derive(Debug, Default)]
pub struct FieldErrors {
    pub email: Option<&'static str>,
    pub number: Option<&'static str>,
    pub expiry: Option<&'static str>,
    pub cvc: Option<&'static str>,
    /// Whether the bank has declined the card
    pub is_declined: bool,
}

impl FieldErrors {
    /// The error for a card that the bank has declined.
    pub fn declined(message: &'static str) -> Self {
        Self {
            number: Some(message),
            is_declined: true,
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        [self.email, self.number, self.expiry, self.cvc]
            .iter()
            .all(Option::is_none)
    }
}
