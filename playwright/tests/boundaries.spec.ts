// The switch that shows the boundaries of the frontends.
import { expect, test } from "./shop";

test("the switch outlines every part of the page with its frontend and version", async ({ page }) => {
  await page.goto("/product/onda-vase");
  const label = (frontend: string) =>
    page.locator(`[data-frontend="${frontend}"]`).first().evaluate((part) => getComputedStyle(part, "::after").content);
  expect(await label("checkout")).toBe("none");
  await page.getByLabel(/who built what/i).check();
  for (const frontend of ["explore", "product", "checkout"]) {
    const version = await page.locator(`[data-frontend="${frontend}"]`).first().getAttribute("data-version");
    expect(await label(frontend)).toContain(frontend);
    expect(await label(frontend)).toContain(version!);
  }
  await page.goto("/cart");
  await expect(page.getByLabel(/who built what/i), "it stays on from page to page").toBeChecked();
  await page.getByLabel(/who built what/i).uncheck();
  await page.reload();
  await expect(page.getByLabel(/who built what/i)).not.toBeChecked();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });
  test("the switch works", async ({ page }) => {
    await page.goto("/");
    await page.getByLabel(/who built what/i).check();
    await expect(page.locator('[data-frontend="explore"]').first()).toHaveCSS("outline-style", "solid");
  });
});
