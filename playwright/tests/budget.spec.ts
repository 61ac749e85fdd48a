// The size of a page before the first interaction. Pictures that load lazily do not count, because no one waits for them.
import { get } from "node:http";
import { open } from "./journey";
import { hydrate, expect, test } from "./shop";

const KB = 1024;

/** Bytes on the wire in brotli, which Chromium asks for only where there is TLS. */
const inBrotli = (url: URL) =>
  new Promise<number>((resolve, reject) => {
    get(url, { headers: { "accept-encoding": "br" } }, (answer) => {
      expect(answer.headers["content-encoding"], url.href).toBe("br");
      let size = 0;
      answer.on("data", (piece: Buffer) => (size += piece.length));
      answer.on("end", () => resolve(size));
    }).on("error", reject);
  });

for (const name of ["home", "category", "product"] as const) {
  test(`${name} is light`, async ({ page }) => {
    const answers: { url: string; type: string; size: number }[] = [];
    page.on("requestfinished", async (request) => {
      const { responseBodySize: size } = await request.sizes();
      answers.push({ url: request.url(), type: request.resourceType(), size });
    });
    await page.goto(open[name], { waitUntil: "networkidle" });
    const late = await page.evaluate(() => [...document.images].filter(({ loading }) => loading === "lazy").map(({ currentSrc }) => currentSrc));
    const first = answers.filter(({ url }) => !late.includes(url));
    const of = (type: string) => answers.filter((answer) => answer.type === type);
    const sum = (type: string) => of(type).reduce((total, { size }) => total + size, 0);
    expect(first.length, first.map(({ url }) => url).join("\n")).toBeLessThanOrEqual(14);
    expect(sum("script"), "JavaScript").toBeLessThanOrEqual(3 * KB);
    expect(answers.filter(({ url }) => url.endsWith(".wasm"))).toEqual([]);
    expect(sum("document") + sum("stylesheet"), "HTML and CSS, compressed").toBeLessThanOrEqual(14 * KB);
  });
}

test("thumbnails load lazily", async ({ page }) => {
  await page.goto(open.product);
  const sources = (selector: string) => page.locator(selector).evaluateAll((images: HTMLImageElement[]) => images.map(({ currentSrc }) => currentSrc));
  const small = page.locator(".gallery ol img");
  expect(await small.count()).toBeGreaterThan(1);
  for (const picture of await small.all()) await expect(picture).toHaveAttribute("loading", "lazy");
  // A large picture that is loaded already is reused, and none is fetched for a thumbnail.
  const large = await sources(".gallery .strip img");
  await expect.poll(async () => (await sources(".gallery ol img")).filter((source) => !large.includes(source) && !/-320\.\w+$/.test(source))).toEqual([]);
});

test("the islands of the product page are light, and load after the first interaction", async ({ page, baseURL }) => {
  const loaded = new Set<string>();
  page.on("request", (one) => {
    const { pathname } = new URL(one.url());
    if (/islands(_bg)?\.(js|wasm)$/.test(pathname)) loaded.add(pathname);
  });
  await page.goto(open.product, { waitUntil: "networkidle" });
  expect([...loaded]).toEqual([]);
  await hydrate(page, "product");
  await hydrate(page, "checkout");
  expect(loaded.size, "JavaScript and WebAssembly of two frontends").toBe(4);
  let both = 0;
  for (const frontend of ["product", "checkout"]) {
    const files = [...loaded].filter((path) => path.startsWith(`/${frontend}/`));
    const sizes = await Promise.all(files.map((path) => inBrotli(new URL(path, baseURL))));
    const bundle = sizes.reduce((sum, size) => sum + size, 0);
    expect(bundle, frontend).toBeGreaterThan(30 * KB);
    expect(bundle, frontend).toBeLessThanOrEqual(60 * KB);
    both += bundle;
  }
  expect(both).toBeLessThanOrEqual(130 * KB);
});
