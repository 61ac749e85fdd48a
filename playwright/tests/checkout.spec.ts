// The checkout form: Enter, the total, and the input.
import { add } from "./journey";
import { card, expect, fill, test, type Page } from "./shop";

const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const total = (page: Page) => page.locator(".summary .totals .total .price");

const FIELDS = ["Email", "Name", "City", "Postal code", "Card number", "Expiry", "Security code"];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled });

    for (const field of FIELDS) {
      test(`Enter in ${field} places the order`, async ({ page }) => {
        await add(page, "alba-bowl-milk");
        await page.goto("/checkout");
        await fill(page, card.good);
        await page.getByLabel(field, { exact: true }).press("Enter");
        await expect(heading(page)).toContainText("Thank you");
      });
    }

    test("Enter in an invalid form shows the errors and asks for the card again", async ({ page, expected }) => {
      expected(/422/);
      await add(page, "alba-bowl-milk");
      await page.goto("/checkout");
      await fill(page, card.good);
      await page.getByLabel("Email").fill("nobody");
      await page.getByLabel("Email").press("Enter");
      await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
      await expect(page.getByLabel("Card number")).toHaveValue("");
      await expect(page.getByText("Please enter your card number and security code again")).toBeVisible();
    });

    for (const expiry of ["1234", "12 34", "12-34", "122034", "2034-12", "12/34", "12 / 2034"]) {
      test(`expiry ${expiry}`, async ({ page }) => {
        await add(page, "alba-bowl-milk");
        await page.goto("/checkout");
        await fill(page, card.good);
        await page.getByLabel("Expiry").fill(expiry);
        await page.getByRole("button", { name: "Place order" }).click();
        await expect(heading(page)).toContainText("Thank you");
      });
    }
  });
}

test("the total follows country and shipping method, and the input is kept", async ({ page }) => {
  await add(page, "alba-bowl-milk");
  await page.goto("/checkout");
  await fill(page, card.good);
  const before = await total(page).textContent();
  const documents: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && documents.push(request.url()));
  await page.getByLabel(/Express/).check();
  await expect(total(page)).not.toHaveText(before!);
  await expect(page.getByLabel(/Express/)).toBeChecked();
  await expect(page.getByLabel(/Express/)).toBeFocused();
  const express = await total(page).textContent();
  await page.getByLabel("Country").selectOption("FR");
  await expect(total(page)).not.toHaveText(express!);
  await expect(page.getByRole("button", { name: "Show the new total" })).toBeHidden();
  await page.getByLabel("Country").selectOption("DE");
  await expect(total(page)).toHaveText(express!);
  await expect(page.getByLabel("Card number")).toHaveValue(card.good);
  await expect(page.getByLabel("Security code")).toHaveValue("123");
  expect(documents).toEqual([]);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(heading(page)).toContainText("Thank you");
  await expect(page.locator(".order .totals .total .price")).toHaveText(express!);
});

test("the button for the new total is shown when the total cannot be updated", async ({ page, expected }) => {
  expected(/503/);
  await add(page, "alba-bowl-milk");
  await page.goto("/checkout");
  await page.route("**/checkout?*", (route) => route.fulfill({ status: 503 }));
  await fill(page, card.good);
  await page.getByLabel(/Express/).check();
  await expect(page.getByText("please enter it again")).toBeVisible();
  await page.getByRole("button", { name: "Show the new total" }).click();
  await expect(page.getByText("Please enter your card number and security code again")).toBeVisible();
  await expect(page.getByLabel("Email")).toHaveValue("buyer@example.org");
});
