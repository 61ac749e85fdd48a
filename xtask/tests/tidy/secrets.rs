//! A secret has a type of its own: it is in no log line, no problem document and no `--help`.

use quote::ToTokens;
use syn::{Fields, ItemStruct};

use crate::Complaints;
use crate::package::PARTS;
use crate::settings::{arguments, fields};
use crate::source::Tokens;
use crate::tree::Tree;

/// What a name says of a secret.
const SECRET: [&str; 8] = [
    "secret",
    "key",
    "token",
    "password",
    "credential",
    "pkcs8",
    "cvc",
    "pan",
];
/// Two words that say it together.
const PAIRS: [(&str, &str); 1] = [("card", "number")];

/// What is called so and is none.
const NOT_SECRET: [(&str, &[&str]); 5] = [
    (
        "an idempotency key: it names a request",
        &[
            "platform/service/src/idempotency.rs IdempotencyKey.0",
            "platform/island/src/fetch.rs Post.idempotency_key",
            "services/cart/src/domain/keys.rs RequestKey.0",
            "services/orders/src/http/orders.rs ListOrdersQuery.key",
            "services/payments/src/domain/movement.rs RefundRequest.key",
            "services/payments/src/domain/movement.rs RefundDetails.key",
            "services/payments/src/store/movements.rs Row.refund_key",
            "services/payments/stripe-double/src/api/active_keys.rs ActiveKeys.0",
            "services/payments/stripe-double/src/api/active_keys.rs KeyGuard.key",
            "bffs/checkout/src/http/lines.rs KeyOrGenerated.0",
            "bffs/checkout/src/upstream/cart.rs AddLine.key",
            "frontends/checkout/islands/src/api.rs AddLine.key",
            "frontends/checkout/src/bff/checkout.rs Checkout.idempotency_key",
            "frontends/checkout/src/bff/checkout.rs CheckoutForm.key",
            "frontends/checkout/src/http/cart.rs AddForm.key",
        ],
    ),
    (
        "a signed quote, which its holder may read",
        &[
            "services/pricing/src/http/quotes.rs SignedQuote.token",
            "bffs/checkout/src/form.rs ValidForm.token",
            "bffs/checkout/src/upstream/pricing.rs Quote.token",
            "bffs/checkout/src/view/checkout.rs Quote.token",
            "frontends/checkout/src/bff/checkout.rs Quote.token",
        ],
    ),
    (
        "identifies a card at its provider, and is of use to the merchant alone",
        &[
            "services/payments/src/domain.rs Token.0",
            "services/payments/src/store/payment_methods.rs Row.token",
            "services/payments/src/store/payments.rs PaymentRow.token",
        ],
    ),
    (
        "a public key",
        &["platform/jws/src/lib.rs Kept.keys", "platform/jws/src/token.rs Key.0"],
    ),
    (
        "an error message about a field",
        &["services/payments/stripe-double/src/page/field_errors.rs FieldErrors.cvc"],
    ),
];

/// Texts and bytes that are shown as they are.
const BARE: [&str; 4] = ["String", "str", "u8", "Bytes"];

/// Types of settings that may hold one: they are shown without, and so is the variable.
const TYPES: [&str; 4] = ["SecretString", "DatabaseUrl", "StoreUrl", "Transport"];

fn no_secret_is_a_bare_text(tree: &Tree) -> Complaints {
    let found = bare_secrets(tree).into_iter().filter(|place| !is_exempt(place));
    found
        .map(|place| format!("{place} may be a secret, and is shown as it is: secrecy::SecretString"))
        .collect()
}

fn no_exemption_is_in_vain(tree: &Tree) -> Complaints {
    let found = bare_secrets(tree);
    let exempt = NOT_SECRET.iter().flat_map(|(_, places)| *places);
    let vain = exempt.filter(|place| !found.iter().any(|found| found == *place));
    vain.map(|place| format!("{place} is no bare text: it needs no exemption"))
        .collect()
}

fn is_exempt(place: &str) -> bool {
    NOT_SECRET.iter().any(|(_, places)| places.contains(&place))
}

/// Fields whose names say secret and whose types do not: `services/a/src/lib.rs Config.key`.
fn bare_secrets(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for folder in PARTS.iter().chain(&["platform"]) {
        for (path, source) in tree
            .sources_with(folder, "struct")
            .filter(|(path, _)| path.contains("/src/"))
        {
            for item in source.structs() {
                let fields = bare_fields(&item).into_iter();
                found.extend(fields.map(|field| format!("{path} {}.{field}", item.ident)));
            }
        }
    }
    found
}

fn bare_fields(item: &ItemStruct) -> Vec<String> {
    let named = |(index, field): (usize, &syn::Field)| {
        let name = field.ident.as_ref().map_or(index.to_string(), ToString::to_string);
        // `struct Token(String)`: its own name tells what it holds.
        let says = match &item.fields {
            Fields::Unnamed(_) => is_secret(&item.ident.to_string()),
            _ => is_secret(&name),
        };
        let type_ = Tokens::of(field.ty.to_token_stream());
        let is_bare = type_.iter().any(|token| BARE.contains(&token));
        (says && is_bare).then_some(name)
    };
    item.fields.iter().enumerate().filter_map(named).collect()
}

fn is_secret(name: &str) -> bool {
    let words = words(name);
    let says = |word: &String| SECRET.contains(&word.trim_end_matches('s'));
    let pair = |(one, other): &(&str, &str)| words.windows(2).any(|pair| pair[0] == *one && pair[1] == *other);
    words.iter().any(says) || PAIRS.iter().any(pair)
}

/// The words of a name: `webhook_secret`, `StripeKey`.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let is_break = !character.is_ascii_alphanumeric() || (was_lower && character.is_ascii_uppercase());
        if is_break {
            words.push(String::new());
        }
        was_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        if character.is_ascii_alphanumeric() {
            words.last_mut().expect("one").push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn secret_settings_are_hidden_in_the_help(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for (path, field) in fields(tree) {
        let type_ = Tokens::of(field.ty.to_token_stream());
        let is_secret = type_.iter().any(|token| TYPES.contains(&token));
        if is_secret && !arguments(&field).has("hide_env_values = true") {
            let name = field.ident.map(|name| name.to_string()).unwrap_or_default();
            complaints.push(format!("{path}: {name} is shown in the help: hide_env_values = true"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn no_secret_is_a_bare_text_here() {
        keeps(no_secret_is_a_bare_text);
        keeps(no_exemption_is_in_vain);
    }

    #[test]
    fn bare_secret_is_found() {
        for text in [
            "struct A { webhook_secret: String }",
            "struct A { password: Option<String> }",
            "struct A { key: Arc<str> }",
            "struct A { api_keys: Vec<String> }",
            "struct A<'a> { token: &'a str }",
            "struct A { pkcs8: Vec<u8> }",
            "struct A { card_number: String }",
            "struct ApiKey(String);",
            "mod inner { fn f() { struct Secret(String); } }",
        ] {
            for path in ["services/a/src/lib.rs", "platform/a/src/lib.rs"] {
                finds(no_secret_is_a_bare_text, &[(path, text)], "may be a secret");
            }
        }
        for text in [
            "struct A { secret: SecretString, monkey: String, keys: Keys, number: String }",
            "#[cfg(test)] mod tests { struct A { secret: String } }",
        ] {
            assert!(
                no_secret_is_a_bare_text(&Tree::of(&[("services/a/src/lib.rs", text)])).is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn exemption_in_vain_is_found() {
        let exempt: usize = NOT_SECRET.iter().map(|(_, places)| places.len()).sum();
        assert_eq!(no_exemption_is_in_vain(&Tree::of(&[])).len(), exempt);
    }

    #[test]
    fn secret_settings_are_hidden_in_the_help_here() {
        keeps(secret_settings_are_hidden_in_the_help);
    }

    #[test]
    fn secret_setting_that_the_help_shows_is_found() {
        for type_ in ["Option<SecretString>", "storage::DatabaseUrl"] {
            let text = format!("struct Config {{ #[arg(long, env = \"STOA_X\")] x: {type_} }}");
            finds(
                secret_settings_are_hidden_in_the_help,
                &[("services/a/src/lib.rs", &text)],
                "shown in the help",
            );
        }
    }
}
