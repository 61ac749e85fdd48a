/// Why a text is refused, in words that follow the name of its field: "must be at most 64 characters".
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Malformed {
    /// It has no visible character.
    #[error("must not be empty")]
    Empty,
    /// It has more than this many characters.
    #[error("must be at most {0} characters")]
    TooLong(usize),
    /// It has a control character, an invisible one, or one that changes the direction of the others.
    #[error("must not contain control or invisible characters")]
    Hidden,
    /// It begins or ends with white space.
    #[error("must not begin or end with a space")]
    Padded,
    /// It is `.` or `..`, which have a meaning of their own in an address.
    #[error("must not be one or two dots")]
    Dots,
    /// It is not a slug of at most this many characters.
    #[error("must be at most {0} lower case letters and digits, in groups joined by hyphens")]
    Slug(usize),
    /// It is not an e-mail address.
    #[error("must be an e-mail address, such as name@example.org")]
    Email,
    /// It is not a country code.
    #[error("must be a country code of two capital letters, such as DE")]
    CountryCode,
    /// It breaks a rule of the part that reads it: "must be …".
    #[error("{0}")]
    Rule(&'static str),
}
