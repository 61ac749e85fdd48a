// Mouse and keyboard alone: all that works where a page runs no scripts, not even those of a test.
import { expect, type Locator, type Page } from "@playwright/test";

export class Hand {
  constructor(private page: Page) {}

  async click(target: Locator) {
    await expect(target).toBeVisible();
    await target.evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
    const { x, y, width, height } = (await target.boundingBox())!;
    await this.page.mouse.click(x + width / 2, y + height / 2);
  }

  /** Into an empty field. */
  async type(target: Locator, text: string) {
    await this.click(target);
    await this.page.keyboard.type(text);
  }
}
