// Pages that extensions change: password managers, coupon finders, translators. Whatever they do, before or after hydration, the item
// in the cart is the one that the page shows.
import { translate } from "./extensions";
import { hydrate, expect, parts, test, type Page } from "./shop";

/** Changes of the page, run inside of it. */
const changes: Record<string, () => void> = {
  "a node before the form": () => form().before(document.createElement("div")),
  "a node before all of the fragment": () => form().parentElement!.prepend(document.createElement("div")),
  "a node after the form": () => form().after(document.createElement("div")),
  "a node first in the form": () => form().prepend(document.createElement("div")),
  "a node last in the form": () => form().append(document.createElement("div")),
  "a node beside each field": () => form().querySelectorAll("input").forEach((input) => input.after(document.createElement("span"))),
  "a node in the button": () => form().querySelector("button")!.append(document.createElement("i")),
  "nodes in the picker": () => document.querySelectorAll(".picker, .picker *").forEach((one) => one.prepend(document.createElement("i"))),
  "nodes in the islands": () => document.querySelectorAll("leptos-island").forEach((one) => one.append(document.createElement("i"), "text")),
  "islands wrapped": () => document.querySelectorAll("leptos-island").forEach((one) => wrap(one, "div")),
  "the form wrapped": () => wrap(form(), "section"),
  "text nodes removed": () => nodes(NodeFilter.SHOW_TEXT, form()).forEach((node) => node.remove()),
  "comments removed": () => nodes(NodeFilter.SHOW_COMMENT, document).forEach((node) => node.remove()),
  "white space normalised": () => {
    nodes(NodeFilter.SHOW_TEXT, document.body).forEach((node) => (node.nodeValue = node.nodeValue!.replace(/\s+/g, " ")));
    document.body.normalize();
  },
  "texts translated": () => nodes(NodeFilter.SHOW_TEXT, document.querySelector("main")!).forEach((node) => wrap(wrap(node, "font"), "font")),
  "texts translated, the old ones removed": () =>
    nodes(NodeFilter.SHOW_TEXT, document.querySelector("main")!).forEach((node) => {
      const font = document.createElement("font");
      font.textContent = node.nodeValue;
      node.replaceWith(font);
    }),
  "attributes of a password manager": () =>
    document.querySelectorAll("form, input, button, a, leptos-island, [data-frontend]").forEach((one) => {
      for (const name of ["data-lpignore", "data-1p-ignore", "data-com-onepassword-filled", "spellcheck", "data-gramm"]) one.setAttribute(name, "true");
      one.classList.add("is-found");
    }),
  "the form moved": () => document.querySelector("main")!.prepend(form()),
  "the form out of the page and in again": () => {
    const { parentElement } = form();
    parentElement!.append(form());
  },
  "the form copied": () => form().after(form().cloneNode(true)),
  "the fragment copied": () => form().parentElement!.after(form().parentElement!.cloneNode(true)),
  "the picker copied": () => document.querySelector(".picker")!.after(document.querySelector(".picker")!.cloneNode(true)),
  "the form in a shadow": () => {
    const host = document.createElement("div");
    form().before(host);
    host.attachShadow({ mode: "open" }).append(form());
  },
  "the picker in a shadow": () => {
    const host = document.createElement("div");
    const picker = document.querySelector(".picker")!;
    picker.before(host);
    host.attachShadow({ mode: "open" }).append(picker);
  },
  "a shadow beside each field": () =>
    form().querySelectorAll("input").forEach((input) => {
      const host = document.createElement("grammarly-extension");
      host.attachShadow({ mode: "open" }).append("…");
      input.after(host);
    }),
  "all of it rewritten": () => {
    const main = document.querySelector("main")!;
    main.innerHTML = `${main.innerHTML}`;
  },
  "the button replaced": () => {
    const button = form().querySelector("button")!;
    button.replaceWith(button.cloneNode(true));
  },
  "islands removed": () => document.querySelectorAll("leptos-island").forEach((one) => one.remove()),
  "islands with broken properties": () => document.querySelectorAll<HTMLElement>("leptos-island").forEach((one) => (one.dataset.props = "{")),
  "the price removed": () => document.querySelector(".picker .price")!.remove(),
  "the message element removed": () => form().querySelector(".said")!.remove(),
};

declare const form: () => HTMLFormElement;
declare const wrap: <T extends ChildNode>(node: T, name: string) => HTMLElement;
declare const nodes: (what: number, within: Node) => ChildNode[];

const helpers = () => {
  Object.assign(globalThis, {
    form: () => document.querySelector("form.add-to-cart"),
    wrap: (node: ChildNode, name: string) => {
      const around = document.createElement(name);
      node.replaceWith(around);
      around.append(node);
      return around;
    },
    nodes: (what: number, within: Node) => {
      const walker = document.createTreeWalker(within, what);
      const found: Node[] = [];
      while (walker.nextNode()) found.push(walker.currentNode);
      return found;
    },
  });
};

const cart = async (page: Page) => {
  const { lines } = await (await page.request.get("/checkout/api/cart")).json();
  return lines.map((line: { sku: string; quantity: number }) => `${line.quantity} ${line.sku}`);
};

const sea = (page: Page) => page.locator(".picker a", { hasText: "Sea" }).first();
const add = (page: Page) => page.locator("form.add-to-cart button").first();

/** Selects the other variant and adds it to the cart. */
const buy = async (page: Page) => {
  await sea(page).click();
  await expect(sea(page)).toHaveAttribute("aria-current", "true");
  await expect(page.locator(".picker .price").first()).toHaveText("€52.00");
  await add(page).click();
  await expect.poll(() => cart(page)).toEqual(["1 onda-vase-sea"]);
};

for (const [name, change] of Object.entries(changes)) {
  test(`before hydration: ${name}`, async ({ page }) => {
    await page.goto("/product/onda-vase?sku=onda-vase-sand");
    await page.evaluate(helpers);
    await page.evaluate(change);
    await page.mouse.move(10, 10);
    await page.mouse.move(20, 20);
    await buy(page);
  });

  test(`after hydration: ${name}`, async ({ page }) => {
    await page.goto("/product/onda-vase?sku=onda-vase-sand");
    await hydrate(page, "product");
    await hydrate(page, "checkout");
    await page.evaluate(helpers);
    await page.evaluate(change);
    await buy(page);
  });
}

test("price, cart and texts are updated on a translated page", async ({ page }) => {
  await page.goto("/product/onda-vase?sku=onda-vase-sand");
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  await translate(page);
  await buy(page);
  await expect(page.locator(".mini-cart .count")).toHaveText("1");
  await expect(page.locator("form.add-to-cart .status")).toContainText("Added to your cart", { ignoreCase: true });
  await sea(page).click();
  await add(page).click();
  await expect(page.locator(".mini-cart .count")).toHaveText("2");
});

test("a page reset to the former variant does not sell the new one", async ({ page }) => {
  await page.goto("/product/onda-vase?sku=onda-vase-sand");
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  const before = await page.locator(".picker").evaluate((picker) => picker.outerHTML);
  await sea(page).click();
  await expect(page.locator(".picker .price")).toHaveText("€52.00");
  await page.locator(".picker").evaluate((picker, html) => (picker.outerHTML = html), before);
  await expect(page.locator(".picker .price")).toHaveText("€48.00");
  await add(page).click();
  await expect.poll(() => cart(page)).toEqual(["1 onda-vase-sand"]);
});

/** How often bundles of a frontend have failed, by the frontend's metric. */
const failures = async (frontend: string) => {
  const metrics = await (await fetch(`${parts()[`${frontend}-frontend`].url}/metrics`)).text();
  const counts = [...metrics.matchAll(/^islands_failed_total\{(.*)\} (\d+)/gm)];
  return counts.filter(([, labels]) => labels.includes(`"${frontend}"`)).reduce((sum, [, , count]) => sum + Number(count), 0);
};

/** Console messages about failed islands. */
const failureMessages = (page: Page) => {
  const lines: string[] = [];
  page.on("console", (message) => /islands left out/.test(message.text()) && lines.push(message.text()));
  return lines;
};

test("an island that cannot be hydrated is reported once and counted", async ({ page }) => {
  const lines = failureMessages(page);
  const before = await failures("product");
  await page.goto("/product/onda-vase?sku=onda-vase-sand");
  await page.evaluate(() => document.querySelectorAll<HTMLElement>("leptos-island[data-props]").forEach((one) => (one.dataset.props = "{")));
  await hydrate(page, "checkout");
  await expect.poll(() => lines.length).toBe(1);
  await expect.poll(() => failures("product")).toBe(before + 1);
  await expect(page.locator('main > [data-frontend="product"]')).not.toHaveAttribute("data-hydrated");
  await page.mouse.move(40, 40);
  await page.keyboard.press("Tab");
  await buy(page);
  expect(lines).toHaveLength(1);
});

for (const [moment, spoil] of Object.entries<() => void>({
  "during the click": () => Object.defineProperty(HTMLInputElement.prototype, "valueAsNumber", { get: () => { throw new Error("spoilt"); } }),
  "during the call": () => Object.defineProperty(Response.prototype, "status", { get: () => { throw new Error("spoilt"); } }),
})) {
  test(`when an island fails ${moment}, the browser submits the form`, async ({ page, expected }) => {
    expected(/spoilt/);
    const lines = failureMessages(page);
    const before = await failures("checkout");
    await page.goto("/product/onda-vase?sku=onda-vase-sand");
    await hydrate(page, "product");
    await hydrate(page, "checkout");
    await page.evaluate(spoil);
    await add(page).click();
    await expect(page).toHaveURL(/\/cart/);
    expect(await cart(page)).toEqual(["1 onda-vase-sand"]);
    expect(lines).toHaveLength(1);
    await expect.poll(() => failures("checkout")).toBe(before + 1);
  });
}

test("a failed island handles no more events", async ({ page, expected }) => {
  expected(/spoilt/);
  await page.goto("/product/onda-vase?sku=onda-vase-sand");
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  // The picker fails during a click: the browser follows its link, and so it does with the next one.
  await page.evaluate(() => {
    Object.defineProperty(Element.prototype, "scrollLeft", { set: () => { throw new Error("spoilt"); } });
    Object.assign(globalThis, { isStillThere: true });
  });
  await sea(page).click();
  await expect(page).toHaveURL(/sku=onda-vase-sea/);
  await expect.poll(() => page.evaluate(() => "isStillThere" in globalThis), "another document").toBe(false);
  await expect(page.locator(".picker .price")).toHaveText("€52.00");
  await add(page).click();
  await expect.poll(() => cart(page)).toEqual(["1 onda-vase-sea"]);
});
