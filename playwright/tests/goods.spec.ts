// Merchants' products: three files in Shopify's export format are imported with the documented script, shown on their pages, and
// deleted again.
import { execFileSync } from "node:child_process";
import { remove } from "./goods";
import { expect, parts, test } from "./shop";

const FILES = ["apparel", "jewellery", "home-and-garden"].map((name) => `../docs/samples/${name}.csv`);

type Product = {
  slug: string; name: string; status: string; category: string; description: string;
  variants: { sku: string }[];
};

const url = (part: string) => parts()[part].url!;

async function all(status: string): Promise<Product[]> {
  const found: Product[] = [];
  for (let after = ""; ; ) {
    const page = await (await fetch(`${url("catalog")}/products?limit=100&status=${status}${after}`)).json();
    found.push(...page.items);
    if (!page.next) return found;
    after = `&after=${page.next}`;
  }
}

const encoded = encodeURIComponent;

test("three product files are imported, shown and deleted", async ({ page, request, expected }) => {
  test.setTimeout(300_000);
  // Drafts have no page, and some products have no pictures.
  expected(/404/);
  const before = new Set((await all("any")).map(({ slug }) => slug));
  const categories = new Set((await (await fetch(`${url("catalog")}/categories`)).json()).items.map((item: { slug: string }) => item.slug));
  const env = {
    ...process.env,
    STOA_CATALOG_URL: url("catalog"), STOA_PRICING_URL: url("pricing"), STOA_INVENTORY_URL: url("inventory"),
  };
  execFileSync("python3", ["../docs/import-products.py", ...FILES], { env, stdio: "pipe" });
  const goods = (await all("any")).filter(({ slug }) => !before.has(slug));
  try {
    expect(goods).toHaveLength(60);
    for (const { slug, name, status, description } of goods) {
      const answer = await page.goto(`/product/${slug}`);
      expect(answer!.status(), slug).toBe(status === "active" ? 200 : 404);
      if (status !== "active") continue;
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
      // Text without markup.
      const words = await page.locator("main").innerText();
      expect(words, slug).not.toMatch(/<\/?[a-z]|&(amp|lt|nbsp);|alert\(1\)|not available right now/);
      for (const line of description.split("\n")) expect(words.replace(/\s+/g, " "), slug).toContain(line.trim());
      await expect(page.getByRole("button", { name: /Add to/ }), slug).toBeVisible();
    }
    // Names and SKUs with umlauts or slashes can be searched and bought.
    for (const [q, name] of [["apfel", "Äpfel auf dem Dachboden"], ["oeuvre", "Dot studs"], ["regenmantel", "Regenmantel"], ["g/alba/oat", "Alba bowl"]]) {
      await page.goto(`/search?q=${encoded(q)}`);
      await expect(page.getByRole("link", { name }).first(), q).toBeVisible();
    }
    for (const sku of ["g/alba/oat", "50%?#", "Größe 38", "12.345.67-52-MAT"]) {
      await request.post("/cart/lines", { form: { sku, quantity: "1" } });
      const { lines } = await (await request.get("/checkout/api/cart")).json();
      expect(lines.find((line: { sku: string }) => line.sku === sku), sku).toMatchObject({ available: true, discontinued: false });
    }
    const archived = { headers: { "content-type": "application/json" }, method: "PUT", body: JSON.stringify({ status: "archived" }) };
    expect((await fetch(`${url("catalog")}/products/bowl-alba/status`, archived)).status).toBe(200);
    await expect.poll(async () => {
      const { lines } = await (await request.get("/checkout/api/cart")).json();
      return lines.find((line: { sku: string }) => line.sku === "g/alba/oat");
    }).toMatchObject({ discontinued: true, name: "Alba bowl", slug: null });
  } finally {
    for (const { slug, variants } of goods) {
      await remove("catalog", `/products/${slug}`);
      for (const { sku } of variants) {
        await remove("pricing", `/prices/${encoded(sku)}`);
        await remove("inventory", `/stock/${encoded(sku)}`);
      }
    }
    for (const category of new Set(goods.map(({ category }) => category))) {
      if (!categories.has(category)) await remove("catalog", `/categories/${category}`);
    }
  }
  expect((await all("any")).filter(({ slug }) => !before.has(slug))).toHaveLength(0);
});
