// High contrast: system colours, no backgrounds, no shadows. Every state is still visible: the page looks different without it.
import { add, states } from "./journey";
import { expect, test, type Page } from "./shop";

test.use({ visitor: { forcedColors: true }, viewport: { width: 1280, height: 900 } });

// Starting a separate browser takes time.
test.describe.configure({ timeout: 90_000 });

type State = { name: string; of: string; without: (element: HTMLElement) => void };

const attribute = (name: string, of: string, attribute: string, otherwise?: string): State => ({
  name, of,
  without: new Function("element", otherwise
    ? `element.setAttribute("${attribute}", "${otherwise}")`
    : `element.removeAttribute("${attribute}")`) as State["without"],
});

const onFocus = (of: string): State => ({ name: `${of} has the focus`, of, without: (element) => element.blur() });

const check = async (page: Page, all: State[]) => {
  for (const { name, of, without } of all) {
    const element = page.locator(of).first();
    if (/focus/.test(name)) await element.focus();
    await element.evaluate((one) => one.scrollIntoView({ block: "center", behavior: "instant" }));
    const { x, y, width, height } = (await element.boundingBox())!;
    // Including the pixels around it.
    const clip = { x: Math.max(0, x - 8), y: Math.max(0, y - 8), width: width + 16, height: height + 16 };
    const look = async () => (await page.screenshot({ clip, animations: "disabled" })).toString("base64");
    const before = await look();
    await element.evaluate(without);
    expect(await look(), name).not.toBe(before);
  }
};

test("on a product page", async ({ page }) => {
  await page.goto("/product/onda-vase");
  expect(await page.evaluate(() => matchMedia("(forced-colors: active)").matches)).toBe(true);
  await page.keyboard.press("Tab");
  await check(page, [
    attribute("the chosen variant", ".picker a[aria-current]", "aria-current"),
    onFocus(".picker a[aria-current], .picker a"),
    onFocus(".breadcrumb a"),
    onFocus(".thumbnails a"),
    onFocus(".add-to-cart input:not([type=hidden])"),
    onFocus(".add-to-cart button"),
  ]);
});

test("on a product page that is sold out", async ({ page }) => {
  await page.goto("/product/colonna-vase?sku=colonna-vase-45-cm");
  await check(page, [attribute("a disabled button", ".add-to-cart button[disabled]", "disabled")]);
});

test("in a category", async ({ page }) => {
  await page.goto("/category/vases");
  await page.keyboard.press("Tab");
  await check(page, [
    attribute("the current sort order", ".toolbar [aria-current]", "aria-current"),
    onFocus(".card a"),
    onFocus(".masthead nav a"),
    onFocus(".find input"),
  ]);
});

test("in the checkout", async ({ page, expected }) => {
  expected(/422/);
  await states["checkout, with errors"](page);
  await check(page, [
    attribute("an invalid field", "[aria-invalid]", "aria-invalid"),
    { name: "the chosen option", of: ".choice:has(:checked)", without: (element) => (element.querySelector("input")!.checked = false) },
    attribute("a warning", ".notice-warn", "class", "notice"),
  ]);
});

test("in the cart and the header", async ({ page }) => {
  await add(page);
  await page.goto("/cart");
  await check(page, [attribute("the number of items in the cart", ".mini-cart .count", "class", "")]);
});

test("on an order's page", async ({ page }) => {
  await states.order(page);
  await check(page, [
    attribute("a completed step", '.steps [data-state="done"]', "data-state", "to-come"),
    attribute("the current step", '.steps [data-state="now"]', "data-state", "to-come"),
  ]);
});
