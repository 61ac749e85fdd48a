// The pages of the shop, and how to reach those that need a cart or an order.
import type { Page } from "@playwright/test";
import { card, expect, fill } from "./shop";

/** Pages that need neither. */
export const open = {
  home: "/",
  category: "/category/vases",
  "category by price": "/category/vases?sort=price",
  search: "/search?q=vase",
  "search without results": "/search?q=zeppelin",
  stores: "/stores",
  product: "/product/onda-vase",
  "product, another variant": "/product/onda-vase?sku=onda-vase-sea",
  "product, sold out": "/product/colonna-vase?sku=colonna-vase-45-cm",
  "empty cart": "/cart",
} as const;

export const add = async (page: Page, sku = "onda-vase-sand", quantity = "1") => {
  const answer = await page.request.post("/cart/lines", { form: { sku, quantity } });
  expect(answer.status()).toBe(200);
};

/** Pages that need a cart or an order: each function opens one. */
export const states: Record<string, (page: Page) => Promise<unknown>> = {
  cart: async (page) => {
    await add(page);
    await add(page, "alba-bowl-milk", "3");
    await page.goto("/cart");
  },
  "cart after a removal": async (page) => {
    await add(page);
    await add(page, "alba-bowl-milk");
    await page.goto("/cart");
    await page.getByRole("button", { name: /Remove/ }).first().click();
  },
  checkout: async (page) => {
    await add(page);
    await page.goto("/checkout");
  },
  "checkout, with errors": async (page) => {
    await add(page);
    await page.goto("/checkout");
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByLabel("Email")).toHaveAttribute("aria-invalid", "true");
  },
  "checkout, card declined": async (page) => {
    await add(page);
    await page.goto("/checkout");
    await fill(page, card.declined);
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByText(/declined/i).first()).toBeVisible();
  },
  order: async (page) => {
    await add(page, "sera-mug-ink");
    await page.goto("/checkout");
    await fill(page, card.good);
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Thank you");
  },
  "unknown page": (page) => page.goto("/nothing-here"),
  "unknown product": (page) => page.goto("/product/no-such-thing"),
  "unknown order": (page) => page.goto("/orders/01890a5d-ac96-774b-bcce-b302099a8057"),
};
