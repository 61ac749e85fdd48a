// Pages that change while they are open.
import { add } from "./journey";
import { hydrate, card, expect, fill, hang, kill, parts, restart, resume, test, type Page } from "./shop";

const order = async (page: Page, sku: string, number: string) => {
  await add(page, sku);
  await page.goto("/checkout");
  await fill(page, number);
  await page.getByRole("button", { name: "Place order" }).click();
};

/** Documents that a page loads from now on. */
const documents = (page: Page) => {
  const loaded: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && loaded.push(request.url()));
  return loaded;
};

/** Answers the bank in another window. */
const answerBank = async (page: Page, word: "Approve" | "Refuse") => {
  const bank = await page.context().newPage();
  await bank.goto((await page.getByRole("link", { name: "Continue to your bank" }).getAttribute("href"))!);
  await bank.getByRole("button", { name: new RegExp(word, "i") }).click();
  await bank.close();
};

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

for (const [word, title, link] of [
  ["Approve", "Thank you", "Back to the shop"],
  ["Refuse", "This order was not placed", "Back to your cart"],
] as const) {
  test(`an open order page follows the bank's answer: ${word}`, async ({ page, expected }) => {
    // The bank has no icon.
    expected(/404/);
    await order(page, "lino-cushion-oat-40-x-40-cm", card.challenge);
    await expect(heading(page)).toHaveText("Confirm with your bank");
    // Without any interaction.
    await expect(page.locator("[data-frontend=checkout][data-hydrated]:has([data-live])")).toBeAttached();
    const loaded = documents(page);
    await answerBank(page, word);
    await expect(heading(page)).toHaveText(title);
    await expect(heading(page)).toHaveCount(1);
    await expect(page.getByRole("link", { name: link })).toBeVisible();
    await expect(page.getByRole("link", { name: "Continue to your bank" })).toBeHidden();
    const next = page.getByRole("heading", { name: "What happens next" });
    await expect(next).toBeVisible({ visible: word === "Approve" });
    if (word === "Approve") await expect(page.locator(".mini-cart .count")).toBeHidden();
    else await expect(page.locator(".order .lead:visible")).toContainText("Nothing was charged");
    expect(loaded, "without a new document").toEqual([]);
  });
}

test("a slow order is followed until it is final", async ({ page }) => {
  await add(page, "lino-cushion-oat-40-x-40-cm");
  await page.goto("/checkout");
  await fill(page, card.good);
  hang("inventory");
  try {
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(heading(page)).toHaveText("Nearly there");
    const loaded = documents(page);
    await resume("inventory");
    await expect(heading(page)).toHaveText(/Thank you|not placed/, { timeout: 15_000 });
    expect(loaded).toEqual([]);
  } finally {
    await resume("inventory");
  }
});

test("an order is followed again after the BFF was away", async ({ page, expected }) => {
  expected(/404|WebSocket|50\d/);
  await order(page, "lino-cushion-oat-40-x-40-cm", card.challenge);
  await expect(page.locator("[data-frontend=checkout][data-hydrated]:has([data-live])")).toBeAttached();
  const loaded = documents(page);
  await kill("checkout-bff");
  await restart("checkout-bff");
  await answerBank(page, "Approve");
  await expect(heading(page)).toHaveText("Thank you", { timeout: 15_000 });
  expect(loaded).toEqual([]);
});

test("an order is polled without a WebSocket", async ({ page, expected }) => {
  expected(/404|WebSocket/);
  await page.routeWebSocket(/live$/, (socket) => socket.close());
  await order(page, "lino-cushion-oat-40-x-40-cm", card.challenge);
  await expect(page.locator("[data-frontend=checkout][data-hydrated]:has([data-live])")).toBeAttached();
  await answerBank(page, "Approve");
  await expect(heading(page)).toHaveText("Thank you", { timeout: 20_000 });
});

test("a final order needs no island", async ({ page }) => {
  const bundles: string[] = [];
  page.on("request", (request) => /islands/.test(request.url()) && bundles.push(request.url()));
  await order(page, "lino-cushion-oat-40-x-40-cm", card.good);
  await expect(heading(page)).toHaveText("Thank you");
  await expect(page.locator("[data-live]")).toHaveCount(0);
  await page.waitForLoadState("networkidle");
  // Only the checkout page had an interaction.
  const here = bundles.length;
  await page.reload({ waitUntil: "networkidle" });
  expect(bundles.length).toBe(here);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the order page refreshes by itself", async ({ page, expected }) => {
    expected(/404/);
    await order(page, "lino-cushion-oat-40-x-40-cm", card.challenge);
    await expect(heading(page)).toHaveText("Confirm with your bank");
    const loaded = documents(page);
    await answerBank(page, "Approve");
    await expect(heading(page)).toHaveText("Thank you", { timeout: 15_000 });
    expect(loaded.length, "by new documents").toBeGreaterThan(0);
  });
});

test("an open product page follows the stock", async ({ page, browser, baseURL }) => {
  const sku = "sera-mug-ink";
  const stockUrl = `${parts().inventory.url}/stock/${sku}`;
  const count = async (on_hand: number) => {
    const counted = await page.request.put(stockUrl, { data: { sku, on_hand } });
    expect(counted.ok(), await counted.text()).toBe(true);
  };
  const before = await (await page.request.get(stockUrl)).json();
  await count(before.reserved + 3);
  try {
    await page.goto(`/product/sera-mug?sku=${sku}`);
    const stock = page.locator(".picker .availability");
    await expect(stock).toHaveText("Only 3 left");
    await hydrate(page, "product");
    await hydrate(page, "checkout");
    const loaded = documents(page);

    const other = await (await browser.newContext({ baseURL })).newPage();
    await order(other, sku, card.good);
    await expect(heading(other)).toHaveText("Thank you");
    await expect(stock).toHaveText("Only 2 left");
    await add(other, sku, "2");
    await other.goto("/checkout");
    await fill(other, card.good);
    await other.getByRole("button", { name: "Place order" }).click();
    await expect(heading(other)).toHaveText("Thank you");
    await other.context().close();

    await expect(stock).toHaveText("Sold out");
    await expect(page.getByRole("button", { name: "Sold out" })).toBeDisabled();
    await count(before.on_hand);
    await expect(stock).not.toHaveText("Sold out");
    await expect(page.getByRole("button", { name: "Add to cart" })).toBeEnabled();
    expect(loaded).toEqual([]);
  } finally {
    await count(before.on_hand);
  }
});
