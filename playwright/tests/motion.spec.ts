// Who wants less motion sees none: neither on a page, nor from one to the next.
import { add, open } from "./journey";
import { awaken, expect, test, type Page } from "./shop";

// A browser of one's own takes its time to start.
test.describe.configure({ timeout: 90_000 });

/** Whatever moves, or would. */
const moving = (page: Page) =>
  page.evaluate(() => {
    const still = /^(0s(, )?)+$/;
    const parts = [...document.querySelectorAll("*")].flatMap((element) =>
      ["", "::before", "::after"].map((pseudo) => [element, pseudo, getComputedStyle(element, pseudo || null)] as const),
    );
    const moves = parts.filter(([, , style]) => !still.test(style.transitionDuration) || style.animationName !== "none" || style.scrollBehavior === "smooth");
    return moves.map(([element, pseudo]) => `${element.localName}.${element.getAttribute("class")}${pseudo}`);
  });

/** Whether the next page comes by a view transition. */
const slides = async (page: Page) => {
  await page.addInitScript(() =>
    addEventListener("pagereveal", (event) => (document.documentElement.dataset.revealed = String(!!(event as PageRevealEvent).viewTransition))),
  );
  await page.goto("/");
  await page.getByRole("link", { name: "See the vases" }).click();
  await expect(page).toHaveURL(/vases/);
  return page.evaluate(() => document.documentElement.dataset.revealed);
};

test.describe("with less motion", () => {
  test.use({ visitor: { reducedMotion: true } });

  test("nothing moves on any page", async ({ page }) => {
    for (const path of [open.home, open.category, open.product]) {
      await page.goto(path);
      expect(await moving(page), path).toEqual([]);
    }
    await awaken(page, "product");
    expect(await moving(page), "islands awake").toEqual([]);
    await add(page);
    for (const path of ["/cart", "/checkout"]) {
      await page.goto(path);
      expect(await moving(page), path).toEqual([]);
    }
  });

  test("a page takes the place of another at once", async ({ page }) => {
    expect(await slides(page)).not.toBe("true");
  });
});

test("otherwise it does", async ({ page, browserName }) => {
  await page.goto(open.product);
  expect(await moving(page)).not.toEqual([]);
  // Firefox does not know of transitions between documents.
  if (browserName === "chromium") expect(await slides(page)).toBe("true");
});
