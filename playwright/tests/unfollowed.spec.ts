// Browsers that run JavaScript and no islands: without WebAssembly, or with bundles blocked.
import { add } from "./journey";
import { card, expect, fill, hang, test, wake, type Page } from "./shop";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

const ways: Record<string, (page: Page) => Promise<unknown>> = {
  "WebAssembly": (page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly")),
  "its bundle": (page) => page.route("**/islands.js*", (route) => route.abort()),
  "its module": (page) => page.route("**/islands_bg.wasm*", (route) => route.fulfill({ status: 404 })),
};

for (const [what, lose] of Object.entries(ways)) {
  test(`without ${what} an order's page tells how it ended`, async ({ page, expected }) => {
    expected(/ERR_FAILED|404|NetworkError/);
    await lose(page);
    await add(page, "lino-cushion-oat-40-x-40-cm");
    await page.goto("/checkout");
    await fill(page, card.good);
    hang("inventory");
    try {
      await page.getByRole("button", { name: "Place order" }).click();
      await expect(heading(page)).toHaveText("Nearly there");
      await wake("inventory");
      await expect(heading(page)).toHaveText(/Thank you|not placed/, { timeout: 20_000 });
      await expect(heading(page)).toHaveCount(1);
      await expect(page.locator("[data-live]")).toHaveCount(0);
    } finally {
      await wake("inventory");
    }
  });
}

test("without WebAssembly no bundle is loaded", async ({ page }) => {
  await ways.WebAssembly(page);
  const bundles: string[] = [];
  page.on("request", (request) => /islands/.test(request.url()) && bundles.push(request.url()));
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await page.mouse.move(10, 10);
  await page.mouse.move(20, 20);
  await page.waitForLoadState("networkidle");
  expect(bundles).toEqual([]);
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(heading(page)).toHaveText("Your cart");
});

test("a bundle that cannot be loaded is tried a few times", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError/);
  const tries: string[] = [];
  await page.clock.install();
  await page.route("**/product/**/islands.js*", (route) => {
    if (route.request().method() === "GET") tries.push(route.request().url());
    return route.abort();
  });
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  for (let minute = 1; minute <= 8; minute += 1) {
    await page.mouse.move(10 * minute, 10);
    await page.mouse.move(10 * minute, 20);
    await page.waitForLoadState("networkidle");
    await page.clock.fastForward(60_000);
  }
  expect(tries.length).toBe(4);
  expect(new Set(tries).size, "another address each time").toBe(4);
});
