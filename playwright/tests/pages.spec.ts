// Every page and state, on a phone and a desktop, light and dark, with and without JavaScript: it is complete, it fits, and it is
// accessible.
import { AxeBuilder } from "@axe-core/playwright";
import { open, states } from "./journey";
import { expect, test, type Page } from "./shop";

const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } };

const isComplete = async (page: Page) => {
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.getByRole("banner")).toHaveCount(1);
  await expect(page.getByRole("contentinfo")).toHaveCount(1);
  await expect(page.locator("main")).toHaveCount(1);
  expect(await page.title()).toMatch(/Stoa/);
};

/** Nothing overflows to the side. */
const fits = async (page: Page) => {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content, "the page is not wider than the screen").toBeLessThanOrEqual(screen);
};

const isAccessible = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join("  ")}`);
  expect(found).toEqual([]);
};

const all: Record<string, (page: Page) => Promise<unknown>> = { ...states };
for (const [name, path] of Object.entries(open)) {
  all[name] = async (page) => expect((await page.goto(path))!.status(), path).toBe(200);
}

for (const [screen, viewport] of Object.entries(screens)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${screen}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });
      for (const [name, visit] of Object.entries(all)) {
        test(name, async ({ page, expected }) => {
          expected(/40[249]|422/);
          await visit(page);
          await isComplete(page);
          await fits(page);
          await isAccessible(page);
        });
      }
    });
  }

  test.describe(`${screen}, without JavaScript`, () => {
    test.use({ viewport, javaScriptEnabled: false });
    for (const [name, visit] of Object.entries(all)) {
      test(name, async ({ page, expected }) => {
        expected(/40[249]|422/);
        await visit(page);
        await isComplete(page);
      });
    }
  });
}
