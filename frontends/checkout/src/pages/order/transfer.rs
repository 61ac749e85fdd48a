//! What is owed, and where to transfer it.

use leptos::prelude::*;
use money::Money;

use crate::bff::Transfer;

/// All that a transfer needs, each on its own line to be copied.
pub fn draw(transfer: Transfer, total: Money) -> impl IntoView {
    let due = transfer.due_at.format("%-d %B %Y").to_string();
    let rows = [
        ("Amount", Some(total.to_string())),
        ("To", Some(transfer.account_holder)),
        ("IBAN", Some(grouped(&transfer.iban))),
        ("BIC", transfer.bic),
        ("Reference", Some(transfer.reference)),
        ("By", Some(due)),
    ];
    let rows = rows.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(view! { <dt>{name}</dt> <dd>{value}</dd> })
    });
    view! {
        <section aria-labelledby="transfer">
            <h2 id="transfer">"How to pay"</h2>
            <p>"Please transfer the money with your order number as the reference: it is how we know whose it is."</p>
            <dl class="transfer">{rows.collect::<Vec<_>>()}</dl>
        </section>
    }
}

/// In groups of four, as people read them.
fn grouped(iban: &str) -> String {
    let characters: Vec<char> = iban.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}
