// Follows every link, picture, style sheet and script of the shop, without errors.
import { expect, test } from "./shop";

/** Far more than the shop has: detects a page that generates ever new addresses. */
const LIMIT = 2000;

const ADDRESS = /(?:href|src|data-islands)="([^"]*)"/g;
const SET = /srcset="([^"]*)"/g;

const addresses = (html: string) => {
  const plain = [...html.matchAll(ADDRESS)].map(([, address]) => address);
  const sets = [...html.matchAll(SET)].flatMap(([, set]) => set.split(",").map((one) => one.trim().split(" ")[0]));
  return [...plain, ...sets].map((address) => address.replaceAll("&amp;", "&"));
};

test("no address leads to an error", async ({ request, baseURL }) => {
  test.setTimeout(240_000);
  const seen = new Set(["/"]);
  const dead: string[] = [];
  for (const path of seen) {
    const answer = await request.get(path, { maxRedirects: 0 });
    if (answer.status() >= 400) dead.push(`${answer.status()} ${path}`);
    if (!answer.headers()["content-type"]?.startsWith("text/html")) continue;
    const html = await answer.text();
    expect(html, `${path} is whole`).not.toMatch(/<esi:/);
    for (const address of addresses(html)) {
      const url = new URL(address, new URL(path, baseURL));
      if (url.origin === new URL(baseURL!).origin) seen.add(url.pathname + url.search);
    }
    expect(seen.size).toBeLessThan(LIMIT);
  }
  expect(dead).toEqual([]);
  expect(seen.size, "the crawler found pages").toBeGreaterThan(50);
});
