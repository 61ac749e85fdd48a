// Who visits: a browser that is set in another way than most. One description, in Chromium's words and in Firefox's.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, BrowserContextOptions, LaunchOptions, PlaywrightWorkerArgs } from "@playwright/test";

/** How a browser is set; what is not named is as most have it. */
export type Visitor = {
  /** JavaScript is off. In Firefox nothing but mouse and keyboard works then: use a `Hand`. */
  scripts?: false;
  /** JavaScript is on, and there is no WebAssembly: Lockdown Mode. */
  wasm?: false;
  /** All cookies are refused. */
  cookies?: false;
  /** The system's few colours instead of the page's: high contrast. */
  forcedColors?: true;
  reducedMotion?: true;
  /** Pixels of the usual text: 16 as a rule. */
  fontSize?: number;
};

const isSet = (words: object) => Object.values(words).some((word) => word !== undefined);
const yes = <Value>(wish: boolean | undefined, value: Value) => (wish ? value : undefined);

/** What Chromium can be told for each window. */
const chromiumContext = (visitor: Visitor): BrowserContextOptions => ({
  javaScriptEnabled: visitor.scripts,
  forcedColors: yes(visitor.forcedColors, "active"),
  reducedMotion: yes(visitor.reducedMotion, "reduce"),
});

/** What it must be told in its profile: https://chromium.googlesource.com/chromium/src/+/main/chrome/common/pref_names.h */
const chromiumPreferences = ({ cookies, fontSize }: Visitor) => ({
  profile: yes(cookies === false, { default_content_setting_values: { cookies: 2 } }),
  webkit: yes(!!fontSize, { webprefs: { default_font_size: fontSize } }),
});

/** https://searchfox.org/mozilla-central/source/modules/libpref/init/StaticPrefList.yaml */
const firefoxPreferences = ({ scripts, cookies, forcedColors, reducedMotion, fontSize }: Visitor) => ({
  "javascript.enabled": scripts,
  "network.cookie.cookieBehavior": yes(cookies === false, 2),
  "browser.display.document_color_use": yes(forcedColors, 2),
  "ui.prefersReducedMotion": yes(reducedMotion, 1),
  "font.size.variable.x-western": fontSize,
});

const known = (words: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined)) as Record<string, string | number | boolean>;

type Ask = { playwright: PlaywrightWorkerArgs["playwright"]; browserName: string; launch: LaunchOptions; context: BrowserContextOptions };

/** A window of a browser that is set so, until `use` is done. */
export const visit = async (visitor: Visitor, ask: Ask, use: (context: BrowserContext) => Promise<void>) => {
  const opened = ask.browserName === "firefox" ? await firefox(visitor, ask) : await chromium(visitor, ask);
  if (visitor.wasm === false) await opened.context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  await use(opened.context);
  await opened.close();
};

const firefox = async (visitor: Visitor, { playwright, launch, context }: Ask) => {
  const browser = await playwright.firefox.launch({ ...launch, firefoxUserPrefs: known(firefoxPreferences(visitor)) });
  return { context: await browser.newContext(context), close: () => browser.close() };
};

const chromium = async (visitor: Visitor, { playwright, launch, context: options }: Ask) => {
  const preferences = chromiumPreferences(visitor);
  const wanted = { ...options, ...chromiumContext(visitor) };
  if (!isSet(preferences)) {
    const browser = await playwright.chromium.launch(launch);
    return { context: await browser.newContext(wanted), close: () => browser.close() };
  }
  const profile = mkdtempSync(join(tmpdir(), "stoa-visitor-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(preferences));
  const context = await playwright.chromium.launchPersistentContext(profile, { ...launch, ...wanted });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
};
