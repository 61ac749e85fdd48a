// A shopper with mouse and keyboard alone, for pages without scripts: in Firefox that includes the scripts that Playwright uses.
import { expect, type Locator, type Page } from "@playwright/test";

export class Hand {
  constructor(private page: Page) {}

  async sees(target: Locator) {
    await expect.poll(() => target.isVisible(), target.toString()).toBe(true);
  }

  async click(target: Locator) {
    // The layout changes while a page loads.
    await this.page.waitForLoadState();
    await this.sees(target);
    await target.evaluate((element) => element.scrollIntoView({ block: "center", behavior: "instant" }));
    const { x, y, width, height } = (await target.boundingBox())!;
    await this.page.mouse.click(x + width / 2, y + height / 2);
  }

  /** Types into an empty field. */
  async type(target: Locator, text: string) {
    await this.click(target);
    await this.page.keyboard.type(text);
  }

  async isAt(address: RegExp) {
    await expect.poll(() => this.page.url()).toMatch(address);
  }
}
