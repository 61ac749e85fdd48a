//! The home page.

use leptos::prelude::*;
use page::{Assets, Loading, Picture, Shape, document};

use super::shop_document;
use crate::bff::{Category, HomePage, Story};
use crate::card::Cards;

const INTRODUCTION: &str = "Things from small workshops: made slowly, by people we can name, to be used every day and kept \
    for good.";

/// Renders the page.
pub fn draw(home: HomePage, assets: &Assets) -> String {
    let title = "Stoa – objects for a calm home".to_owned();
    document(shop_document(title, INTRODUCTION), assets, move || page(home))
}

fn page(home: HomePage) -> impl IntoView {
    let mut stories = home.stories.into_iter();
    let first = stories.next();
    let others: Vec<_> = stories
        .map(|story| view! { <StoryArticle story loading=Loading::Lazy/> })
        .collect();
    view! {
        <div class="wrap home">
            <section class="hero" aria-labelledby="hero">
                <h1 id="hero">"Objects for a calm home"</h1>
                <div>
                    <p class="lead">{INTRODUCTION}</p>
                    <a class="button" href="#new">"Shop new arrivals"</a>
                </div>
            </section>
            {first.map(|story| view! { <StoryArticle story loading=Loading::Priority/> })}
            <CategoryGrid categories=home.categories/>
            {others}
            <section id="new" class="new" aria-labelledby="new-title">
                <h2 id="new-title">"New arrivals"</h2>
                {if home.products.is_empty() { view! { <p>"There are no products yet. Please come back soon."</p> }.into_any() } else { view! { <Cards products=home.products/> }.into_any() }}
            </section>
        </div>
    }
}

/// A story with its picture. The first story has the largest picture of the page.
#[component]
fn StoryArticle(story: Story, loading: Loading) -> impl IntoView {
    let is_first = loading == Loading::Priority;
    let sizes = if is_first {
        "(min-width: 80rem) 76rem, 100vw"
    } else {
        "(min-width: 48rem) 42rem, 100vw"
    };
    // The first story is shown without a placeholder if it has no picture: the empty area would be too large.
    let picture = (story.picture.is_some() || !is_first).then(|| {
        view! { <Picture name=story.picture title=&story.title alt=story.alt sizes loading shape=Shape::Wide/> }
    });
    view! {
        <article class=if is_first { "story first" } else { "story" }>
            {picture}
            <div>
                <h2>{story.title}</h2>
                <p>{story.text}</p>
                <a class="text-link" href=story.link.href>{story.link.label}</a>
            </div>
        </article>
    }
}

#[component]
fn CategoryGrid(categories: Vec<Category>) -> impl IntoView {
    let item = |category: Category| {
        let href = format!("/category/{}", category.slug);
        view! {
            <li class="card">
                <Picture name=category.picture title=&category.name sizes="(min-width: 48rem) 25rem, 45vw"/>
                <h3><a href=href>{category.name}</a></h3>
                <p class="quiet">{category.summary}</p>
            </li>
        }
    };
    let items: Vec<_> = categories.into_iter().map(item).collect();
    (!items.is_empty()).then(|| {
        view! {
            <section aria-labelledby="categories">
                <h2 id="categories" class="visually-hidden">"Categories"</h2>
                <ul class="categories">{items}</ul>
            </section>
        }
    })
}
