// An order whose bank asks, and a shopper who changes their mind: one cart is paid once.
import { add } from "./journey";
import { card, expect, fill, test, type Page } from "./shop";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const notice = (page: Page) => page.getByRole("region", { name: "An order that waits" });

/** Orders what is in the cart with a card whose bank asks; gives the order's address and the bank's. */
const ask = async (page: Page) => {
  await add(page, "lino-cushion-oat-40-x-40-cm");
  await page.goto("/checkout");
  await fill(page, card.asks);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toHaveText("Your bank asks");
  const bank = await page.getByRole("link", { name: "Go to your bank" }).getAttribute("href");
  return { order: new URL(page.url()).pathname, bank: bank! };
};

for (const path of ["/cart", "/checkout"]) {
  test(`${path} leads to an order that waits, and to its bank`, async ({ page }) => {
    const { order, bank } = await ask(page);
    await page.goto(path);
    await expect(notice(page)).toContainText("waits for your bank");
    await expect(notice(page).getByRole("link", { name: "Go to your bank" })).toHaveAttribute("href", bank);
    await notice(page).getByRole("link", { name: /^S-/ }).click();
    await expect(page).toHaveURL(new RegExp(order));
  });
}

test("an order that waits can be given up, and the cart is still there", async ({ page }) => {
  const { order } = await ask(page);
  await page.getByRole("button", { name: "Give this order up" }).click();
  await expect(heading(page)).toHaveText("Your cart");
  await expect(notice(page)).toHaveCount(0);
  await page.goto(order);
  await expect(heading(page)).toHaveText("This order was not placed");
});

test("what waits for a bank can be paid otherwise, and is paid once", async ({ page, expected }) => {
  // The bank has no icon.
  expected(/404/);
  const { order, bank } = await ask(page);
  await page.goto("/checkout");
  await expect(notice(page)).toContainText("you pay once");
  await fill(page, card.good);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toHaveText("Thank you");
  await page.goto(bank);
  await expect(page.getByRole("button", { name: "Approve" }), "the bank no longer asks").toHaveCount(0);
  await page.goto(order);
  await expect(heading(page)).toHaveText("This order was not placed");
});

test("what was ordered in another tab is shown in this one", async ({ page, context }) => {
  await add(page, "lino-cushion-oat-40-x-40-cm");
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto("/checkout");
    await fill(tab, card.good);
  }
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toHaveText("Thank you");
  await other.getByRole("button", { name: "Place order" }).click();
  await expect(heading(other)).toHaveText("Thank you");
  expect(new URL(other.url()).pathname).toBe(new URL(page.url()).pathname);
});
