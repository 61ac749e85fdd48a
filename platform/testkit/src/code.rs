//! Sample product codes.

use std::fmt::Write;

/// Codes as they occur in shops and warehouses. A part that accepts codes has to accept all of these, and to tell them apart.
pub const CODES: [&str; 9] = [
    "24-WG085",
    "24-wg085",
    "Woo-tshirt-logo",
    "ABC_123",
    "12.345.67",
    "a/b c",
    "Größe 7",
    "50%?#",
    "a,b&key=c+d",
];

/// Percent-encodes every byte of a text, for a path segment or the value of a query parameter.
#[must_use]
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    })
}
