// What every journey stands on: a page that must stay silent, and a hand on the shop's processes.
import { readFileSync } from "node:fs";
import { expect, test as base, type Locator, type Page } from "@playwright/test";
import { visit, type Visitor } from "./visitor";

export { expect };
export type { Page };

/** What a test or a project may set. */
export type Settings = { visitor: Visitor };

/** Written into a page whose picture is taken; our policy refuses it, and Firefox says so. */
const PLAYWRIGHTS_STYLE = /inline style.*sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT\+SmwNZWA=/;

/** Every page of a test is listened to: an error on the console or a refused resource fails the test. */
export const test = base.extend<Settings & { silence: void; expected: (about: RegExp) => void }>({
  visitor: [{}, { option: true }],
  context: async ({ context, playwright, browserName, channel, launchOptions, visitor, baseURL, viewport, colorScheme, javaScriptEnabled }, use) => {
    expect(browserName === "firefox" && !javaScriptEnabled, "Firefox is told by `visitor` that scripts are off").toBe(false);
    if (!Object.keys(visitor).length) return use(context);
    const launch = { channel, ...launchOptions };
    await visit(visitor, { playwright, browserName, launch, context: { baseURL, viewport, colorScheme } }, use);
  },
  expected: async ({}, use, info) => {
    const allowed: RegExp[] = [];
    (info as { allowed?: RegExp[] }).allowed = allowed;
    await use((about) => allowed.push(about));
  },
  silence: [
    async ({ context, expected: _ }, use, info) => {
      const noise: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error" || /Content Security Policy/i.test(message.text())) noise.push(message.text());
      });
      // A page that is left in the midst of its transition says so: that is no fault of anybody.
      context.on("weberror", (error) => /ViewTransition/.test(String(error.error())) || noise.push(String(error.error())));
      await use();
      const allowed = [...((info as { allowed?: RegExp[] }).allowed ?? []), PLAYWRIGHTS_STYLE];
      expect(noise.filter((text) => !allowed.some((about) => about.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

type Replica = { name: string; url: string; pid: number };
type Parts = Record<string, { url?: string; pid: number; replicas?: Replica[] }>;

export const parts = (): Parts => JSON.parse(readFileSync(process.env.STOA_PARTS!, "utf8"));

/** Every process of a part: at scale there are two. */
const replicas = (part: string) => parts()[part].replicas!;

const ready = async ({ url }: Replica) => {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(500) })).ok;
  } catch {
    return false;
  }
};

const readyReplicas = async (part: string) => (await Promise.all(replicas(part).map(ready))).filter(Boolean).length;

const signal = (part: string, name: NodeJS.Signals) => {
  for (const { pid } of replicas(part)) process.kill(pid, name);
};

/** Stops a part for good, with all its replicas; `restart` brings it back. */
export const kill = async (part: string) => {
  signal(part, "SIGKILL");
  await expect.poll(() => readyReplicas(part)).toBe(0);
};

/** Lets a part hang: its port is open, and nothing is answered. */
export const hang = (part: string) => signal(part, "SIGSTOP");

export const wake = async (part: string) => {
  signal(part, "SIGCONT");
  await expect.poll(() => readyReplicas(part)).toBe(replicas(part).length);
};

/** The supervisor starts again whatever is down. */
export const restart = async (part: string) => {
  process.kill(parts().xtask.pid, "SIGHUP");
  await expect.poll(() => readyReplicas(part), { timeout: 15_000 }).toBe(replicas(part).length);
};

/** Islands load at the first sign of a person; afterwards the part of the page is marked. */
export const awaken = async (page: Page, frontend: string) => {
  await page.mouse.move(10, 10);
  await page.mouse.move(20, 20);
  await expect(page.locator(`[data-frontend="${frontend}"][data-hydrated]`).first()).toBeAttached();
};

export const address = {
  "Email": "buyer@example.org",
  "Name": "A. Buyer",
  "Street and number": "Lindenweg 4",
  "Postal code": "10115",
  "City": "Berlin",
};

export const card = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002", asks: "4000 0025 0000 3155" };

/** Types over what is there, as people do. Playwright's `fill` goes on behind it where Firefox's field is a number or an email address. */
export const retype = async (field: Locator, text: string) => {
  await field.press("ControlOrMeta+a");
  await field.pressSequentially(text);
};

/** Fills the checkout form. */
export const fill = async (page: Page, number: string) => {
  for (const [label, value] of Object.entries(address)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel("Country").selectOption("DE");
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expiry").fill("12/34");
  await page.getByLabel("Security code").fill("123");
};
