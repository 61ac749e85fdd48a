// Long texts and many items: nothing overflows to the side, and nothing overlaps. The products stay in the shop, so this spec runs
// last.
import { category, longWords, product, remove, setAvailable, WORD } from "./goods";
import { hydrate, card, expect, fill, retype, test, type Page } from "./shop";
import type { Visitor } from "./visitor";

const WIDTHS = [320, 375, 390, 768, 1024, 1440];

test.describe.configure({ timeout: 120_000 });

/** Nothing overflows to the side, at any width. */
const fits = async (page: Page, where: string) => {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(content, `${where} at ${width}`).toBeLessThanOrEqual(screen);
  }
};

const pages: Record<string, string> = {
  home: "/",
  category: "/category/long-words",
  "empty category": "/category/empty-shelf",
  search: `/search?q=${WORD}`,
  "search without results": `/search?q=zeppelin${WORD}`,
  stores: "/stores",
  product: "/product/long-words",
  "unknown page": `/${WORD}`,
  "empty cart": "/cart",
};

const local = "l".repeat(60);

const order = async (page: Page) => {
  await page.request.post("/cart/lines", { form: { sku: "long-one", quantity: "2" } });
  await page.goto("/cart");
  await fits(page, "cart");
  await page.request.post("/cart/lines", { form: { sku: "onda-vase-sea", quantity: "1" } });
  await page.goto("/checkout");
  await fits(page, "checkout");
  await fill(page, card.declined);
  for (const label of ["Name", "Street and number", "City"]) await page.getByLabel(label, { exact: true }).fill(WORD);
  await retype(page.getByLabel("Email"), `${local}@${"d".repeat(60)}.example`);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByText(/declined/i).first()).toBeVisible();
  await fits(page, "checkout, declined");
  await page.getByLabel("Card number").fill(card.good);
  await page.getByLabel("Expiry").fill("12/34");
  await page.getByLabel("Security code").fill("123");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  await fits(page, "order");
  await page.request.post("/cart/lines", { form: { sku: "long-one", quantity: "1" } });
  await page.goto("/cart");
  await page.getByRole("button", { name: /Remove/ }).first().click();
  await fits(page, "cart after a removal");
};

test.beforeAll(async () => {
  await longWords();
  await category("empty-shelf", WORD);
  await setAvailable("onda-vase-sea", 9);
});

const texts: Record<string, Visitor> = { "normal text": {}, "text of 150 %": { fontSize: 24 }, "text of 200 %": { fontSize: 32 } };
for (const [name, visitor] of Object.entries(texts)) {
  test.describe(name, () => {
    test.use({ visitor });
    test("words of sixty letters fit on every page", async ({ page, expected }) => {
      expected(/40[249]|422/);
      test.setTimeout(180_000);
      for (const [where, path] of Object.entries(pages)) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await fits(page, where);
      }
      await order(page);
    });
  });
}

/** Links and controls of the header that overlap. */
const overlaps = (page: Page) =>
  page.getByRole("banner").evaluate((header) => {
    const boxes = [...header.querySelectorAll("a, summary, form")].flatMap((element) => {
      let { left, top, right, bottom } = element.getBoundingClientRect();
      for (let clip = element.parentElement; clip && clip !== header; clip = clip.parentElement) {
        if (getComputedStyle(clip).overflowX === "visible") continue;
        const edge = clip.getBoundingClientRect();
        [left, top, right, bottom] = [Math.max(left, edge.left), Math.max(top, edge.top), Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
      }
      return right - left > 1 && bottom - top > 1 && element.checkVisibility() ? [{ name: element.textContent, left, top, right, bottom }] : [];
    });
    const pairs = boxes.flatMap((one, index) => boxes.slice(index + 1).map((other) => [one, other] as const));
    const touch = pairs.filter(([a, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1);
    return touch.map(([a, b]) => `${a.name} overlaps ${b.name}`);
  });

const expectHeaderIntact = async (page: Page) => {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    expect(await overlaps(page), `at ${width}`).toEqual([]);
  }
  await fits(page, "header");
};

test("header with three categories", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("banner").evaluate((header) => header.querySelectorAll("nav li:nth-child(n + 4)").forEach((one) => one.remove()));
  await expectHeaderIntact(page);
});

for (const count of [9, 30]) {
  test(`header with ${count} categories`, async ({ page }) => {
    for (let number = 0; number < count; number += 1) await category(`shelf-${number}`);
    // The header is cached for a second.
    await expect(async () => {
      await page.goto("/");
      expect(await page.getByRole("banner").locator("nav li").count()).toBeGreaterThanOrEqual(count);
    }).toPass();
    await expectHeaderIntact(page);
    // By keyboard, from the smallest screen to the largest.
    const menu = page.getByRole("banner").locator("summary");
    const last = page.getByRole("banner").locator("nav a").last();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      await expect(last).toBeHidden();
      await menu.focus();
      await page.keyboard.press("Enter");
      await last.focus();
      await expect(last).toBeInViewport({ ratio: 0.5 });
      await fits(page, "the open menu");
      await menu.focus();
      await page.keyboard.press("Enter");
    }
    await menu.click();
    await page.getByRole("banner").getByRole("link", { name: "Shelf shelf-8" }).click();
    await expect(page).toHaveURL(/shelf-8/);
  });
}

test("a picker with a hundred variants stays short", async ({ page }) => {
  test.setTimeout(60_000);
  const variants = Array.from({ length: 100 }, (_, index) => ({ sku: `hundred-${index}`, label: `Shade ${index}` }));
  await product("hundred", "A hundred shades", variants);
  await page.goto("/product/hundred");
  await fits(page, "product");
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    const box = (await page.locator(".picker fieldset").boundingBox())!;
    expect(box.height, "about a third of a phone's screen").toBeLessThan(360);
  }
  await page.getByRole("link", { name: "Shade 99", exact: true }).click();
  await expect(page).toHaveURL(/sku=hundred-99/);
});

test("a product page opens with a variant that is in stock", async ({ page }) => {
  await product("seconds", "Seconds", [{ sku: "seconds-first", label: "First", stock: 0 }, { sku: "seconds-next", label: "Next", stock: 3 }]);
  await page.goto("/product/seconds");
  await expect(page.getByRole("link", { name: "Next" })).toHaveAttribute("aria-current", "true");
  await expect(page.getByRole("button", { name: "Add to cart" })).toBeEnabled();
});

test("the compare-at price follows the selected variant", async ({ page }) => {
  await product("lowered", "Lowered", [{ sku: "lowered-one", label: "One", compareAt: 222_222_00 }, { sku: "lowered-two", label: "Two" }]);
  await page.goto("/product/lowered?sku=lowered-two");
  const before = page.locator(".picker .before");
  await expect(before).toBeHidden();
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  await page.getByRole("link", { name: "One" }).click();
  await expect(page).toHaveURL(/lowered-one/);
  await expect(before).toBeVisible();
  await expect(before).toContainText("€222,222.00");
  await page.getByRole("link", { name: "Two" }).click();
  await expect(before).toBeHidden();
});

test("a missing picture leaves a placeholder", async ({ page, expected }) => {
  expected(/404/);
  const pictures = [{ name: "lost-picture", alt: "A picture that nobody has" }, { name: "lost-too", alt: "Another one" }];
  await product("lost-pictures", "Lost", [{ sku: "lost-one", label: "One" }], { pictures });
  await page.goto("/product/lost-pictures");
  const picture = page.locator(".strip img").first();
  const look = async () => (await picture.screenshot()).toString("base64");
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && !image.naturalWidth)).toBe(true);
  const before = await look();
  await picture.evaluate((image: HTMLImageElement) => (image.alt = "Something quite different to be seen here"));
  expect(await look(), "no broken image, and no words instead").toBe(before);
  await picture.evaluate((image) => (image.dataset.initial = "Z"));
  expect(await look(), "the initial is seen").not.toBe(before);
  // Other pages would miss its picture as well.
  await remove("catalog", "/products/lost-pictures");
});
