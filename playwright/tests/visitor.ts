// Browsers with unusual settings. One description for both Chromium and Firefox.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, BrowserContextOptions, LaunchOptions, PlaywrightWorkerArgs } from "@playwright/test";

/** The settings of a browser; those that are missing have their defaults. */
export type Visitor = {
  /** JavaScript is off. In Firefox only mouse and keyboard work then: use a `Hand`. */
  scripts?: false;
  /** JavaScript without WebAssembly, as in Lockdown Mode. */
  wasm?: false;
  /** All cookies are blocked. */
  cookies?: false;
  /** High contrast: the system's colours instead of the page's. */
  forcedColors?: true;
  reducedMotion?: true;
  /** Size of normal text in pixels; the default is 16. */
  fontSize?: number;
};

const hasValues = (settings: object) => Object.values(settings).some((value) => value !== undefined);
const valueIf = <Value>(condition: boolean | undefined, value: Value) => (condition ? value : undefined);

/** Chromium's settings per context. */
const chromiumContext = (visitor: Visitor): BrowserContextOptions => ({
  javaScriptEnabled: visitor.scripts,
  forcedColors: valueIf(visitor.forcedColors, "active"),
  reducedMotion: valueIf(visitor.reducedMotion, "reduce"),
});

/** Chromium's settings in its profile: https://chromium.googlesource.com/chromium/src/+/main/chrome/common/pref_names.h */
const chromiumPreferences = ({ cookies, fontSize }: Visitor) => ({
  profile: valueIf(cookies === false, { default_content_setting_values: { cookies: 2 } }),
  webkit: valueIf(!!fontSize, { webprefs: { default_font_size: fontSize } }),
});

/** https://searchfox.org/mozilla-central/source/modules/libpref/init/StaticPrefList.yaml */
const firefoxPreferences = ({ scripts, cookies, forcedColors, reducedMotion, fontSize }: Visitor) => ({
  "javascript.enabled": scripts,
  "network.cookie.cookieBehavior": valueIf(cookies === false, 2),
  "browser.display.document_color_use": valueIf(forcedColors, 2),
  "ui.prefersReducedMotion": valueIf(reducedMotion, 1),
  "font.size.variable.x-western": fontSize,
});

const withoutUndefined = (settings: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Record<string, string | number | boolean>;

type Launch = { playwright: PlaywrightWorkerArgs["playwright"]; browserName: string; launch: LaunchOptions; context: BrowserContextOptions };

/** Opens a browser with these settings, until `use` is done. */
export const visit = async (visitor: Visitor, request: Launch, use: (context: BrowserContext) => Promise<void>) => {
  const opened = request.browserName === "firefox" ? await firefox(visitor, request) : await chromium(visitor, request);
  if (visitor.wasm === false) await opened.context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  await use(opened.context);
  await opened.close();
};

const firefox = async (visitor: Visitor, { playwright, launch, context }: Launch) => {
  const browser = await playwright.firefox.launch({ ...launch, firefoxUserPrefs: withoutUndefined(firefoxPreferences(visitor)) });
  return { context: await browser.newContext(context), close: () => browser.close() };
};

const chromium = async (visitor: Visitor, { playwright, launch, context: options }: Launch) => {
  const preferences = chromiumPreferences(visitor);
  const settings = { ...options, ...chromiumContext(visitor) };
  if (!hasValues(preferences)) {
    const browser = await playwright.chromium.launch(launch);
    return { context: await browser.newContext(settings), close: () => browser.close() };
  }
  const profile = mkdtempSync(join(tmpdir(), "stoa-visitor-"));
  mkdirSync(join(profile, "Default"));
  writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(preferences));
  const context = await playwright.chromium.launchPersistentContext(profile, { ...launch, ...settings });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
};
