import { expect, hang, kill, parts, restart, test, wake } from "./shop";

test.describe.configure({ mode: "serial" });

const pages = { explore: "/", category: "/category/vases", product: "/product/onda-vase", cart: "/cart" };

/** Who dies, and whose pages cannot do without it. */
const needs: Record<string, (keyof typeof pages)[]> = {
  "explore-frontend": ["explore", "category"],
  "explore-bff": ["explore", "category"],
  "product-frontend": ["product"],
  "product-bff": ["product"],
  "checkout-frontend": ["cart"],
  "checkout-bff": ["cart"],
  // What it said last is used again.
  catalog: [],
  pricing: [],
  inventory: [],
  cart: ["cart"],
  orders: [],
  payments: [],
};

for (const [part, lost] of Object.entries(needs)) {
  test(`the shop without ${part}`, async ({ page, expected }) => {
    expected(/50[34]/);
    // Who has no cart needs no cart service.
    await page.request.post("/cart/lines", { form: { sku: "sera-mug-ink", quantity: "1" } });
    // Of two replicas, each remembers for itself.
    for (let visit = 0; visit < 4; visit++) for (const path of Object.values(pages)) await page.request.get(path);
    await kill(part);
    try {
      for (const [name, path] of Object.entries(pages)) {
        const answer = await page.goto(path);
        const isLost = lost.includes(name as keyof typeof pages);
        if (isLost) expect(answer!.status(), path).toBeGreaterThanOrEqual(500);
        else expect(answer!.status(), path).toBe(200);
        await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
      }
    } finally {
      await restart(part);
    }
    // A circuit that has opened tries again after a second.
    for (const path of Object.values(pages)) await expect.poll(async () => (await page.goto(path))!.status(), path).toBe(200);
  });
}

test("what catalog never said cannot be shown without it", async ({ page, expected }) => {
  expected(/503/);
  await kill("catalog");
  try {
    const answer = await page.goto(`/search?q=${crypto.randomUUID()}`);
    expect(answer!.status()).toBe(503);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  } finally {
    await restart("catalog");
  }
});

test("a stopped BFF leaves a fallback in its place", async ({ page }) => {
  await kill("checkout-bff");
  try {
    expect((await page.goto("/product/onda-vase"))!.status()).toBe(200);
    await expect(page.getByRole("button", { name: "Add to cart" })).toHaveCount(0);
    await expect(page.getByText(/cannot be ordered|try again/i).first()).toBeVisible();
    await expect(page.getByRole("link", { name: /cart/i }).first()).toBeVisible();
  } finally {
    await restart("checkout-bff");
  }
});

test("a hung BFF does not hold up the rest", async ({ page }) => {
  hang("checkout-bff");
  try {
    const begun = Date.now();
    const answer = await fetch(`${parts().shell.url}/product/onda-vase`);
    expect(answer.status).toBe(200);
    const reader = answer.body!.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    expect(first, "the head comes at once").toContain("<title>");
    expect(first).not.toContain("</html>");
    let rest = "";
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) rest += new TextDecoder().decode(chunk.value);
    expect(rest).toContain("</html>");
    expect(Date.now() - begun, "bounded by the fragments' deadline, generously").toBeLessThan(3000);
    await page.goto("/product/onda-vase");
    await expect(page.getByText(/cannot be ordered|try again/i).first()).toBeVisible();
  } finally {
    await wake("checkout-bff");
  }
  await page.goto("/product/onda-vase");
  await expect(page.getByRole("button", { name: "Add to cart" })).toBeVisible();
});
