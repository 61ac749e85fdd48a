// What forms of any frontend have in common.

const OFFLINE = "You are offline. Nothing is lost: please try again once you are back.";

/** @type {WeakSet<HTMLFormElement>} */
const sure = new WeakSet();

/**
 * What cannot be sent is told in its place, instead of by the browser's own page in the place of this one.
 * @param {SubmitEvent} event
 */
export function sayOffline(event) {
  const { target: form, submitter } = /** @type {SubmitEvent & { target: HTMLFormElement }} */ (event);
  if (event.defaultPrevented || navigator.onLine || sure.delete(form)) return;
  event.preventDefault();
  const send = () => {
    sure.add(form);
    form.requestSubmit(submitter);
  };
  // Some browsers say so although they are not: who reaches the shop is not.
  fetch(import.meta.url, { method: "HEAD", cache: "no-store" }).then(send, () => say(form));
}

/** @param {HTMLFormElement} form */
function say(form) {
  const said = form.querySelector(".offline") ?? document.createElement("p");
  said.className = "notice notice-warn offline";
  said.setAttribute("role", "alert");
  said.textContent = OFFLINE;
  form.append(said);
  addEventListener("online", () => said.remove(), { once: true });
}

/**
 * No card stays in a page that is left: the next person to come back may be somebody else.
 * @param {PageTransitionEvent} event
 */
export function emptyCards({ type, persisted }) {
  const isBack = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (type === "pageshow" && !isBack) return;
  document.querySelectorAll("[autocomplete=cc-number], [autocomplete=cc-csc]").forEach((/** @type {any} */ field) => (field.value = ""));
}

/**
 * A checkbox that stays as it was while one walks about: <input id="…" type="checkbox" data-kept>.
 * @param {any} box
 */
export function keep(box) {
  try {
    box.checked = sessionStorage[box.id] === "true";
    box.onchange = () => (sessionStorage[box.id] = box.checked);
  } catch {
    // Storage is refused: it works on this page.
  }
}
