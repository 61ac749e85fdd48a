//! Codes as people write them.

use std::fmt::Write;

/// Codes that stand in shops' and warehouses' lists: a part that takes one takes all of them, and one as what it is.
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

/// A text as one segment of a path or one value of a query.
#[must_use]
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    })
}
