// The base of all tests: pages that must not log errors, and control of the shop's processes.
import { readFileSync } from "node:fs";
import { expect, test as base, type Locator, type Page } from "@playwright/test";
import { visit, type Visitor } from "./visitor";

export { expect };
export type { Page };

/** Options of a test or a project. */
export type Settings = { visitor: Visitor };

/** Playwright injects this style for screenshots; our policy blocks it, and Firefox reports that. */
const PLAYWRIGHTS_STYLE = /inline style.*sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT\+SmwNZWA=/;

/** An error on the console or a blocked resource fails the test, unless `expected` allows it. */
export const test = base.extend<Settings & { silence: void; expected: (about: RegExp) => void }>({
  visitor: [{}, { option: true }],
  context: async ({ context, playwright, browserName, channel, launchOptions, visitor, baseURL, viewport, colorScheme, javaScriptEnabled }, use) => {
    expect(browserName === "firefox" && !javaScriptEnabled, "use the option `visitor` to switch scripts off in Firefox").toBe(false);
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
      // A page that is left during its view transition reports that as an error.
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

/** All processes of a part; with `--scale` there are two. */
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

/** Kills all replicas of a part; `restart` starts them again. */
export const kill = async (part: string) => {
  signal(part, "SIGKILL");
  await expect.poll(() => readyReplicas(part)).toBe(0);
};

/** Suspends a part: its port stays open, but it does not answer. */
export const hang = (part: string) => signal(part, "SIGSTOP");

/** Resumes a suspended part. */
export const resume = async (part: string) => {
  signal(part, "SIGCONT");
  await expect.poll(() => readyReplicas(part)).toBe(replicas(part).length);
};

/** Makes the supervisor start all parts that are down. */
export const restart = async (part: string) => {
  process.kill(parts().xtask.pid, "SIGHUP");
  await expect.poll(() => readyReplicas(part), { timeout: 15_000 }).toBe(replicas(part).length);
};

/** Moves the mouse, which loads the islands, and waits until those of the frontend are hydrated. */
export const hydrate = async (page: Page, frontend: string) => {
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

export const card = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002", challenge: "4000 0025 0000 3155" };

/** Replaces a field's text by typing. Playwright's `fill` appends to it in Firefox if the field is a number or an email address. */
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
