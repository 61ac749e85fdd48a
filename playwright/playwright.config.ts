// `cargo xtask test browser` opens the shop and says where it is.
import { defineConfig } from "@playwright/test";

export default defineConfig({
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
    { name: "journeys", testIgnore: /fuzz/ },
    // Last: it leaves strange goods on the shelves.
    { name: "fuzz", testMatch: /fuzz/, dependencies: ["journeys"] },
  ],
  use: {
    baseURL: process.env.STOA_URL ?? "http://127.0.0.1:4000",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
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
  },
});
