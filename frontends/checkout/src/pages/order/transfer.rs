//! Bank details for paying an invoice.

use leptos::prelude::*;
use money::Money;

use crate::bff::Transfer;

/// Draws all bank details, each on its own line so that it can be copied.
pub fn draw(transfer: Transfer, total: Money) -> impl IntoView {
    let due = transfer.due_at.format("%-d %B %Y").to_string();
    let rows = [
        ("Amount", Some(total.to_string())),
        ("Account holder", Some(transfer.account_holder)),
        ("IBAN", Some(grouped(&transfer.iban))),
        ("BIC", transfer.bic),
        ("Reference", Some(transfer.reference)),
        ("Due date", Some(due)),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(view! { <dt>{name}</dt> <dd>{value}</dd> })
    });
    view! {
        <section aria-labelledby="transfer">
            <h2 id="transfer">"How to pay"</h2>
            <p>"Please transfer the amount to this account and give your order number as the reference, so that we can match your payment."</p>
            <dl class="transfer">{rows.collect::<Vec<_>>()}</dl>
        </section>
    }
}

/// Formats an IBAN in groups of four characters.
fn grouped(iban: &str) -> String {
    let characters: Vec<char> = iban.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}
