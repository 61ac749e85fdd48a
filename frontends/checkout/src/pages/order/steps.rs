//! How far an order is.

use leptos::prelude::*;

use crate::bff::Outcome;

/// How far a step is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Done,
    Now,
    ToCome,
}

impl State {
    /// For the style sheet.
    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::ToCome => "to-come",
        }
    }

    /// For who does not see the marks.
    fn text(self) -> &'static str {
        match self {
            Self::Done => ": done",
            Self::Now => ": now",
            Self::ToCome => ": to come",
        }
    }
}

/// The steps of an order that stands, or is about to; one that was refused goes nowhere.
#[component]
pub fn Steps(outcome: Outcome, is_picked_up: bool) -> AnyView {
    let states = match outcome {
        Outcome::Accepted => [State::Done, State::Done, State::Now, State::ToCome],
        Outcome::Underway => [State::Done, State::Now, State::ToCome, State::ToCome],
        Outcome::Refused => return ().into_any(),
    };
    let last = match is_picked_up {
        true => ["Being made ready", "Ready for pick-up"],
        false => ["Being packed", "On its way"],
    };
    let labels = ["Placed", "Paid", last[0], last[1]];
    let steps = labels.into_iter().zip(states).map(|(label, state)| {
        let current = (state == State::Now).then_some("step");
        view! {
            <li data-state=state.name() aria-current=current>
                {label}<span class="visually-hidden">{state.text()}</span>
            </li>
        }
    });
    view! { <ol class="steps">{steps.collect::<Vec<_>>()}</ol> }.into_any()
}
