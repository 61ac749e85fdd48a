//! HTML pages, without scripts.

use axum::response::Html;
use secrecy::ExposeSecret;

use super::{FieldErrors, Fields};
use crate::currency;
use crate::objects::Session;

const STYLE: &str = ":root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
    main{display:grid;gap:1rem;max-width:26rem;margin:6vh auto;padding:0 1.25rem}h1,p{margin:0}\
    form{display:grid;gap:1rem}label{display:grid;gap:.25rem}\
    input,button{font:inherit;padding:.6rem .75rem;width:100%;box-sizing:border-box}button{cursor:pointer}\
    .pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.error{color:light-dark(#b00020,#ff8a9a)}\
    .total{font-size:1.75rem;font-weight:600}.note{padding:.5rem .75rem;border:2px dashed}";

/// One field of the form.
struct Field<'a> {
    name: &'a str,
    label: &'a str,
    value: &'a str,
    attributes: &'a str,
    error: Option<&'a str>,
}

impl Field<'_> {
    fn html(&self) -> String {
        let Self {
            name,
            label,
            attributes,
            ..
        } = self;
        let value = escape(self.value);
        let (attributes_of_error, error) = self.error.map_or_else(Default::default, |error| {
            (
                format!(" aria-invalid=true aria-describedby={name}-error"),
                format!("<span class=error id={name}-error role=alert>{}</span>", escape(error)),
            )
        });
        format!(
            "<label for={name}><span>{label}</span><input id={name} name={name} value=\"{value}\" required \
             {attributes}{attributes_of_error}>{error}</label>"
        )
    }
}

/// The form, with the items, the amount and the card.
pub fn form(session: &Session, fields: &Fields, errors: &FieldErrors) -> String {
    let amount = currency::format(session.amount_total, &session.currency);
    let (email, is_known) = match &session.params.customer_email {
        Some(email) => (email.as_str(), " readonly"),
        None => (fields.email.as_str(), ""),
    };
    let field = |name, label, value, attributes, error| {
        let field = Field {
            name,
            label,
            value,
            attributes,
            error,
        };
        field.html()
    };
    let email_attributes = format!("type=email autocomplete=email{is_known}");
    let body = format!(
        "<h1>{title}</h1><p class=total>{amount}</p><form method=post>{email}{number}\
         <div class=pair>{expiry}{cvc}</div><button>Pay</button>{message}</form>{back}",
        title = escape(&session.title()),
        email = field("email", "Email", email, &email_attributes, errors.email),
        number = field(
            "number",
            "Card number",
            fields.number.expose_secret(),
            "inputmode=numeric autocomplete=cc-number placeholder=\"4242 4242 4242 4242\"",
            errors.number,
        ),
        expiry = field(
            "expiry",
            "Expiry",
            &fields.expiry,
            "inputmode=numeric autocomplete=cc-exp placeholder=MM/YY",
            errors.expiry,
        ),
        cvc = field(
            "cvc",
            "CVC",
            fields.cvc.expose_secret(),
            "inputmode=numeric autocomplete=cc-csc placeholder=123",
            errors.cvc,
        ),
        message = session
            .params
            .submit_message()
            .map(|message| format!("<small>{}</small>", escape(message)))
            .unwrap_or_default(),
        back = back(session.params.cancel_url.as_deref()),
    );
    page("Pay", &body)
}

/// The bank's page, on which the shopper completes or fails the authentication.
pub fn bank(session: &Session) -> String {
    let amount = currency::format(session.amount_total, &session.currency);
    let body = format!(
        "<h1>Confirm your payment</h1><p>Do you want to pay <strong>{amount}</strong>?</p><form method=post class=pair>\
         <button name=answer value=complete>Complete</button><button name=answer value=fail>Fail</button></form>"
    );
    page("Confirm your payment", &body)
}

/// A message, with a link back to the shop.
pub fn message(title: &str, text: &str, cancel_url: Option<&str>) -> Html<String> {
    let body = format!("<h1>{}</h1><p>{}</p>{}", escape(title), escape(text), back(cancel_url));
    Html(page(title, &body))
}

fn back(url: Option<&str>) -> String {
    let link = |url| format!("<p><a href=\"{}\">Back</a></p>", escape(url));
    url.map(link).unwrap_or_default()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>{title} – Stripe double</title><style>{STYLE}</style>\
         <main><p class=note>Stripe double: no money moves</p>{body}</main>",
        title = escape(title)
    )
}

fn escape(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut escaped, character| {
            match character {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
            escaped
        })
}
