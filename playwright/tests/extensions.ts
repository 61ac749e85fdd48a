// What browser extensions do to a page, played by our own scripts. Each can start before the islands are hydrated or later, and also
// changes what is added to the page afterwards.
import type { Page } from "@playwright/test";

/**
 * A translator: wraps each text into `<font><font>` and changes it, also texts that are changed or added later. The
 * "translation" is the text in capitals, so that tests still find it.
 */
export const translate = (page: Page) =>
  page.evaluate(() => {
    const mute = "script, style, noscript, textarea, font";
    const wrap = (text: Text) => {
      if (!text.data.trim() || !text.parentElement || text.parentElement.closest(mute)) return;
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      inner.append(text.data.toUpperCase());
      outer.append(inner);
      text.replaceWith(outer);
    };
    const all = (root: Node) => {
      const texts: Text[] = [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      texts.forEach(wrap);
    };
    all(document.body);
    document.documentElement.classList.add("translated-ltr");
    new MutationObserver((changes) => {
      for (const { addedNodes, target, type } of changes) {
        if (type === "characterData") wrap(target as Text);
        for (const node of addedNodes) {
          if (node instanceof Text) wrap(node);
          else if (node instanceof Element && !node.closest("font")) all(node);
        }
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

/** A password manager: marks fields, adds a button beside each, and an overlay at the end of the document. */
export const managePasswords = (page: Page) =>
  page.evaluate(() => {
    const adorn = (field: Element) => {
      if (field.hasAttribute("data-manager-id")) return;
      field.setAttribute("data-manager-id", crypto.randomUUID());
      field.setAttribute("data-form-type", "other");
      const button = document.createElement("manager-button");
      button.attachShadow({ mode: "closed" });
      field.after(button);
    };
    const all = () => document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox])").forEach(adorn);
    all();
    const overlay = document.createElement("manager-overlay");
    overlay.attachShadow({ mode: "closed" });
    document.documentElement.append(overlay);
    new MutationObserver(all).observe(document.body, { subtree: true, childList: true });
  });

/** A coupon finder: adds boxes before the forms, in them, and at the end of the page. */
export const findCoupons = (page: Page) =>
  page.evaluate(() => {
    const box = () => Object.assign(document.createElement("div"), { className: "coupon-finder" });
    for (const form of document.querySelectorAll("form")) {
      form.parentElement!.prepend(box());
      form.prepend(box());
      form.append(box());
    }
    document.body.append(box());
  });
