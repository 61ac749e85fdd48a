//! How it is paid: what there is to choose from, and what each asks for.

use leptos::prelude::*;
use page::{Wrong, error_id};

use super::super::Notice;
use crate::bff::{Form, PaymentOption, PaymentType};
use crate::pages::card::CardFields;

/// The ways to pay, with what is chosen. One alone needs no choice.
#[component]
pub fn Payment<'a>(
    options: (Option<Vec<PaymentOption>>, Option<String>),
    typed: &'a Form,
    notice: &'a Notice,
) -> AnyView {
    let (options, chosen) = options;
    let is_known = options.is_some();
    let options = options.unwrap_or_default();
    let wrong = notice.error("payment");
    let described_by = wrong.is_some().then(|| error_id("payment"));
    let card = options.iter().any(|option| option.payment_type == PaymentType::Card);
    let card = card.then(|| view! { <Card typed notice/> });
    let ways = match &*options {
        [] if is_known => view! {
            <p class="notice notice-warn">
                "This total cannot be paid here: it is too little or too much for every way to pay that we have."
            </p>
        }
        .into_any(),
        [] => view! {
            <p class="notice notice-warn">
                "Payments cannot be taken right now. Nothing that you have typed is lost: please try again in a moment."
            </p>
            <button class="button button-quiet" name="step" value="update">"Try again"</button>
        }
        .into_any(),
        [only] => view! {
            <input type="hidden" name="payment" value=only.provider.clone()/>
            <p class="only"><strong>{name(only)}</strong><span class="label">{words(only)}</span></p>
        }
        .into_any(),
        several => {
            let ways = several
                .iter()
                .map(|option| way(option, chosen.as_deref() == Some(&*option.provider)));
            view! { <div class="choices">{ways.collect::<Vec<_>>()}</div> }.into_any()
        }
    };
    view! {
        <fieldset id="payment" aria-describedby=described_by>
            <legend>"Payment"</legend>
            {ways}
            <Wrong name="payment" error=wrong/>
            {card}
        </fieldset>
    }
    .into_any()
}

fn way(option: &PaymentOption, checked: bool) -> impl IntoView + use<> {
    let is_card = (option.payment_type == PaymentType::Card).then_some("card");
    view! {
        <label class="choice">
            <input type="radio" name="payment" value=option.provider.clone() checked=checked data-asks=is_card/>
            <span class="how">{name(option)}<span class="label">{words(option)}</span></span>
        </label>
    }
}

fn name(option: &PaymentOption) -> String {
    match option.payment_type {
        PaymentType::Card => "Card".to_owned(),
        PaymentType::HostedPage => format!("Card or wallet, with {}", option.label),
        PaymentType::Invoice => "Invoice".to_owned(),
        PaymentType::Other => option.label.clone(),
    }
}

fn words(option: &PaymentOption) -> String {
    let words = match (option.payment_type, option.days_to_pay) {
        (PaymentType::HostedPage, _) => format!("You pay on {}’s page, and come back here", option.label),
        (PaymentType::Invoice, Some(days)) => format!("You transfer the money within {days} days"),
        (PaymentType::Invoice, None) => "You transfer the money later".to_owned(),
        _ => String::new(),
    };
    match (option.is_test, words.is_empty()) {
        (true, true) => "For trying the shop out: no money moves".to_owned(),
        (true, false) => format!("{words}. For trying the shop out: no money moves"),
        (false, _) => words,
    }
}

/// The card's fields. Where one had been typed, the page says that it has not kept it.
#[component]
fn Card<'a>(typed: &'a Form, notice: &'a Notice) -> AnyView {
    let expiry = typed.card_expiry.clone();
    let is_lost = typed.card_was_typed.then(|| {
        view! {
            <p class="notice" role="status">
                "For your safety no page of ours keeps a card’s number or code: please enter them again."
            </p>
        }
    });
    view! {
        <div class="by-card">
            {is_lost}
            <CardFields expiry error=|name: &str| notice.error(name)/>
        </div>
    }
    .into_any()
}
