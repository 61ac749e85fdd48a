//! The progress of an order.

use leptos::prelude::*;

use super::State;

/// The progress of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Done,
    Now,
    ToCome,
}

impl Step {
    /// For the style sheet.
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::ToCome => "to-come",
        }
    }

    /// For screen readers.
    fn text(self) -> &'static str {
        match self {
            Self::Done => ": completed",
            Self::Now => ": current step",
            Self::ToCome => ": not started",
        }
    }
}

/// The steps of an order that is confirmed or in progress. A rejected order has none.
#[component]
pub fn Steps(state: State, is_hidden: bool, is_pickup: bool) -> AnyView {
    let steps = match state {
        State::Accepted => [Step::Done, Step::Done, Step::Now, Step::ToCome],
        State::PaymentDue | State::InProgress | State::AwaitingPayment | State::AwaitingBank => {
            [Step::Done, Step::Now, Step::ToCome, Step::ToCome]
        }
        State::Rejected => return ().into_any(),
    };
    let fulfilment = if is_pickup {
        ["Being prepared", "Ready for pick-up"]
    } else {
        ["Being packed", "On its way"]
    };
    let labels = match state {
        State::PaymentDue => ["Placed", fulfilment[0], fulfilment[1], "Paid"],
        _ => ["Placed", "Paid", fulfilment[0], fulfilment[1]],
    };
    let steps = labels.into_iter().zip(steps).map(|(label, step)| {
        let current = (step == Step::Now).then_some("step");
        view! {
            <li data-state=step.name() aria-current=current>
                {label}<span class="visually-hidden">{step.text()}</span>
            </li>
        }
    });
    view! { <ol class="steps" data-outcome=state.name() hidden=is_hidden>{steps.collect::<Vec<_>>()}</ol> }.into_any()
}
