// Paying on Stripe's page, and on account: whichever way shoppers go, one cart is one order and one charge.
import { add } from "./journey";
import { address, card, expect, fill, test, type Page } from "./shop";
import { behave, charges, isOpen, lapse, pay, submit } from "./stripe";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const notice = (page: Page) => page.getByRole("region", { name: "An order that waits" });
const place = (page: Page) => page.getByRole("button", { name: "Place order" }).click();
/** Many of them, which no other journey wants. */
const SKU = { chromium: "marea-plate-22-cm", firefox: "marea-plate-28-cm" } as Record<string, string>;

// The double's pages have no icon, and one that is over is gone.
test.beforeEach(({ expected }) => expected(/404|410/));
test.afterEach(() => behave());

/** Fills the form, to pay so. */
const choose = async (page: Page, way: RegExp) => {
  await page.goto("/checkout");
  for (const [label, value] of Object.entries(address)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("radio", { name: way }).check();
};

/** Puts something into the cart. */
const take = (page: Page) => add(page, SKU[page.context().browser()!.browserType().name()]);

/** Orders something; leaves the shopper on Stripe's page, and gives the order's address and its total in cents. */
const order = async (page: Page) => {
  await take(page);
  await choose(page, /Stripe/);
  await place(page);
  await isOpen(page);
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
      await expect(page.getByText("it is paid")).toBeVisible();
      await expect.poll(() => charges(path)).toEqual([total]);
      await page.goto("/cart");
      await expect(heading(page)).toHaveText("Your cart is empty");
    });

    test("an order on account says how to pay", async ({ page }) => {
      await take(page);
      await choose(page, /Invoice/);
      await expect(page.getByLabel("Card number")).toBeHidden();
      await place(page);
      await expect(heading(page)).toHaveText("Thank you");
      const how = page.getByRole("region", { name: "How to pay" });
      const number = await page.locator(".number strong").textContent();
      for (const words of ["€", "DE89 3704 0044 0532 0130 00", number!]) await expect(how).toContainText(words);
      await expect(page.getByText("it is paid")).toHaveCount(0);
    });

    test("who goes back from Stripe's page goes on where they were", async ({ page }) => {
      const { path } = await order(page);
      await page.getByRole("link", { name: "Back" }).click();
      await expect(heading(page)).toHaveText("Your payment is open");
      await expect(page).toHaveURL(new RegExp(path));
      await page.getByRole("link", { name: "Go on to payment" }).click();
      await pay(page);
      await expect(heading(page)).toHaveText("Thank you");
    });

    test("who presses Back finds their cart, and the way on", async ({ page }) => {
      const { path, total } = await order(page);
      await page.goBack();
      await page.goto("/cart");
      await expect(notice(page)).toContainText("waits for your payment");
      await notice(page).getByRole("link", { name: "Go on to payment" }).click();
      await pay(page);
      await expect(page).toHaveURL(new RegExp(path));
      await expect(heading(page)).toHaveText("Thank you");
      // Nothing is left to pay, wherever Back leads.
      await page.goBack();
      await page.goto("/cart");
      await expect(heading(page)).toHaveText("Your cart is empty");
      expect(await charges(path)).toEqual([total]);
    });

    test("a page that lapses while the card is looked for costs nothing", async ({ page }) => {
      const { path } = await order(page);
      await lapse(page);
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

test("a bank that asks, and a card that is declined, are Stripe's to ask about", async ({ page, expected }) => {
  expected(/402/);
  await order(page);
  await pay(page, card.declined);
  await expect(page.getByText(/declined/)).toBeVisible();
  await pay(page, card.asks);
  await page.getByRole("button", { name: "Complete" }).click();
  await expect(heading(page)).toHaveText("Thank you");
});

test("a page in two tabs is paid once", async ({ page, context }) => {
  const { path, total } = await order(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await pay(page);
  await expect(heading(page)).toHaveText("Thank you");
  await submit(other);
  await expect(heading(other)).toHaveText("Thank you");
  expect(await charges(path)).toEqual([total]);
});

test("what is paid otherwise in another tab is not paid on the page any more", async ({ page, context }) => {
  const { path } = await order(page);
  const other = await context.newPage();
  await other.goto("/checkout");
  await expect(notice(other)).toContainText("you pay once");
  await fill(other, card.good);
  await place(other);
  await expect(heading(other)).toHaveText("Thank you");
  await submit(page);
  await expect(page.getByRole("button", { name: "Pay" }), "the page is closed").toHaveCount(0);
  await page.goto(path);
  await expect(heading(page)).toHaveText("This order was not placed");
  expect(await charges(path)).toEqual([]);
});

test("an order that is given up is not paid on the page any more", async ({ page }) => {
  const { path } = await order(page);
  const there = page.url();
  await page.goto(path);
  await page.getByRole("button", { name: "Give this order up" }).click();
  await expect(heading(page)).toHaveText("Your cart");
  await page.goto(there);
  await expect(page.getByRole("button", { name: "Pay" })).toHaveCount(0);
  expect(await charges(path)).toEqual([]);
});

for (const webhooks of ["never", "twice", "late", "early", "shuffled"]) {
  test(`webhooks that come ${webhooks} change nothing for who comes back`, async ({ page }) => {
    await behave({ webhooks });
    const { path, total } = await order(page);
    await pay(page);
    await expect(heading(page)).toHaveText("Thank you");
    await behave();
    await expect.poll(() => charges(path)).toEqual([total]);
  });
}

test("who never comes back has paid all the same", async ({ page }) => {
  const { path } = await order(page);
  const form = { email: address.Email, number: card.good, expiry: "12/34", cvc: "123" };
  const paid = await page.request.post(page.url(), { form, maxRedirects: 0 });
  expect(paid.status()).toBe(303);
  await page.goto(path);
  await expect(heading(page)).toHaveText("Thank you");
});

test("an order page that is open hears of the payment", async ({ page, context }) => {
  const { path } = await order(page);
  const follower = await context.newPage();
  await follower.goto(path);
  await expect(heading(follower)).toHaveText("Your payment is open");
  await pay(page);
  await expect(heading(follower)).toHaveText("Thank you");
});

test("while Stripe hangs nothing is ordered twice", async ({ page, expected }) => {
  expected(/503/);
  test.setTimeout(60_000);
  await take(page);
  await choose(page, /Stripe/);
  await behave({ answers: "hang" });
  await place(page);
  await expect(heading(page)).toHaveText(/One moment, please|Nearly there|This order was not placed|Checkout/, { timeout: 20_000 });
  await behave();
  await choose(page, /Stripe/);
  await place(page);
  await pay(page);
  await expect(heading(page)).toHaveText("Thank you");
});
