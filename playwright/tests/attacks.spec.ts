// Attacks like ACIDRain on the whole shop: valid requests at the same moment. The table is in docs/attacks.md; attacks on a single
// service are in its own tests.
import type { APIRequestContext, APIResponse, PlaywrightWorkerArgs } from "@playwright/test";
import { expect, parts, test } from "./shop";

const SKU = "clessidra-timer-oak";
const OTHER = "scatola-jar-sand";

const json = { "content-type": "application/json" };

/** Calls a part's own API. */
const call = async (part: string, path: string, method = "GET", body?: unknown) => {
  const answer = await fetch(parts()[part].url + path, { method, headers: json, body: body === undefined ? undefined : JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
};

const stock = async (sku: string) => (await call("inventory", `/stock/${sku}`)).body as { on_hand: number; reserved: number };

/** Sets how many of a SKU can be bought, in addition to those that are reserved. */
const setAvailable = (sku: string, available: number) =>
  expect.poll(async () => {
    const { reserved } = await stock(sku);
    return (await call("inventory", `/stock/${sku}`, "PUT", { sku, on_hand: reserved + available })).status;
  }).toBe(200);

/** How many units of a SKU were shipped for an order. */
const shipped = async (order: string, sku: string) => {
  const { body } = await call("inventory", `/movements?order=${order}&sku=${sku}`);
  const units = body.items.filter((item: { kind: string }) => item.kind === "shipped");
  return units.reduce((sum: number, item: { quantity: number }) => sum + item.quantity, 0);
};

/** The captured amounts of an order in cents, once it is completed. */
const charged = async (order: string) => {
  await expect.poll(async () => (await call("orders", `/orders/${order}`)).body.status).toBe("completed");
  const { body } = await call("payments", `/payments?order=${order}`);
  return body.items.map((payment: { captured: { minor: number } }) => payment.captured.minor);
};

type Quoted = { quote: { token: string; total: { minor: number } }; idempotency_key: string };

/** A shopper with a cart of their own. */
class Shopper {
  constructor(private request: APIRequestContext) {}

  static async enter(playwright: PlaywrightWorkerArgs["playwright"], baseURL: string) {
    return new Shopper(await playwright.request.newContext({ baseURL }));
  }

  async add(sku: string, quantity = 1) {
    const answer = await this.request.post("/checkout/api/cart/lines", { headers: json, data: { sku, quantity } });
    expect(answer.status()).toBe(200);
  }

  set = (sku: string, quantity: number) =>
    this.request.put("/checkout/api/cart/lines", { headers: json, data: { sku, quantity } });

  async cart() {
    const { lines } = await (await this.request.get("/checkout/api/cart")).json();
    return lines.map((line: { sku: string; quantity: number }) => [line.sku, line.quantity]);
  }

  quoted = async (): Promise<Quoted> =>
    (await this.request.get("/checkout/api/checkout?country=DE&shipping=standard")).json();

  place({ quote, idempotency_key }: Quoted) {
    const form = {
      email: "buyer@example.org", name: "A. Buyer", line1: "Lindenweg 4", line2: "", city: "Berlin", postal_code: "10115",
      country: "DE", shipping: "standard", shop: "", payment: "test", card_number: "4242424242424242", card_expiry: "12/49",
      card_cvc: "123", quote: quote.token,
    };
    const headers = { ...json, "idempotency-key": idempotency_key };
    return this.request.post("/checkout/api/orders", { headers, data: form });
  }

  async leave() {
    await this.request.dispose();
  }
}

/** The ids of the orders placed. All other answers must be problems of these types. */
const orders = async (answers: APIResponse[], reasons: string[] = []) => {
  const ids = new Set<string>();
  for (const answer of answers) {
    const body = await answer.json();
    if (answer.ok()) ids.add(body.id);
    else expect(reasons, JSON.stringify(body)).toContain(body.type);
  }
  return [...ids];
};

const before: Record<string, number> = {};

test.beforeAll(async () => {
  for (const sku of [SKU, OTHER]) before[sku] = (await stock(sku)).on_hand;
});

test.afterAll(async () => {
  for (const sku of [SKU, OTHER]) await setAvailable(sku, before[sku]);
});

test("the last unit is sold once", async ({ playwright, baseURL }) => {
  test.setTimeout(60_000);
  await setAvailable(SKU, 1);
  const shoppers = await Promise.all(Array.from({ length: 10 }, () => Shopper.enter(playwright, baseURL!)));
  await Promise.all(shoppers.map((shopper) => shopper.add(SKU)));
  const pages = await Promise.all(shoppers.map((shopper) => shopper.quoted()));
  const answers = await Promise.all(shoppers.map((shopper, index) => shopper.place(pages[index])));
  const [order, ...others] = await orders(answers, ["urn:problem:out-of-stock"]);
  expect(others).toEqual([]);
  expect(await charged(order)).toEqual([pages[0].quote.total.minor]);
  expect(await shipped(order, SKU)).toBe(1);
  // The others still have their carts.
  const carts = await Promise.all(shoppers.map((shopper) => shopper.cart()));
  expect(carts.filter((cart) => cart.length === 1)).toHaveLength(9);
  await Promise.all(shoppers.map((shopper) => shopper.leave()));
});

test("a double click is one order and one charge", async ({ playwright, baseURL }) => {
  await setAvailable(SKU, 10);
  const shopper = await Shopper.enter(playwright, baseURL!);
  await shopper.add(SKU, 2);
  const [page, secondPage] = [await shopper.quoted(), await shopper.quoted()];
  const clicks = await Promise.all(Array.from({ length: 5 }, () => shopper.place(page)));
  const [order, ...others] = await orders([...clicks, await shopper.place(page)]);
  expect(others).toEqual([]);
  expect(await charged(order)).toEqual([page.quote.total.minor]);
  expect(await shipped(order, SKU)).toBe(2);
  expect(await shopper.cart()).toEqual([]);
  // A second page that was open cannot order the same again: the problem names the order.
  const again = await shopper.place(secondPage);
  expect(await orders([again], ["urn:problem:cart-ordered"])).toEqual([]);
  expect((await again.json()).order).toBe(order);
  await shopper.leave();
});

test("items added while paying are neither charged nor lost", async ({ playwright, baseURL }) => {
  test.setTimeout(60_000);
  await setAvailable(SKU, 100);
  await setAvailable(OTHER, 100);
  for (let round = 0; round < 5; round += 1) {
    const shopper = await Shopper.enter(playwright, baseURL!);
    await shopper.add(SKU);
    const page = await shopper.quoted();
    const [answer] = await Promise.all([
      shopper.place(page),
      ...Array.from({ length: 4 }, () => shopper.add(OTHER)),
      shopper.add(SKU),
    ]);
    const [order] = await orders([answer], ["urn:problem:total-changed"]);
    if (order) {
      expect(await charged(order)).toEqual([page.quote.total.minor]);
      expect(await shipped(order, OTHER)).toBe(0);
    }
    const bought = order ? 1 : 0;
    await expect.poll(async () => Object.fromEntries(await shopper.cart())).toEqual({ [SKU]: 2 - bought, [OTHER]: 4 });
    await shopper.leave();
  }
});

test("a quantity that changes while paying changes no order", async ({ playwright, baseURL }) => {
  test.setTimeout(60_000);
  await setAvailable(SKU, 100);
  for (let round = 0; round < 5; round += 1) {
    const shopper = await Shopper.enter(playwright, baseURL!);
    await shopper.add(SKU);
    const page = await shopper.quoted();
    const [answer] = await Promise.all([shopper.place(page), shopper.set(SKU, 3), shopper.set(SKU, 7)]);
    const [order] = await orders([answer], ["urn:problem:total-changed"]);
    if (order) {
      expect(await charged(order)).toEqual([page.quote.total.minor]);
      expect(await shipped(order, SKU)).toBe(1);
    }
    await shopper.leave();
  }
});

test("a price that changes while paying changes no charge", async ({ playwright, baseURL }) => {
  test.setTimeout(60_000);
  await setAvailable(SKU, 100);
  const { price } = (await call("pricing", `/prices?sku=${SKU}&currency=EUR`)).body.items[0];
  const cost = (minor: number) => call("pricing", `/prices/${SKU}`, "PUT", { sku: SKU, price: { ...price, minor } });
  try {
    for (let round = 1; round <= 5; round += 1) {
      const shopper = await Shopper.enter(playwright, baseURL!);
      await shopper.add(SKU);
      const page = await shopper.quoted();
      const [answer, ...changes] = await Promise.all([
        shopper.place(page), cost(price.minor + round), cost(price.minor + 1000 * round),
      ]);
      expect(changes.map(({ status }) => status)).toEqual([200, 200]);
      const [order] = await orders([answer]);
      expect(await charged(order)).toEqual([page.quote.total.minor]);
      await shopper.leave();
    }
  } finally {
    expect((await cost(price.minor)).status).toBe(200);
  }
});
