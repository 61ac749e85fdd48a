import { hydrate, card, expect, fill, test } from "./shop";

test("a new shopper buys a vase, with islands", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "See the vases" }).click();
  await page.getByRole("link", { name: /Onda vase/ }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Onda vase" })).toBeVisible();

  await hydrate(page, "product");
  await hydrate(page, "checkout");
  const documents: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && documents.push(request.url()));

  await page.getByRole("link", { name: "Sea", exact: true }).click();
  await expect(page).toHaveURL(/sku=onda-vase-sea/);
  await expect(page.getByText("€52.00").first()).toBeVisible();
  await page.getByRole("button", { name: "Add to cart" }).click();
  await expect(page.getByText("Added to your cart")).toBeVisible();
  await expect(page.locator(".mini-cart")).toContainText("1");
  expect(documents, "islands need no navigation").toEqual([]);

  await page.locator(".mini-cart").click();
  await expect(page.getByText("Sea").first()).toBeVisible();
  await page.getByRole("link", { name: "Check out" }).click();
  await fill(page, card.good);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page).toHaveURL(/\/orders\//);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  await expect(page.getByText(/S-[0-9A-Z]{8}/).first()).toBeVisible();

  await page.goto("/cart");
  await expect(page.getByText("Your cart is empty")).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a new shopper buys a vase", async ({ page }) => {
    await page.goto("/category/vases");
    await page.getByRole("link", { name: /Piega vase/ }).first().click();
    await page.getByRole("link", { name: /Umber/ }).click();
    await expect(page).toHaveURL(/sku=piega-vase-umber/);
    await page.getByLabel("Quantity").fill("2");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await expect(page).toHaveURL(/\/cart$/);
    await expect(page.locator(".mini-cart")).toContainText("2");
    await expect(page.getByText("€128.00").first()).toBeVisible();

    await page.getByRole("link", { name: "Check out" }).click();
    await fill(page, card.good);
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
    await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  });

  test("quantities can be changed and lines removed", async ({ page }) => {
    await page.goto("/product/alba-bowl");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByLabel(/Quantity/).fill("3");
    await page.getByRole("button", { name: /Update/ }).click();
    await expect(page.getByText("€66.00").first()).toBeVisible();
    await page.getByRole("button", { name: /Remove/ }).click();
    await expect(page.getByText("Your cart is empty")).toBeVisible();
  });

  test("a declined card keeps the cart and the input", async ({ page, expected }) => {
    expected(/402/);
    await page.goto("/product/sera-mug");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Check out" }).click();
    await fill(page, card.declined);
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByText(/declined/i).first()).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("A. Buyer");
    await expect(page.getByLabel("Card number")).toHaveValue("");
    await page.getByLabel("Card number").fill(card.good);
    await page.getByLabel("Expiry").fill("12/34");
    await page.getByLabel("Security code").fill("123");
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  });

  for (const [answer, heading] of [["Approve", "Thank you"], ["Refuse", "This order was not placed"]] as const) {
    test(`authentication by the bank: ${answer}`, async ({ page, expected }) => {
      // The bank has no icon.
      expected(/404/);
      await page.goto("/product/faro-lamp");
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.getByRole("link", { name: "Check out" }).click();
      await fill(page, card.challenge);
      await page.getByRole("button", { name: "Place order" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText("Confirm with your bank");
      await page.getByRole("link", { name: "Continue to your bank" }).click();
      await page.getByRole("button", { name: new RegExp(answer, "i") }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(heading, { timeout: 15_000 });
    });
  }

  test("invalid fields are marked, and the input is kept", async ({ page, expected }) => {
    expected(/422/);
    await page.goto("/product/marea-plate");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Check out" }).click();
    await fill(page, "1234");
    await page.getByLabel("Email").fill("nobody");
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Email")).toHaveValue("nobody");
    await expect(page.getByLabel("Card number")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("City")).toHaveValue("Berlin");
  });
});
