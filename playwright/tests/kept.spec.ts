// Pages in the back/forward cache and prefetched pages: their personal parts are up to date.
import { add } from "./journey";
import { hydrate, card, expect, fill, test, type Page } from "./shop";

const count = (page: Page) => page.locator(".mini-cart .count");

test("going back from the cart shows the current number of items", async ({ page }) => {
  await page.goto("/");
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page).toHaveURL(/\/cart/);
  await page.goBack();
  await expect(count(page)).toHaveText("1");
  await page.goBack();
  await expect(page).toHaveURL(/\/$/);
  await expect(count(page)).toHaveText("1");
});

test("going back after a removal shows the current cart", async ({ page }) => {
  await add(page, "sera-mug-ink");
  await add(page, "alba-bowl-milk");
  await page.goto("/cart");
  await page.getByRole("button", { name: /Remove/ }).first().click();
  await expect(page).toHaveURL(/removed=/);
  await page.goBack();
  await expect(page.locator(".cart .line")).toHaveCount(1);
  await expect(count(page)).toHaveText("1");
});

test("a form that is shown again has a new key", async ({ page }) => {
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  const key = () => page.locator("form.add-to-cart [name=key]").getAttribute("value");
  const first = await key();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page).toHaveURL(/\/cart/);
  await page.goBack();
  await expect.poll(key).not.toBe(first);
});

test("a prefetched page shows items that were added since", async ({ page, browserName }) => {
  test.skip(browserName !== "chromium", "other browsers do not prefetch");
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await hydrate(page, "checkout");
  const link = page.getByRole("banner").locator('a[href^="/category/"]').first();
  const prefetch = page.waitForRequest((request) => /prefetch/.test(request.headers()["sec-purpose"] ?? ""));
  await link.hover();
  await (await prefetch).response();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(count(page)).toHaveText("1");
  await link.click();
  await expect(page).toHaveURL(/category/);
  await expect(count(page)).toHaveText("1");
});

test("every change of the cart clears prefetched pages", async ({ request }) => {
  const form = await request.post("/cart/lines", { form: { sku: "sera-mug-ink", quantity: "1" }, maxRedirects: 0 });
  const call = await request.post("/checkout/api/cart/lines", { data: { sku: "sera-mug-ink", quantity: 1 } });
  for (const answer of [form, call]) expect(answer.headers()["clear-site-data"]).toContain('"prefetchCache"');
  expect((await request.get("/cart")).headers()).not.toHaveProperty("clear-site-data");
});

test("going back after the order shows no card", async ({ page }) => {
  await add(page, "sera-mug-ink");
  await page.goto("/checkout");
  await fill(page, card.good);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  await page.goBack();
  await page.waitForLoadState();
  for (const field of await page.locator("[autocomplete=cc-number], [autocomplete=cc-csc]").all()) await expect(field).toHaveValue("");
  expect(await page.content()).not.toContain("4242 4242 4242 4242\"");
});

test("a card is removed from a page that is left", async ({ page }) => {
  await add(page, "sera-mug-ink");
  await page.goto("/checkout");
  await fill(page, card.good);
  const field = page.getByLabel("Card number");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await expect(field).toHaveValue("");
  await field.fill(card.good);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(field).toHaveValue("");
  await expect(page.getByLabel("Email")).not.toHaveValue("");
});
