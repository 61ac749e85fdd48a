// `cargo xtask test browser` opens the shop and says where it is.
import { defineConfig } from "@playwright/test";
import type { Settings } from "./tests/shop";

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
} as const;

/** The Firefox that people have, driven by WebDriver BiDi. */
const firefox = {
  browserName: "firefox",
  channel: "moz-firefox",
  launchOptions: { executablePath: process.env.STOA_FIREFOX },
} as const;

/** What depends on the browser, and what must never fail in any. */
const EVERYWHERE = /(purchase|islands|visitors|motion|states|fits)\.spec/;

/** Playwright cannot do without scripts in Firefox; `visitors.spec.ts` buys by mouse and keyboard there. */
const SCRIPTLESS = /without JavaScript/;

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
    { name: "journeys", testIgnore: /fuzz/, use: chromium },
    // Where there is none, `cargo xtask test browser` has said so.
    ...(process.env.STOA_FIREFOX ? [{ name: "firefox", testMatch: EVERYWHERE, grepInvert: SCRIPTLESS, use: firefox }] : []),
    // Last: it leaves strange goods on the shelves.
    { name: "fuzz", testMatch: /fuzz/, use: chromium, dependencies: ["journeys"] },
  ],
  use: {
    baseURL: process.env.STOA_URL ?? "http://127.0.0.1:4000",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
});
