// Paying on Stripe's page and on account: in any case one cart is one order and one charge.
import { add } from "./journey";
import { address, card, expect, fill, test, type Page } from "./shop";
import { charges, expectOpen, expire, pay, setBehaviour, submit } from "./stripe";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const notice = (page: Page) => page.getByRole("region", { name: "Order in progress" });
const place = (page: Page) => page.getByRole("button", { name: "Place order" }).click();
/** SKUs with much stock that no other test buys. */
const SKU = { chromium: "marea-plate-22-cm", firefox: "marea-plate-28-cm" } as Record<string, string>;

// The double's pages have no icon, and an expired one is 410.
test.beforeEach(({ expected }) => expected(/404|410/));
test.afterEach(() => setBehaviour());

/** Fills the form and chooses this payment option. */
const choose = async (page: Page, option: RegExp) => {
  await page.goto("/checkout");
  for (const [label, value] of Object.entries(address)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("radio", { name: option }).check();
};

/** Adds an item to the cart. */
const addItem = (page: Page) => add(page, SKU[page.context().browser()!.browserType().name()]);

/** Places an order and stays on Stripe's page; returns the order's path and its total in cents. */
const order = async (page: Page) => {
  await addItem(page);
  await choose(page, /Stripe/);
  await place(page);
  await expectOpen(page);
  const waiting = (await (await page.request.get("/checkout/api/cart")).json()).waiting_order;
  return { path: `/orders/${waiting.id}`, total: waiting.total.minor as number };
};

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    test("an order is paid on Stripe's page", async ({ page }) => {
      const { path, total } = await order(page);
      await pay(page);
      await expect(page).toHaveURL(new RegExp(path));
      await expect(heading(page)).toHaveText("Thank you");
      await expect(page.getByText("confirmed and paid")).toBeVisible();
      await expect.poll(() => charges(path)).toEqual([total]);
      await page.goto("/cart");
      await expect(heading(page)).toHaveText("Your cart is empty");
    });

    test("an order on account shows how to pay", async ({ page }) => {
      await addItem(page);
      await choose(page, /Invoice/);
      await expect(page.getByLabel("Card number")).toBeHidden();
      await place(page);
      await expect(heading(page)).toHaveText("Thank you");
      const how = page.getByRole("region", { name: "How to pay" });
      const number = await page.locator(".number strong").textContent();
      for (const words of ["€", "DE89 3704 0044 0532 0130 00", number!]) await expect(how).toContainText(words);
      await expect(page.getByText("confirmed and paid")).toHaveCount(0);
    });

    test("a shopper who leaves Stripe's page can continue to payment", async ({ page }) => {
      const { path } = await order(page);
      await page.getByRole("link", { name: "Back" }).click();
      await expect(heading(page)).toHaveText("Waiting for your payment");
      await expect(page).toHaveURL(new RegExp(path));
      await page.getByRole("link", { name: "Continue to payment" }).click();
      await pay(page);
      await expect(heading(page)).toHaveText("Thank you");
    });

    test("a shopper who presses Back finds the cart and the link to payment", async ({ page }) => {
      const { path, total } = await order(page);
      await page.goBack();
      await page.goto("/cart");
      await expect(notice(page)).toContainText("is waiting for your payment");
      await notice(page).getByRole("link", { name: "Continue to payment" }).click();
      await pay(page);
      await expect(page).toHaveURL(new RegExp(path));
      await expect(heading(page)).toHaveText("Thank you");
      // Going back again leaves nothing to pay.
      await page.goBack();
      await page.goto("/cart");
      await expect(heading(page)).toHaveText("Your cart is empty");
      expect(await charges(path)).toEqual([total]);
    });

    test("a payment page that expires costs nothing", async ({ page }) => {
      const { path } = await order(page);
      await expire(page);
      await submit(page);
      await page.getByRole("link").first().click();
      await expect(heading(page)).toHaveText("This order was not placed");
      await expect(page.getByText("It was not paid in time")).toBeVisible();
      expect(await charges(path)).toEqual([]);
      await page.goto("/cart");
      await expect(notice(page)).toHaveCount(0);
      await expect(page.getByRole("link", { name: "Check out" })).toBeVisible();
    });
  });
}

test("authentication and a declined card are handled on Stripe's page", async ({ page, expected }) => {
  expected(/402/);
  await order(page);
  await pay(page, card.declined);
  await expect(page.getByText(/declined/)).toBeVisible();
  await pay(page, card.challenge);
  await page.getByRole("button", { name: "Complete" }).click();
  await expect(heading(page)).toHaveText("Thank you");
});

test("a payment page in two tabs is paid once", async ({ page, context }) => {
  const { path, total } = await order(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await pay(page);
  await expect(heading(page)).toHaveText("Thank you");
  await submit(other);
  await expect(heading(other)).toHaveText("Thank you");
  expect(await charges(path)).toEqual([total]);
});

test("an order paid another way cannot be paid on the page any more", async ({ page, context }) => {
  const { path } = await order(page);
  const other = await context.newPage();
  await other.goto("/checkout");
  await expect(notice(other)).toContainText("you pay only once");
  await fill(other, card.good);
  await place(other);
  await expect(heading(other)).toHaveText("Thank you");
  await submit(page);
  await expect(page.getByRole("button", { name: "Pay" }), "the page is closed").toHaveCount(0);
  await page.goto(path);
  await expect(heading(page)).toHaveText("This order was not placed");
  expect(await charges(path)).toEqual([]);
});

test("a cancelled order cannot be paid on the page any more", async ({ page }) => {
  const { path } = await order(page);
  const paymentPage = page.url();
  await page.goto(path);
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await expect(heading(page)).toHaveText("Your cart");
  await page.goto(paymentPage);
  await expect(page.getByRole("button", { name: "Pay" })).toHaveCount(0);
  expect(await charges(path)).toEqual([]);
});

for (const webhooks of ["never", "twice", "late", "early", "shuffled"]) {
  test(`webhooks that come ${webhooks} make no difference to a returning shopper`, async ({ page }) => {
    await setBehaviour({ webhooks });
    const { path, total } = await order(page);
    await pay(page);
    await expect(heading(page)).toHaveText("Thank you");
    await setBehaviour();
    await expect.poll(() => charges(path)).toEqual([total]);
  });
}

test("an order is paid even if the shopper does not return", async ({ page }) => {
  const { path } = await order(page);
  const form = { email: address.Email, number: card.good, expiry: "12/34", cvc: "123" };
  const paid = await page.request.post(page.url(), { form, maxRedirects: 0 });
  expect(paid.status()).toBe(303);
  await page.goto(path);
  await expect(heading(page)).toHaveText("Thank you");
});

test("an open order page shows the payment", async ({ page, context }) => {
  const { path } = await order(page);
  const follower = await context.newPage();
  await follower.goto(path);
  await expect(heading(follower)).toHaveText("Waiting for your payment");
  await pay(page);
  await expect(heading(follower)).toHaveText("Thank you");
});

test("nothing is ordered twice while Stripe hangs", async ({ page, expected }) => {
  expected(/503/);
  test.setTimeout(60_000);
  await addItem(page);
  await choose(page, /Stripe/);
  await setBehaviour({ answers: "hang" });
  await place(page);
  await expect(heading(page)).toHaveText(/One moment, please|Nearly there|This order was not placed|Checkout/, { timeout: 20_000 });
  await setBehaviour();
  await choose(page, /Stripe/);
  await place(page);
  await pay(page);
  await expect(heading(page)).toHaveText("Thank you");
});
