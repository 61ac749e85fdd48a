import { expect, hang, kill, parts, restart, test, resume } from "./shop";

test.describe.configure({ mode: "serial" });

const pages = { explore: "/", category: "/category/vases", product: "/product/onda-vase", cart: "/cart" };

/** The pages that fail without a part. Without any other part, all of them are shown: its last answers are used again. */
const needs: Record<string, (keyof typeof pages)[]> = {
  "explore-frontend": ["explore", "category"],
  "explore-bff": ["explore", "category"],
  "product-frontend": ["product"],
  "product-bff": ["product"],
  "checkout-frontend": ["cart"],
  "checkout-bff": ["cart"],
  cart: ["cart"],
};

/** All parts except the shell and the double of Stripe. */
const killed = Object.entries(parts()).filter(([name, part]) => part.replicas && !["shell", "stripe-double"].includes(name));

for (const [part] of killed) {
  const lost = needs[part] ?? [];
  test(`the shop without ${part}`, async ({ page, expected }) => {
    expected(/50[34]/);
    // The cart service is only called for a shopper who has a cart.
    await page.request.post("/cart/lines", { form: { sku: "sera-mug-ink", quantity: "1" } });
    // With two replicas, each has its own cache.
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
    // An open circuit tries again after a second.
    for (const path of Object.values(pages)) await expect.poll(async () => (await page.goto(path))!.status(), path).toBe(200);
  });
}

test("pages that are not cached fail without catalog", async ({ page, expected }) => {
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

test("fragments of a stopped BFF are replaced by their fallbacks", async ({ page }) => {
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

test("a hanging BFF does not delay the rest of the page", async ({ page }) => {
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
    await resume("checkout-bff");
  }
  await page.goto("/product/onda-vase");
  await expect(page.getByRole("button", { name: "Add to cart" })).toBeVisible();
});
