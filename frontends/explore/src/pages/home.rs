//! The home page.

use leptos::prelude::*;
use page::{Assets, Haste, Picture, Shape, document};

use super::about;
use crate::bff::{Category, Home, Story};
use crate::card::Cards;

const PROMISE: &str = "Things from small workshops: made slowly, by people we can name, to be used every day and kept \
    for good.";

/// Draws the page.
pub fn draw(home: Home, assets: &Assets) -> String {
    let title = "Stoa – objects for a calm home".to_owned();
    document(about(title, PROMISE), assets, move || page(home))
}

fn page(home: Home) -> impl IntoView {
    let mut stories = home.stories.into_iter();
    let first = stories.next();
    let others: Vec<_> = stories.map(|story| view! { <Told story haste=Haste::Late/> }).collect();
    view! {
        <div class="wrap home">
            <section class="hero" aria-labelledby="hero">
                <h1 id="hero">"Objects for a calm home"</h1>
                <div>
                    <p class="lead">{PROMISE}</p>
                    <a class="button" href="#new">"See what is new"</a>
                </div>
            </section>
            {first.map(|story| view! { <Told story haste=Haste::First/> })}
            <Shelves categories=home.categories/>
            {others}
            <section id="new" class="new" aria-labelledby="new-title">
                <h2 id="new-title">"New in the shop"</h2>
                {if home.products.is_empty() { view! { <p>"The shelves are being filled. Please come back soon."</p> }.into_any() } else { view! { <Cards products=home.products/> }.into_any() }}
            </section>
        </div>
    }
}

/// A story with its picture; the first one's is the page's largest.
#[component]
fn Told(story: Story, haste: Haste) -> impl IntoView {
    let is_first = haste == Haste::First;
    let sizes = if is_first {
        "(min-width: 80rem) 76rem, 100vw"
    } else {
        "(min-width: 48rem) 42rem, 100vw"
    };
    // Without its picture the first story is still a story: a niche as large as this would only be in the way.
    let picture = (story.picture.is_some() || !is_first).then(|| {
        view! { <Picture name=story.picture title=&story.title alt=story.alt sizes haste shape=Shape::Wide/> }
    });
    view! {
        <article class=if is_first { "story first" } else { "story" }>
            {picture}
            <div>
                <h2>{story.title}</h2>
                <p>{story.text}</p>
                <a class="onwards" href=story.link.href>{story.link.label}</a>
            </div>
        </article>
    }
}

#[component]
fn Shelves(categories: Vec<Category>) -> impl IntoView {
    let shelf = |category: Category| {
        let href = format!("/category/{}", category.slug);
        view! {
            <li class="card">
                <Picture name=category.picture title=&category.name sizes="(min-width: 48rem) 25rem, 45vw"/>
                <h3><a href=href>{category.name}</a></h3>
                <p class="quiet">{category.summary}</p>
            </li>
        }
    };
    let shelves: Vec<_> = categories.into_iter().map(shelf).collect();
    (!shelves.is_empty()).then(|| {
        view! {
            <section aria-labelledby="shelves">
                <h2 id="shelves" class="visually-hidden">"Categories"</h2>
                <ul class="shelves">{shelves}</ul>
            </section>
        }
    })
}
