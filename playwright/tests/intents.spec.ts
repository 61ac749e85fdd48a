// Idempotency of forms: a request that is lost, late or sent twice has its effect once, and the shopper is told.
import { card, expect, fill, hydrate, test, type Page } from "./shop";
import { add } from "./journey";

const API = "**/checkout/api/cart/lines";

const cart = async (page: Page) => {
  const { lines } = await (await page.request.get("/checkout/api/cart")).json();
  return lines.map((line: { sku: string; quantity: number }) => `${line.quantity} ${line.sku}`);
};

const button = (page: Page) => page.getByRole("button", { name: "Add to cart" });
const status = (page: Page) => page.locator("form.add-to-cart .status");

test("an item is added once when an answer is lost and the shopper tries again", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError/);
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await hydrate(page, "checkout");
  let lost = 0;
  await page.route(API, async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort();
  }, { times: 2 });
  for (let click = 0; click < 2; click++) {
    await button(page).click();
    await expect(status(page)).toContainText("No answer came. Please try again");
  }
  expect(lost).toBe(2);
  await button(page).click();
  await expect(status(page)).toContainText("Added to your cart");
  await expect(page.locator(".mini-cart .count")).toHaveText("1");
  expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
  // The next click adds another one.
  await button(page).click();
  await expect(page.locator(".mini-cart .count")).toHaveText("2");
});

test("another quantity after a lost answer is not added without notice", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError|422/);
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await hydrate(page, "checkout");
  await page.route(API, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await button(page).click();
  await expect(status(page)).toContainText("No answer came");
  await page.getByLabel("Quantity").fill("2");
  await button(page).click();
  await expect(status(page)).toContainText("was successful after all");
  expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
});

test("a missing answer ends in a message", async ({ page }) => {
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await hydrate(page, "checkout");
  await page.route(API, () => {}, { times: 1 });
  await button(page).click();
  await expect(status(page)).toContainText("Adding…");
  await expect(status(page)).toContainText("No answer came", { timeout: 20_000 });
  await button(page).click();
  await expect(status(page)).toContainText("Added to your cart");
});

for (const islands of ["hydrated", "not hydrated"] as const) {
  test(`offline, with islands ${islands}, a message is shown and the shopper can try again`, async ({ page, context, expected }) => {
    expected(/ERR_INTERNET_DISCONNECTED|Network/);
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    if (islands === "hydrated") await hydrate(page, "checkout");
    else await page.route("**/islands.js*", (route) => route.abort());
    expected(/ERR_FAILED/);
    await context.setOffline(true);
    await button(page).click();
    await expect(page.getByText("You are offline. Nothing is lost")).toBeVisible();
    await expect(page).toHaveURL(/product/);
    await context.setOffline(false);
    await button(page).click();
    await expect.poll(() => cart(page)).toEqual(["1 sera-mug-ink"]);
  });
}

test("offline the checkout keeps the input", async ({ page, context, expected }) => {
  expected(/ERR_INTERNET_DISCONNECTED|Network/);
  await add(page, "sera-mug-ink");
  await page.goto("/checkout");
  await fill(page, card.good);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByText("You are offline")).toBeVisible();
  await expect(page.getByLabel("Card number")).toHaveValue(card.good);
  await context.setOffline(false);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "without islands" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a form that is sent twice adds the item once", async ({ page, expected }) => {
      expected(/ERR_FAILED|InvalidStateError/);
      await page.route("**/islands.js*", (route) => route.abort());
      await page.goto("/product/sera-mug?sku=sera-mug-ink");
      const key = await page.locator("form.add-to-cart [name=key]").getAttribute("value");
      const form = { sku: "sera-mug-ink", quantity: "1", key: key! };
      // The first click has reached the shop, but its answer has not arrived yet.
      await page.request.post("/cart/lines", { form });
      await button(page).click();
      await expect(page).toHaveURL(/\/cart/);
      expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
      await page.goto("/product/sera-mug?sku=sera-mug-ink");
      await button(page).click();
      await expect(page).toHaveURL(/\/cart/);
      expect(await cart(page), "another view of the form adds another one").toEqual(["2 sera-mug-ink"]);
    });
  });
}

test("a removal that is undone twice restores the item once", async ({ page }) => {
  await add(page, "sera-mug-ink");
  await page.goto("/cart");
  await page.getByRole("button", { name: /Remove/ }).click();
  const form = page.locator("form.undo");
  const fields = await form.locator("input").evaluateAll((inputs) => Object.fromEntries(inputs.map((one) => [(one as HTMLInputElement).name, (one as HTMLInputElement).value])));
  await page.request.post("/cart/lines", { form: fields });
  await page.getByRole("button", { name: /Undo/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your cart");
  expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
});

test.describe("cookies blocked", () => {
  test.beforeEach(async ({ page }) => {
    // Like a browser that stores no cookies.
    await page.route(/cart\/lines$/, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      await page.context().clearCookies();
      const headers = { ...response.headers() };
      delete headers["set-cookie"];
      await route.fulfill({ response, headers });
    });
  });

  test("the island shows a message", async ({ page }) => {
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    await hydrate(page, "checkout");
    await button(page).click();
    await expect(status(page)).toContainText("Your browser blocks cookies");
    await expect(page.locator(".mini-cart .count")).toBeHidden();
  });

  test("the cart page shows a message without islands", async ({ page, expected }) => {
    expected(/ERR_FAILED/);
    await page.route("**/islands.js*", (route) => route.abort());
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    await button(page).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your browser blocks cookies");
  });
});
