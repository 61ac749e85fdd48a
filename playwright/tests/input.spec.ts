// Invalid input gets a 4xx with a reason at every public endpoint.
import { expect, test } from "./shop";

const json = { "content-type": "application/json" };

test("the API rejects invalid lines", async ({ request }) => {
  const add = (body: string) => request.post("/checkout/api/cart/lines", { headers: json, data: Buffer.from(body) });
  const line = (sku: unknown, quantity: unknown) => JSON.stringify({ sku, quantity });
  for (const quantity of [0, -1, 1_000_000_000, 1.5, "many", null]) {
    const answer = await add(line("onda-vase-sand", quantity));
    expect(answer.status(), String(quantity)).toBe(422);
    expect((await answer.json()).errors[0].pointer).toBe("#/quantity");
  }
  for (const sku of ["no-such-thing", "", "' or 1=1 --", "<b>", "ä", 7, "a\u0000b", "x".repeat(10_000)]) {
    const answer = await add(line(sku, 1));
    expect(answer.status(), String(sku)).toBe(422);
    expect((await answer.json()).errors[0].pointer, String(sku)).toBe("#/sku");
  }
  expect((await add("{")).status()).toBe(400);
  expect((await add(JSON.stringify({ sku: "x".repeat(600_000), quantity: 1 }))).status()).toBe(413);
});

test("forms reject invalid lines", async ({ request }) => {
  const post = (path: string, form: Record<string, string>) => request.post(path, { form, maxRedirects: 0 });
  for (const quantity of ["0", "-1", "1000000000", "many", ""]) {
    const status = (await post("/cart/lines", { sku: "onda-vase-sand", quantity })).status();
    expect(status, quantity).toBeGreaterThanOrEqual(400);
    expect(status, quantity).toBeLessThan(500);
  }
  expect((await post("/cart/lines", { sku: "no-such-thing", quantity: "1" })).status()).toBe(422);
  expect((await post("/checkout", { quote: "forged" })).status()).toBeLessThan(500);
});

test("a forged or expired cart is an empty cart", async ({ request }) => {
  for (const cart of ["00000000-0000-4000-8000-000000000000", "nonsense", "../../etc"]) {
    const answer = await request.get("/cart", { headers: { cookie: `cart=${cart}` } });
    expect(answer.status(), cart).toBe(200);
    expect(await answer.text()).toContain("Your cart is empty");
  }
});

test("a forged price is rejected", async ({ request }) => {
  await request.post("/checkout/api/cart/lines", { headers: json, data: JSON.stringify({ sku: "onda-vase-sand", quantity: 1 }) });
  const view = await (await request.get("/checkout/api/checkout?country=DE&shipping=standard")).json();
  const [head, body, signature] = view.quote.token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  claims.total.minor = 1;
  const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
  const order = {
    email: "a@example.org", name: "A", line1: "B 1", line2: "", city: "C", postal_code: "10115", country: "DE",
    shipping: "standard", payment: "test", card_number: "4242424242424242", card_expiry: "12/34", card_cvc: "123", quote: forged,
  };
  const answer = await request.post("/checkout/api/orders", { headers: { ...json, "idempotency-key": "forged-1" }, data: JSON.stringify(order) });
  expect(answer.status()).toBeGreaterThanOrEqual(400);
  expect(answer.status()).toBeLessThan(500);
});

test("unknown addresses are 404 pages in the shop's design", async ({ page, expected }) => {
  expected(/404/);
  for (const path of ["/nothing", "/product/no-such-thing", "/category/no-such-thing", "/orders/no-such-order", "/product/%3Cb%3E"]) {
    expect((await page.goto(path))!.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
    await expect(page.getByRole("link", { name: /shop|home|stoa/i }).first(), path).toBeVisible();
  }
});
