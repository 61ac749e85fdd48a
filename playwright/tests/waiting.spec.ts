// An order that awaits authentication by the bank, and a shopper who changes their mind: one cart is paid once.
import { add } from "./journey";
import { card, expect, fill, test, type Page } from "./shop";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const notice = (page: Page) => page.getByRole("region", { name: "Order in progress" });

/** Orders with a card that requires authentication; returns the addresses of the order and of the bank. */
const orderAwaitingBank = async (page: Page) => {
  await add(page, "lino-cushion-oat-40-x-40-cm");
  await page.goto("/checkout");
  await fill(page, card.challenge);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toHaveText("Confirm with your bank");
  const bank = await page.getByRole("link", { name: "Continue to your bank" }).getAttribute("href");
  return { order: new URL(page.url()).pathname, bank: bank! };
};

for (const path of ["/cart", "/checkout"]) {
  test(`${path} links to the waiting order and to its bank`, async ({ page }) => {
    const { order, bank } = await orderAwaitingBank(page);
    await page.goto(path);
    await expect(notice(page)).toContainText("is waiting for your bank’s approval");
    await expect(notice(page).getByRole("link", { name: "Continue to your bank" })).toHaveAttribute("href", bank);
    await notice(page).getByRole("link", { name: /^S-/ }).click();
    await expect(page).toHaveURL(new RegExp(order));
  });
}

test("a waiting order can be cancelled, and the cart is kept", async ({ page }) => {
  const { order } = await orderAwaitingBank(page);
  await page.getByRole("button", { name: "Cancel this order" }).click();
  await expect(heading(page)).toHaveText("Your cart");
  await expect(notice(page)).toHaveCount(0);
  await page.goto(order);
  await expect(heading(page)).toHaveText("This order was not placed");
});

test("an order that awaits the bank can be paid another way, and is paid once", async ({ page, expected }) => {
  // The bank has no icon.
  expected(/404/);
  const { order, bank } = await orderAwaitingBank(page);
  await page.goto("/checkout");
  await expect(notice(page)).toContainText("you pay only once");
  await fill(page, card.good);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toHaveText("Thank you");
  await page.goto(bank);
  await expect(page.getByRole("button", { name: "Approve" }), "the bank no longer asks").toHaveCount(0);
  await page.goto(order);
  await expect(heading(page)).toHaveText("This order was not placed");
});

test("an order placed in another tab is shown in this one", async ({ page, context }) => {
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
