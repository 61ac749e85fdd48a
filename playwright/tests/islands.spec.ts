// What islands improve.
import { hydrate, expect, retype, test } from "./shop";

test("selecting another variant changes price, picture and address without a new page", async ({ page }) => {
  await page.goto("/product/onda-vase");
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  await page.getByRole("link", { name: "Sea", exact: true }).click();
  await expect(page).toHaveURL(/sku=onda-vase-sea/);
  await expect(page.getByText("€52.00").first()).toBeVisible();
  await page.reload();
  await expect(page.getByText("€52.00").first()).toBeVisible();
});

test("a rejection is shown beside the button", async ({ page, expected }) => {
  expected(/422/);
  await page.goto("/product/sera-mug");
  await hydrate(page, "checkout");
  const button = page.getByRole("button", { name: "Add to cart" });
  // All that are in stock; then there are none for a second request.
  const quantity = page.getByLabel("Quantity");
  await retype(quantity, (await quantity.getAttribute("max"))!);
  await button.click();
  await expect(page.getByText("Added to your cart")).toBeVisible();
  await button.click();
  await expect(page.locator(".add-to-cart .status")).not.toContainText("Added");
  await expect(page.locator(".mini-cart")).toContainText((await quantity.getAttribute("max"))!);
});
