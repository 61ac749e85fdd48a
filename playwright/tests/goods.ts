// Products of other merchants, created through the services' own APIs. They stay in the shop, so specs that use them run last.
import { expect, parts } from "./shop";

const put = async (part: string, path: string, body: unknown) => {
  const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(parts()[part].url + path, init);
  expect(answer.ok, `PUT ${path}: ${await answer.text()}`).toBe(true);
};

/** Deletes a resource. */
export const remove = async (part: string, path: string) => {
  const answer = await fetch(parts()[part].url + path, { method: "DELETE" });
  expect(answer.status, `DELETE ${path}: ${await answer.text()}`).toBe(204);
};

/** Sets how many of a SKU can be bought, in addition to those that are reserved. */
export const setAvailable = (sku: string, available: number) =>
  expect.poll(async () => {
    const stock = `${parts().inventory.url}/stock/${sku}`;
    const { reserved } = await (await fetch(stock)).json();
    const init = { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ sku, on_hand: reserved + available }) };
    return (await fetch(stock, init)).status;
  }).toBe(200);

/** A word of sixty letters that cannot be broken. */
export const WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz".slice(0, 60);
const WORDS = `${WORD} ${WORD}`.slice(0, 120);

export const category = (slug: string, name = `Shelf ${slug}`, position = 50) =>
  put("catalog", `/categories/${slug}`, { slug, name, summary: name, position, picture: null });

type Variant = { sku: string; label: string; stock?: number; compareAt?: number };

/** Creates a product with these variants and their stock. */
export const product = async (slug: string, name: string, variants: Variant[], more: object = {}) => {
  await put("catalog", `/products/${slug}`, {
    slug, name, summary: name, description: name, category: "vases", vendor: name, pictures: [],
    options: [{ name: "Kind", values: variants.map(({ label }) => label) }],
    variants: variants.map(({ sku, label }) => ({ sku, label, options: { Kind: label }, picture: null })),
    details: [{ name, value: name }], related: ["onda-vase"],
    ...more,
  });
  for (const { sku, stock = 9, compareAt } of variants) {
    const compare_at = compareAt ? { minor: compareAt, currency: "EUR" } : null;
    await put("pricing", `/prices/${sku}`, { sku, price: { minor: 123_456_00, currency: "EUR" }, compare_at });
    await put("inventory", `/stock/${sku}`, { sku, on_hand: stock });
  }
};

/** Creates a category, a product, a shop and a story with the longest possible texts. */
export const longWords = async () => {
  await category("long-words", WORDS);
  const variants = ["long-one", "long-two"].map((sku, index) => ({ sku, label: `${index} ${WORDS}`.slice(0, 120) }));
  await product("long-words", WORDS, variants, { category: "long-words" });
  await put("catalog", "/shops/long-words", {
    slug: "long-words", name: WORDS, note: WORDS, latitude: 0, longitude: 0, position: 99,
    address: { line1: WORDS, postal_code: WORD, city: WORDS, country: "DE" },
    hours: [{ days: WORDS, hours: WORDS }],
  });
  await put("catalog", "/stories/long-words", {
    slug: "long-words", title: WORDS, text: WORDS, picture: null, alt: "", link: { label: WORDS, href: "/category/long-words" }, position: 99,
  });
};
