// Shoppers on a phone, each with other browser settings, buy a vase.
import { findCoupons, managePasswords, translate } from "./extensions";
import { setAvailable } from "./goods";
import { Hand } from "./hand";
import { address, hydrate, card, expect, fill, test, type Page } from "./shop";
import type { Visitor } from "./visitor";

const PRODUCT = "/product/onda-vase";

test.use({ viewport: { width: 390, height: 844 } });

// Starting a separate browser takes time.
test.describe.configure({ timeout: 90_000 });

test.beforeAll(() => setAvailable("onda-vase-sea", 50));
test.afterAll(() => setAvailable("onda-vase-sea", 3));

const choose = async (page: Page) => {
  await page.getByRole("link", { name: /^Sea$/i }).click();
  await expect(page).toHaveURL(/sku=onda-vase-sea/);
  await expect(page.getByText("€52.00").first()).toBeVisible();
};

const add = async (page: Page) => {
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.getByText("Added to your cart").or(page.getByRole("heading", { name: "Your cart" }))).toBeVisible();
};

const pay = async (page: Page) => {
  await page.goto("/cart");
  await expect(page.locator("li.line")).toContainText("€52.00");
  await page.getByRole("link", { name: "Check out" }).click();
  await fill(page, card.good);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
};

const buyers: Record<string, Visitor> = {
  "a phone": {},
  "no WebAssembly": { wasm: false },
  "forced colours": { forcedColors: true },
  "reduced motion": { reducedMotion: true },
  "text of 200 %": { fontSize: 32 },
};

for (const [name, visitor] of Object.entries(buyers)) {
  test.describe(name, () => {
    test.use({ visitor });
    test("buys the selected variant", async ({ page }) => {
      await page.goto(PRODUCT);
      await choose(page);
      await add(page);
      await pay(page);
    });
  });
}

test.describe("no scripts", () => {
  test.use({ visitor: { scripts: false } });
  test("buys by mouse and keyboard", async ({ page }) => {
    const hand = new Hand(page);
    await page.goto(PRODUCT);
    await hand.click(page.getByRole("link", { name: "Sea", exact: true }));
    await hand.isAt(/sku=onda-vase-sea/);
    await hand.click(page.getByRole("button", { name: "Add to cart" }));
    await hand.isAt(/\/cart$/);
    await hand.sees(page.locator("li.line", { hasText: "€52.00" }));
    await hand.click(page.getByRole("link", { name: "Check out" }));
    for (const [label, value] of Object.entries(address)) await hand.type(page.getByLabel(label, { exact: true }), value);
    await hand.type(page.getByLabel("Card number"), card.good);
    await hand.type(page.getByLabel("Expiry"), "12/34");
    await hand.type(page.getByLabel("Security code"), "123");
    await hand.click(page.getByRole("button", { name: "Place order" }));
    await hand.sees(page.getByRole("heading", { level: 1, name: "Thank you" }));
  });
});

for (const [name, begin] of Object.entries({ findCoupons, managePasswords, translate })) {
  test(`${name}: the selected variant is bought`, async ({ page }) => {
    await page.goto(PRODUCT);
    await hydrate(page, "product");
    await hydrate(page, "checkout");
    await begin(page);
    await choose(page);
    await add(page);
    await pay(page);
  });
}

test("a page can be used offline, and the item bought when the connection is back", async ({ page, context, expected }) => {
  expected(/WebSocket|ERR_INTERNET_DISCONNECTED|NetworkError/);
  await page.goto(PRODUCT);
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  await context.setOffline(true);
  await choose(page);
  await context.setOffline(false);
  await add(page);
  await pay(page);
});

test.describe("cookies blocked", () => {
  test.use({ visitor: { cookies: false } });
  test("all pages can be opened", async ({ page, context }) => {
    for (const path of ["/", "/category/vases", PRODUCT, "/search?q=vase", "/stores", "/cart"]) {
      expect((await page.goto(path))!.status(), path).toBe(200);
      await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
    }
    await page.goto(PRODUCT);
    await hydrate(page, "checkout");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page.locator(".add-to-cart .status")).not.toBeEmpty();
    expect(await context.cookies(), "they are blocked").toEqual([]);
  });
});
