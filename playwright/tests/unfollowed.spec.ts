// Browsers that run JavaScript, but no islands: without WebAssembly, or with blocked bundles.
import { add } from "./journey";
import { card, expect, fill, hang, resume, test, type Page } from "./shop";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

const failures: Record<string, (page: Page) => Promise<unknown>> = {
  "WebAssembly": (page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly")),
  "its bundle": (page) => page.route("**/islands.js*", (route) => route.abort()),
  "its module": (page) => page.route("**/islands_bg.wasm*", (route) => route.fulfill({ status: 404 })),
};

for (const [what, disable] of Object.entries(failures)) {
  test(`without ${what} the order page shows the outcome`, async ({ page, expected }) => {
    expected(/ERR_FAILED|404|NetworkError/);
    await disable(page);
    await add(page, "lino-cushion-oat-40-x-40-cm");
    await page.goto("/checkout");
    await fill(page, card.good);
    hang("inventory");
    try {
      await page.getByRole("button", { name: "Place order" }).click();
      await expect(heading(page)).toHaveText("Nearly there");
      await resume("inventory");
      await expect(heading(page)).toHaveText(/Thank you|not placed/, { timeout: 20_000 });
      await expect(heading(page)).toHaveCount(1);
      await expect(page.locator("[data-live]")).toHaveCount(0);
    } finally {
      await resume("inventory");
    }
  });
}

test("without WebAssembly no bundle is loaded", async ({ page }) => {
  await failures.WebAssembly(page);
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

test("a bundle that cannot be loaded is retried a few times", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError/);
  const attempts: string[] = [];
  await page.clock.install();
  await page.route("**/product/**/islands.js*", (route) => {
    if (route.request().method() === "GET") attempts.push(route.request().url());
    return route.abort();
  });
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  for (let minute = 1; minute <= 8; minute += 1) {
    await page.mouse.move(10 * minute, 10);
    await page.mouse.move(10 * minute, 20);
    await page.waitForLoadState("networkidle");
    await page.clock.fastForward(60_000);
  }
  expect(attempts.length).toBe(4);
  expect(new Set(attempts).size, "another address each time").toBe(4);
});
