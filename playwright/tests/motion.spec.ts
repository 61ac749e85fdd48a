// Who wants less motion sees none. From one page to the next there is none for anybody: while it lasts, clicks are lost.
import { Hand } from "./hand";
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
});

test("otherwise it does", async ({ page }) => {
  await page.goto(open.product);
  expect(await moving(page)).not.toEqual([]);
});

test("a click counts as soon as a page is there", async ({ page }) => {
  const hand = new Hand(page);
  await page.goto(open.product);
  await hand.click(page.getByRole("link", { name: "Sea", exact: true }));
  await hand.isAt(/sku=onda-vase-sea/);
  await hand.click(page.getByRole("link", { name: "Sand", exact: true }));
  await hand.isAt(/sku=onda-vase-sand/);
});
