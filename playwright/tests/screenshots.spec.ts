// The screenshots of the README: STOA_SCREENSHOTS=docs/screenshots cargo xtask test browser
import { join, resolve } from "node:path";
import { open, states } from "./journey";
import { expect, test, type Page } from "./shop";

const root = resolve(import.meta.dirname, "../..");
const folder = process.env.STOA_SCREENSHOTS ? resolve(root, process.env.STOA_SCREENSHOTS) : join(import.meta.dirname, "../test-results/screenshots");

const shoot = async (page: Page, name: string) => {
  // Pictures load lazily; a screenshot needs all of them.
  await page.evaluate(async () => {
    const pictures = [...document.images];
    for (const picture of pictures) picture.loading = "eager";
    await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
  });
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 82 });
};

test.use({ viewport: { width: 1280, height: 860 } });

test("home", async ({ page }) => {
  await page.goto(open.home);
  await shoot(page, "home");
});

test("product, with its boundaries", async ({ page }) => {
  await page.goto(open.product);
  await shoot(page, "product");
  await page.getByLabel(/who built what/i).check();
  await page.evaluate(() => scrollTo(0, 0));
  await shoot(page, "boundaries");
});

test("checkout", async ({ page }) => {
  await states.checkout(page);
  await shoot(page, "checkout");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Checkout");
});
