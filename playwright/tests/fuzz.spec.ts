// Hostile input for each operation of every API and each form. There must be no 5xx, and the shop must still work afterwards.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { open, states } from "./journey";
import { expect, parts, test } from "./shop";

const HOSTILE: unknown[] = [
  "", " ", "\u0000", "a\u0000b", "../../etc/passwd", "..%2f..%2f", "' or 1=1; drop table products --", "%", "_%", "\\",
  "<script>alert(1)</script>", "<esi:include src=\"/\"/>", "𝕬\u202e\u0301\ufeff", "\ud800", "x".repeat(10_000), "\r\nset-cookie: a=b",
  "NaN", "1e999", "-0", "9223372036854775808", "00000000-0000-0000-0000-000000000000", "{{7*7}}", "${jndi:x}",
  0, -1, 1.5, 1e9, 1e308, -9223372036854775808, null, true, [], {}, [[[[]]]], { minor: -1, currency: "EUR" },
];

/** The maximum size of a body in bytes. */
const LIMIT = 256 * 1024;

type Operation = {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
};
type Api = { paths: Record<string, Record<string, Operation>> };

/** All copies of `value` in which one value is replaced by `bad`. */
function* corrupted(value: unknown, bad: unknown): Generator<unknown> {
  yield bad;
  if (value === null || typeof value !== "object") return;
  for (const key of Object.keys(value)) {
    const old = (value as Record<string, unknown>)[key];
    for (const corrupt of corrupted(old, bad)) {
      const copy = structuredClone(value) as Record<string, unknown>;
      copy[key] = corrupt;
      yield copy;
    }
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const encoded = (value: unknown) => encodeURIComponent(text(value).toWellFormed());

/** Invalid requests for an operation; a few may be valid by accident. */
function* requests(path: string, operation: Operation) {
  const names = (where: string) => (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  const filled = path.replace(/\{.*?\}/g, "fuzz-vase");
  // Not the demo products, which are still needed.
  const documented = operation.requestBody?.content["application/json"]?.example;
  const example = documented && JSON.parse(JSON.stringify(documented).replaceAll("onda-vase", "fuzz-vase"));
  for (const bad of HOSTILE) {
    if (names("path").length) yield { path: path.replace(/\{.*?\}/g, () => encoded(bad)), body: undefined };
    for (const { name } of names("query")) yield { path: `${filled}?${name}=${encoded(bad)}`, body: undefined };
    if (example !== undefined) {
      for (const body of corrupted(example, bad)) yield { path: filled, body: JSON.stringify(body) };
    }
  }
  for (const body of ["", "{", "[]", "null", "\u0000", "{".repeat(5000), `"${"x".repeat(3_000_000)}"`]) {
    if (operation.requestBody) yield { path: filled, body };
  }
}

/** Sends all requests, eight at a time, and returns the failures. */
const broken = async (base: string, method: string, all: Iterable<{ path: string; body?: string }>) => {
  const failures: string[] = [];
  let sent = 0;
  const queue = all[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const { path, body } = next.value;
      const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
      // Event feeds wait up to 30 seconds for the next event.
      const timeout = path.startsWith("/events") ? 40_000 : 10_000;
      const init = { method, headers, body: method === "GET" ? undefined : body };
      const answer = await fetch(base + path, { ...init, signal: AbortSignal.timeout(timeout) }).catch(String);
      const status = typeof answer === "string" ? answer : answer.status;
      if (typeof answer !== "string") await answer.arrayBuffer();
      // A server may close the connection when the body is too large: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14
      const hungUp = (body?.length ?? 0) > LIMIT && status === "TypeError: fetch failed";
      if (!hungUp && (typeof status === "string" || status >= 500)) failures.push(`${method} ${path} ${body?.slice(0, 200)}: ${status}`);
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return { failures, sent };
};

const apis = () => Object.entries(parts()).filter(([name, { url }]) => url && !/frontend|shell|xtask|double/.test(name));

test("no API fails", async () => {
  test.setTimeout(600_000);
  let total = 0;
  for (const [name, { url }] of apis()) {
    const api: Api = await (await fetch(`${url}/openapi.json`)).json();
    for (const [path, operations] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const { failures, sent } = await broken(url!, method.toUpperCase(), requests(path, operation));
        expect(failures, `${name}: ${method} ${path}`).toEqual([]);
        total += sent;
      }
    }
  }
  expect(total, "there was something to break").toBeGreaterThan(2000);
});

const FORMS: [string, string[]][] = [
  ["/cart/lines", ["sku", "quantity", "key"]],
  ["/cart/lines/change", ["sku", "quantity", "remove"]],
  ["/checkout", [
    "step", "key", "quote", "email", "name", "line1", "line2", "postal_code", "city", "country", "shipping",
    "shop", "payment", "card_number", "card_expiry", "card_cvc",
  ]],
];

test("no form fails", async ({ page }) => {
  test.setTimeout(300_000);
  for (const [path, fields] of FORMS) {
    for (const bad of HOSTILE) {
      for (const field of fields) {
        const form: Record<string, string> = { step: "place", key: crypto.randomUUID(), sku: "onda-vase-sand", quantity: "1" };
        form[field] = text(bad).toWellFormed();
        const answer = await page.request.post(path, { form, maxRedirects: 0 });
        expect(answer.status(), `${path} ${field}=${form[field].slice(0, 80)}`).toBeLessThan(500);
      }
    }
  }
});

test("no address fails", async ({ request }) => {
  test.setTimeout(120_000);
  for (const bad of HOSTILE) {
    for (const path of [`/product/${encoded(bad)}`, `/category/${encoded(bad)}`, `/orders/${encoded(bad)}`, `/${encoded(bad)}`,
      `/product/onda-vase?sku=${encoded(bad)}`, `/search?q=${encoded(bad)}`, `/category/vases?sort=${encoded(bad)}`,
      `/category/vases?after=${encoded(bad)}`, `/cart?removed=${encoded(bad)}&quantity=${encoded(bad)}`,
      `/explore/fragments/recommendations?for=${encoded(bad)}`, `/checkout/fragments/add-to-cart?sku=${encoded(bad)}`]) {
      const answer = await request.get(path, { maxRedirects: 0 });
      expect(answer.status(), path.slice(0, 120)).toBeLessThan(500);
    }
  }
});

test("the shop still works afterwards", async ({ page, expected }) => {
  // Invented pictures do not exist.
  expected(/404/);
  // Some of the input was accepted, for example as a name. It is shown as text.
  for (const path of Object.values(open)) expect((await page.goto(path))!.status(), path).toBe(200);
  await states.order(page);
});

test("no part panicked", () => {
  const logs = join(dirname(process.env.STOA_PARTS!), "logs");
  const names = Object.entries(parts()).flatMap(([name, { replicas }]) => replicas?.map((one) => one.name) ?? [name]);
  for (const name of names) {
    if (name !== "xtask") expect(readFileSync(join(logs, `${name}.log`), "utf8"), name).not.toContain("panicked at");
  }
});
