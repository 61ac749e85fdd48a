// Reduced motion. There are no transitions between pages for anyone, because clicks are lost during them.
import { Hand } from "./hand";
import { add, open } from "./journey";
import { hydrate, expect, test, type Page } from "./shop";

// Starting a separate browser takes time.
test.describe.configure({ timeout: 90_000 });

/** Elements that move, or would move. */
const moving = (page: Page) =>
  page.evaluate(() => {
    const still = /^(0s(, )?)+$/;
    const parts = [...document.querySelectorAll("*")].flatMap((element) =>
      ["", "::before", "::after"].map((pseudo) => [element, pseudo, getComputedStyle(element, pseudo || null)] as const),
    );
    const moves = parts.filter(([, , style]) => !still.test(style.transitionDuration) || style.animationName !== "none" || style.scrollBehavior === "smooth");
    return moves.map(([element, pseudo]) => `${element.localName}.${element.getAttribute("class")}${pseudo}`);
  });

test.describe("reduced motion", () => {
  test.use({ visitor: { reducedMotion: true } });

  test("nothing moves on any page", async ({ page }) => {
    for (const path of [open.home, open.category, open.product]) {
      await page.goto(path);
      expect(await moving(page), path).toEqual([]);
    }
    await hydrate(page, "product");
    expect(await moving(page), "with islands").toEqual([]);
    await add(page);
    for (const path of ["/cart", "/checkout"]) {
      await page.goto(path);
      expect(await moving(page), path).toEqual([]);
    }
  });
});

test("something moves without that setting", async ({ page }) => {
  await page.goto(open.product);
  expect(await moving(page)).not.toEqual([]);
});

test("a click works as soon as a page is shown", async ({ page }) => {
  const hand = new Hand(page);
  await page.goto(open.product);
  await hand.click(page.getByRole("link", { name: "Sea", exact: true }));
  await hand.isAt(/sku=onda-vase-sea/);
  await hand.click(page.getByRole("link", { name: "Sand", exact: true }));
  await hand.isAt(/sku=onda-vase-sand/);
});
