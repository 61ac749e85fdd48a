//! The payment options, and the fields of a card.

use leptos::prelude::*;
use page::{FieldErrorMessage, error_id};

use super::super::Notice;
use crate::bff::{CheckoutForm, PaymentOption, PaymentType};
use crate::pages::card::CardFields;

/// The payment options, with the chosen one. A single option needs no choice.
#[component]
pub fn Payment<'a>(
    options: (Option<Vec<PaymentOption>>, Option<String>),
    input: &'a CheckoutForm,
    notice: &'a Notice,
) -> AnyView {
    let (options, chosen) = options;
    let payments_answered = options.is_some();
    let options = options.unwrap_or_default();
    let error = notice.error("payment");
    let described_by = error.is_some().then(|| error_id("payment"));
    let card = options.iter().any(|option| option.payment_type == PaymentType::Card);
    let card = card.then(|| view! { <Card input notice/> });
    let choices = match &*options {
        [] if payments_answered => view! {
            <p class="notice notice-warn">
                "This total cannot be paid here: it is too low or too high for all our payment methods."
            </p>
        }
        .into_any(),
        [] => view! {
            <p class="notice notice-warn">
                "We cannot take payments right now. Your details are kept; please try again in a moment."
            </p>
            <button class="button button-quiet" name="step" value="update">"Try again"</button>
        }
        .into_any(),
        [only] => view! {
            <input type="hidden" name="payment" value=only.provider.clone()/>
            <p class="only"><strong>{name(only)}</strong><span class="label">{description(only)}</span></p>
        }
        .into_any(),
        several => {
            let choices = several
                .iter()
                .map(|option| choice(option, chosen.as_deref() == Some(&*option.provider)));
            view! { <div class="choices">{choices.collect::<Vec<_>>()}</div> }.into_any()
        }
    };
    view! {
        <fieldset id="payment" aria-describedby=described_by>
            <legend>"Payment"</legend>
            {choices}
            <FieldErrorMessage name="payment" error/>
            {card}
        </fieldset>
    }
    .into_any()
}

fn choice(option: &PaymentOption, checked: bool) -> impl IntoView + use<> {
    let is_card = (option.payment_type == PaymentType::Card).then_some("card");
    view! {
        <label class="choice">
            <input type="radio" name="payment" value=option.provider.clone() checked=checked data-needs=is_card/>
            <span class="how">{name(option)}<span class="label">{description(option)}</span></span>
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

fn description(option: &PaymentOption) -> String {
    let description = match (option.payment_type, option.days_to_pay) {
        (PaymentType::HostedPage, _) => format!("You pay on {}’s page and then return here", option.label),
        (PaymentType::Invoice, Some(days)) => format!("You pay by bank transfer within {days} days"),
        (PaymentType::Invoice, None) => "You pay later by bank transfer".to_owned(),
        _ => String::new(),
    };
    match (option.is_test, description.is_empty()) {
        (true, true) => "Test mode: no money is charged".to_owned(),
        (true, false) => format!("{description}. Test mode: no money is charged"),
        (false, _) => description,
    }
}

/// The fields of a card. If the shopper's card was dropped, the page asks for it again.
#[component]
fn Card<'a>(input: &'a CheckoutForm, notice: &'a Notice) -> AnyView {
    let expiry = input.card_expiry.clone();
    let dropped = input.card_was_dropped.then(|| {
        view! {
            <p class="notice" role="status">
                "For your security we do not store card details. Please enter your card number and security code again."
            </p>
        }
    });
    view! {
        <div class="by-card">
            {dropped}
            <CardFields expiry error=|name: &str| notice.error(name)/>
        </div>
    }
    .into_any()
}
