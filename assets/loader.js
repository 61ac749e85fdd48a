// Wakes islands late: nothing is loaded before the shopper's first sign of
// intent, and then only the bundles whose islands stand near the viewport. What
// is followed (data-live) cannot wait for a sign: to wait is all that its page does.
//
// A wrapper is <div data-frontend="…" data-islands="…/islands.js">. It may hold
// wrappers of other frontends; each bundle touches only its own islands.

const SIGNS = ["pointermove", "pointerdown", "touchstart", "keydown", "scroll", "focusin"];
const RETRY_AFTER = 2000;
const OPTIONS = { capture: true, passive: true };

const asleep = "[data-islands]:not([data-hydrated])";
const bundles = new Map();
let attempts = 0;

const near = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && wake(entry.target)),
  { rootMargin: "50%" },
);

function listen() {
  SIGNS.forEach((sign) => addEventListener(sign, intent, OPTIONS));
}

function intent(event) {
  SIGNS.forEach((sign) => removeEventListener(sign, intent, OPTIONS));
  const touched = event.target.closest?.(asleep);
  if (touched) wake(touched);
  document.querySelectorAll(asleep).forEach((wrapper) => near.observe(wrapper));
}

function wake(wrapper) {
  near.unobserve(wrapper);
  const url = wrapper.dataset.islands;
  if (!bundles.has(url)) bundles.set(url, load(url));
}

async function load(url) {
  let bundle;
  try {
    // A browser may remember that an address failed: another query is another try.
    bundle = await import(attempts ? `${url}?${attempts}` : url);
    await bundle.default();
    bundle.hydrate();
  } catch (error) {
    // The page works as plain HTML; a later sign of intent tries again.
    console.warn("islands not loaded:", url, error);
    attempts += 1;
    bundles.delete(url);
    setTimeout(listen, RETRY_AFTER);
    return;
  }
  // All wrappers of the bundle: one that is out of sight must hear events, too.
  for (const wrapper of document.querySelectorAll(asleep)) {
    if (wrapper.dataset.islands === url) await revive(wrapper, bundle);
  }
}

async function revive(wrapper, bundle) {
  try {
    for (const child of wrapper.children) await walk(child, bundle);
    wrapper.dataset.hydrated = "";
  } catch (error) {
    console.error("islands of", wrapper.dataset.frontend, error);
  }
}

// Leptos' own order: an island before what is in it; an island among the
// children of another is created as if by that one (`$$on_hydrate`).
async function walk(node, bundle, enter) {
  if (node.dataset?.islands) return;
  if (node.localName === "leptos-children") enter = node.$$on_hydrate;
  if (node.localName === "leptos-island") {
    enter?.();
    await bundle[node.dataset.component](node);
    node.dataset.hydrated = "";
  }
  for (const child of node.children) await walk(child, bundle, enter);
}

// A checkbox that stays as it was while the shopper walks about: <input id="…" type="checkbox" data-kept>.
function keep(box) {
  try {
    box.checked = sessionStorage[box.id] === "true";
    box.onchange = () => (sessionStorage[box.id] = box.checked);
  } catch {
    // Storage is refused: it works on this page.
  }
}

listen();
document.querySelectorAll("[data-islands] [data-live]").forEach((live) => wake(live.closest(asleep)));
document.querySelectorAll("[data-kept]").forEach(keep);
