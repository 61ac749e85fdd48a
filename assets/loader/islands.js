// Wakes islands late: nothing is loaded before the first sign of a person, and then only the bundles whose islands stand
// near the viewport. What is followed (data-live) cannot wait for a sign: to wait is all that its page does.
//
// A wrapper is <div data-frontend="…" data-islands="…/islands.js">. It may hold wrappers of other frontends; each bundle
// touches only its own islands. A bundle that fails is out, whole and for as long as the page lives: nothing of it is
// called any more, what it was about to do is done by the browser, and the page works as the plain HTML that it is.

import { renew } from "./anew.js";

/**
 * The islands of one frontend, in one version.
 * @typedef {object} Bundle
 * @property {string} url
 * @property {number} tries how often it could not be loaded
 * @property {Set<string>} woken its islands that run, by name and properties
 * @property {boolean} [isLoading]
 * @property {boolean} [isAlive]
 * @property {boolean} [isOut] nothing of it is called any more
 * @property {any} [module] what wasm-bindgen has made: a function for each island, and `hydrate`
 */

const SIGNS = ["pointermove", "pointerdown", "touchstart", "keydown", "scroll", "focusin"];
const OPTIONS = { capture: true, passive: true };
/** Milliseconds before another try to load a bundle; after the last there is none. */
const PAUSES = [2000, 8000, 32000];
/** Seconds between two looks at what nobody follows, at most. */
const LONGEST = 15;
const asleep = "[data-islands]:not([data-hydrated])";

/** @type {Map<string, Bundle>} */
const bundles = new Map();
const canRun = typeof WebAssembly === "object";

const near = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && wake(/** @type {HTMLElement} */ (entry.target))),
  { rootMargin: "50%" },
);

/** Waits for the first sign of a person; what is live begins at once, or is looked at again where it cannot. */
export function begin() {
  addEventListener("error", ({ error }) => blame(error));
  addEventListener("unhandledrejection", ({ reason }) => blame(reason));
  if (canRun) document.querySelectorAll("[data-live]").forEach((live) => wake(live.closest(asleep)));
  else lookAgain();
  listen();
}

function listen() {
  if (canRun) SIGNS.forEach((sign) => addEventListener(sign, intent, OPTIONS));
}

/** @param {Event} event */
function intent(event) {
  SIGNS.forEach((sign) => removeEventListener(sign, intent, OPTIONS));
  const touched = /** @type {Element} */ (event.target).closest?.(asleep);
  if (touched) wake(touched);
  document.querySelectorAll(asleep).forEach((wrapper) => near.observe(wrapper));
}

/**
 * Loads the bundle of a wrapper; one that came later finds it alive already.
 * @param {HTMLElement | null} wrapper
 */
export function wake(wrapper) {
  if (!wrapper) return;
  near.unobserve(wrapper);
  const url = /** @type {string} */ (wrapper.dataset.islands);
  if (!bundles.has(url)) bundles.set(url, { url, tries: 0, woken: new Set() });
  const bundle = /** @type {Bundle} */ (bundles.get(url));
  if (bundle.isAlive) revive(bundle);
  else if (!bundle.isLoading && !bundle.isOut) load(bundle);
}

/** @param {Bundle} bundle */
async function load(bundle) {
  const { url, tries } = bundle;
  bundle.isLoading = true;
  try {
    // A browser may remember that an address failed: another query is another try.
    bundle.module = await import(tries ? `${url}?${tries}` : url);
    await bundle.module.default();
  } catch (error) {
    bundle.isLoading = false;
    if (tries === PAUSES.length || error instanceof WebAssembly.CompileError) return fail(bundle, "load", error);
    bundle.tries += 1;
    // The page works as plain HTML; a later sign of intent tries again.
    setTimeout(listen, PAUSES[tries]);
    return lookAgain();
  }
  try {
    bundle.module.hydrate((/** @type {any} */ it) => guard(bundle, it));
    bundle.isAlive = true;
    revive(bundle);
  } catch (error) {
    fail(bundle, "wake", error);
  }
}

/**
 * Wakes the islands of all wrappers of a bundle: one that is out of sight must hear events, too.
 * @param {Bundle} bundle
 */
function revive(bundle) {
  try {
    for (const wrapper of wrappers(bundle)) {
      for (const island of wrapper.querySelectorAll("leptos-island")) {
        if (island.closest("[data-islands]") !== wrapper) continue;
        // An island acts on the whole page: one that was copied has its like already.
        const name = /** @type {string} */ (island.dataset.component) + island.dataset.props;
        if (!bundle.woken.has(name)) bundle.module[/** @type {string} */ (island.dataset.component)](island);
        bundle.woken.add(name);
      }
      wrapper.dataset.hydrated = "";
    }
  } catch (error) {
    fail(bundle, "wake", error);
  }
}

/** @param {Bundle} bundle */
const wrappers = ({ url }) => [...document.querySelectorAll("[data-islands]")].filter((one) => one.dataset.islands === url);

/**
 * Gives back a function or a promise of which a bundle that is out hears nothing.
 * @param {Bundle} bundle
 * @param {any} it
 */
function guard(bundle, it) {
  if (it.then) return new Promise((resolve, reject) => it.then(passing(bundle, resolve), passing(bundle, reject)));
  return (/** @type {SubmitEvent | undefined} */ event) => {
    if (bundle.isOut) return;
    try {
      it(event);
    } catch (error) {
      fail(bundle, "run", error);
      // It has kept the browser from doing what it then did not do itself.
      if (event?.defaultPrevented) setTimeout(again, 0, event, event.target);
    }
  };
}

/**
 * @param {Bundle} bundle
 * @param {(value: unknown) => void} settle
 * @returns {(value: unknown) => void}
 */
const passing = (bundle, settle) => (value) => bundle.isOut || settle(value);

/**
 * Not while the event is still under way: a form that is being sent cannot be sent.
 * @param {SubmitEvent} event
 * @param {HTMLFormElement} target
 */
function again({ type, submitter }, target) {
  if (type === "submit") target.requestSubmit(submitter);
  if (type === "click") target.click();
}

/**
 * What fails outside of the guard is known by where it comes from.
 * @param {any} error
 */
function blame(error) {
  const [place] = /https?:[^\s)]+/.exec(error?.stack) ?? [];
  for (const bundle of bundles.values()) {
    const folder = bundle.url.slice(0, bundle.url.lastIndexOf("/") + 1);
    if (bundle.isAlive && place?.includes(folder)) fail(bundle, "run", error);
  }
}

/**
 * @param {Bundle} bundle
 * @param {"load" | "wake" | "run"} reason
 * @param {unknown} error
 */
function fail(bundle, reason, error) {
  if (bundle.isOut) return;
  bundle.isOut = true;
  bundle.isAlive = false;
  console.warn("islands left out, the page works without them:", bundle.url, error);
  navigator.sendBeacon?.(bundle.url, reason);
  for (const wrapper of wrappers(bundle)) delete wrapper.dataset.hydrated;
  // What was sent and not answered is sent by the browser: under the same key, it is done once.
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-sent]"))) {
    const wrapper = form.closest("[data-islands]");
    if (!wrapper || wrapper.dataset.islands === bundle.url) form.submit();
  }
  lookAgain();
}

let isLooking = false;

/**
 * What should be followed and is not is looked at again, at first after as many seconds as without JavaScript.
 * @param {number} [seconds]
 */
function lookAgain(seconds) {
  const wrapper = () => document.querySelector("[data-anew]:has([data-live])");
  const isFollowed = (/** @type {HTMLElement} */ one) => bundles.get(/** @type {string} */ (one.dataset.islands))?.isAlive;
  const first = wrapper();
  if (!first || isFollowed(first) || (isLooking && !seconds)) return;
  isLooking = true;
  const pause = seconds ?? Number(/** @type {HTMLElement} */ (first.querySelector("[data-live]")).dataset.live);
  setTimeout(async () => {
    const now = wrapper();
    if (now && !isFollowed(now)) await renew(now);
    if (wrapper()) lookAgain(Math.min(pause * 1.5, LONGEST));
    // It has come to an end, and others tell of it, too.
    else document.querySelectorAll("[data-anew]").forEach(renew);
  }, pause * 1000);
}
