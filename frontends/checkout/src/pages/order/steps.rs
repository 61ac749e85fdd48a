//! How far an order is.

use leptos::prelude::*;

use super::State;

/// How far a step is.
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
pub fn Steps(state: State, is_hidden: bool, is_picked_up: bool) -> AnyView {
    let steps = match state {
        State::Accepted => [Step::Done, Step::Done, Step::Now, Step::ToCome],
        State::Owed | State::Underway | State::Pays | State::Asks => {
            [Step::Done, Step::Now, Step::ToCome, Step::ToCome]
        }
        State::Refused => return ().into_any(),
    };
    let last = if is_picked_up {
        ["Being made ready", "Ready for pick-up"]
    } else {
        ["Being packed", "On its way"]
    };
    let labels = match state {
        State::Owed => ["Placed", last[0], last[1], "Paid"],
        _ => ["Placed", "Paid", last[0], last[1]],
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
