// One view of a form is one intent: whatever is lost, late or clicked twice, it is done once, and told.
import { card, expect, fill, awaken, test, type Page } from "./shop";
import { add } from "./journey";

const API = "**/checkout/api/cart/lines";

const cart = async (page: Page) => {
  const { lines } = await (await page.request.get("/checkout/api/cart")).json();
  return lines.map((line: { sku: string; quantity: number }) => `${line.quantity} ${line.sku}`);
};

const button = (page: Page) => page.getByRole("button", { name: "Add to cart" });
const status = (page: Page) => page.locator("form.add-to-cart .status");

test("an answer that is lost is asked for again in place, and the thing is added once", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError/);
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await awaken(page, "checkout");
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
  // What comes after it is another intent.
  await button(page).click();
  await expect(page.locator(".mini-cart .count")).toHaveText("2");
});

test("another number after a lost answer is not added to it unsaid", async ({ page, expected }) => {
  expected(/ERR_FAILED|NetworkError|422/);
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await awaken(page, "checkout");
  await page.route(API, async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await button(page).click();
  await expect(status(page)).toContainText("No answer came");
  await page.getByLabel("Quantity").fill("2");
  await button(page).click();
  await expect(status(page)).toContainText("has arrived after all");
  expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
});

test("an answer that never comes ends in words", async ({ page }) => {
  await page.goto("/product/sera-mug?sku=sera-mug-ink");
  await awaken(page, "checkout");
  await page.route(API, () => {}, { times: 1 });
  await button(page).click();
  await expect(status(page)).toContainText("Adding…");
  await expect(status(page)).toContainText("No answer came", { timeout: 20_000 });
  await button(page).click();
  await expect(status(page)).toContainText("Added to your cart");
});

for (const islands of ["awake", "asleep"] as const) {
  test(`offline, with islands ${islands}, it is said in place and can be tried again`, async ({ page, context, expected }) => {
    expected(/ERR_INTERNET_DISCONNECTED|Network/);
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    if (islands === "awake") await awaken(page, "checkout");
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

test("offline nothing that was typed at the checkout is lost", async ({ page, context, expected }) => {
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
  test.describe(javaScriptEnabled ? "islands asleep" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("a form that is sent twice is done once", async ({ page, expected }) => {
      expected(/ERR_FAILED|InvalidStateError/);
      await page.route("**/islands.js*", (route) => route.abort());
      await page.goto("/product/sera-mug?sku=sera-mug-ink");
      const key = await page.locator("form.add-to-cart [name=key]").getAttribute("value");
      const form = { sku: "sera-mug-ink", quantity: "1", key: key! };
      // The first click has arrived, and its answer is still on its way.
      await page.request.post("/cart/lines", { form });
      await button(page).click();
      await expect(page).toHaveURL(/\/cart/);
      expect(await cart(page)).toEqual(["1 sera-mug-ink"]);
      await page.goto("/product/sera-mug?sku=sera-mug-ink");
      await button(page).click();
      await expect(page).toHaveURL(/\/cart/);
      expect(await cart(page), "another view is another intent").toEqual(["2 sera-mug-ink"]);
    });
  });
}

test("what is undone twice is put back once", async ({ page }) => {
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

test.describe("cookies refused", () => {
  test.beforeEach(async ({ page }) => {
    // As a browser does that keeps none.
    await page.route(/cart\/lines$/, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      await page.context().clearCookies();
      const headers = { ...response.headers() };
      delete headers["set-cookie"];
      await route.fulfill({ response, headers });
    });
  });

  test("it is said by the island", async ({ page }) => {
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    await awaken(page, "checkout");
    await button(page).click();
    await expect(status(page)).toContainText("Your browser refuses cookies");
    await expect(page.locator(".mini-cart .count")).toBeHidden();
  });

  test("it is said without an island", async ({ page, expected }) => {
    expected(/ERR_FAILED/);
    await page.route("**/islands.js*", (route) => route.abort());
    await page.goto("/product/sera-mug?sku=sera-mug-ink");
    await button(page).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your browser refuses cookies");
  });
});
