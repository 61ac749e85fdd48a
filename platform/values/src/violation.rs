use std::borrow::Cow;

/// A rule that a field breaks. `service::Problem::violations` lists them in a problem document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// The field, as a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)): `/lines/0/sku`
    pub pointer: Cow<'static, str>,
    /// What is wrong with it: a sentence for people
    pub detail: Cow<'static, str>,
}

impl Violation {
    /// A rule that the field at this pointer breaks.
    #[must_use]
    pub fn new(pointer: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}
