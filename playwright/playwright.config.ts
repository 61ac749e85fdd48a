// `cargo xtask test browser` opens the shop and says where it is.
import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";
import type { Settings } from "./tests/shop";

type Use = PlaywrightTestConfig<Settings>["use"];

const chromium = {
  browserName: "chromium",
  launchOptions: {
    executablePath: process.env.STOA_CHROMIUM || undefined,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
} satisfies Use;

/** The Firefox that people have, driven by WebDriver BiDi. */
const firefox = {
  browserName: "firefox",
  channel: "moz-firefox",
  launchOptions: { executablePath: process.env.STOA_FIREFOX },
  // It waits for scripts, and some visitors have none.
  screenshot: "off",
} satisfies Use;

/** What depends on the browser, and what must never fail in any. */
const EVERYWHERE = /(purchase|payment|islands|visitors|motion|states)\.spec/;

/** Playwright cannot do without scripts in Firefox; `visitors.spec.ts` buys by mouse and keyboard there. */
const SCRIPTLESS = /without JavaScript/;

/** They leave strange goods on the shelves. */
const STRANGE = /(fits|fuzz)\.spec/;

/** Where there is no Firefox, `cargo xtask test browser` has said so. */
const inFirefox = process.env.STOA_FIREFOX
  ? [
      { name: "firefox", testMatch: EVERYWHERE, grepInvert: SCRIPTLESS, use: firefox },
      { name: "firefox, strange goods", testMatch: /fits/, use: firefox, dependencies: ["journeys", "firefox"] },
    ]
  : [];

export default defineConfig<Settings>({
  testDir: "tests",
  timeout: 30_000,
  expect: { timeout: 5_000 },
  // Some journeys stop a part: one after the other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  // A busy machine may lose a click; what needed a second try is told as flaky.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  outputDir: "test-results",
  projects: [
    { name: "journeys", testIgnore: STRANGE, use: chromium },
    ...inFirefox,
    { name: "strange goods", testMatch: /fits/, use: chromium, dependencies: ["journeys", ...inFirefox.map(({ name }) => name)] },
    { name: "fuzz", testMatch: /fuzz/, use: chromium, dependencies: ["strange goods"] },
  ],
  use: {
    baseURL: process.env.STOA_URL ?? "http://127.0.0.1:4000",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
