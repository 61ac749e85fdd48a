// What every page runs: nothing of the business, and nothing that a page needs to be used.
import { begin } from "./loader/islands.js";
import { askAnew, follow } from "./loader/anew.js";
import { emptyCards, keep, sayOffline } from "./loader/forms.js";

begin();
addEventListener("pageshow", askAnew);
addEventListener("pageshow", emptyCards);
addEventListener("pagehide", emptyCards);
addEventListener("submit", sayOffline);
addEventListener("change", follow);
document.querySelectorAll("[data-kept]").forEach(keep);
