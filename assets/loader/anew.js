// Parts of a page that are asked for anew.
import { wake } from "./islands.js";

// On the way back a browser would take an answer that it had kept, too.
/** @type {RequestInit} */
const ANEW = { cache: "no-store" };

/** @param {Response} answer */
const parse = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

/**
 * Takes what is somebody's from a new answer, where a browser shows a page that it had kept or fetched ahead.
 * @param {PageTransitionEvent} event
 */
export function askAnew({ persisted }) {
  const [entry] = performance.getEntriesByType("navigation");
  const isKept = persisted || entry?.type === "back_forward" || entry?.deliveryType === "navigational-prefetch";
  if (isKept) document.querySelectorAll("[data-anew]").forEach(renew);
}

/**
 * Puts a part as it is now in the place of what it was; gives it, unless no answer came: then what is there has to do.
 * @param {HTMLElement} part one with `data-anew`
 */
export async function renew(part) {
  const src = /** @type {string} */ (part.dataset.anew);
  try {
    const answer = await fetch(src, ANEW);
    const now = answer.ok && (await parse(answer)).querySelector(`[data-anew="${CSS.escape(src)}"]`);
    if (!now) return;
    part.replaceWith(now);
    if ("hydrated" in part.dataset) wake(now);
    return now;
  } catch {
    return;
  }
}

/** @type {WeakMap<HTMLFormElement, string>} */
const asked = new WeakMap();

/**
 * A form's other parts (data-part) follow its fields of these names (data-follow): nothing that was typed is lost.
 * @param {{ target: any }} event
 */
export async function follow({ target }) {
  const form = /** @type {HTMLFormElement | null} */ (target.form);
  if (!form?.dataset.follow?.split(" ").includes(target.name)) return;
  // A form that is followed sends no files.
  const query = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  for (const name of [...query.keys()]) if (!form.dataset.follow.split(" ").includes(name)) query.delete(name);
  asked.set(form, `${query}`);
  try {
    const answer = await fetch(`${form.getAttribute("action")}?${query}`, ANEW);
    const now = answer.ok && (await parse(answer)).querySelector("form[data-follow]");
    // The last answer counts, whichever comes last.
    if (!now || asked.get(form) !== `${query}`) return;
    const focus = /** @type {HTMLInputElement | null} */ (document.activeElement);
    const { name, value } = focus ?? {};
    for (const part of now.querySelectorAll("[data-part]")) form.querySelector(`[data-part="${part.dataset.part}"]`)?.replaceWith(part);
    for (const option of /** @type {NodeListOf<HTMLOptionElement>} */ (form.querySelectorAll("option"))) option.defaultSelected = option.selected;
    if (focus !== document.activeElement) /** @type {HTMLInputElement[]} */ ([...form.elements]).find((one) => one.name === name && one.value === value)?.focus();
  } catch {
    // The form's own button does the same.
  }
}
