// The double of Stripe: its page, as shoppers use it, and its door for tests.
import { card, expect, parts, type Page } from "./shop";

const url = () => parts()["stripe-double"].url!;

/** How it behaves from now on; nothing said is normal. */
export const behave = async (behaviour: { answers?: string; webhooks?: string } = {}) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url()}/double/behaviour`, { method: "PUT", headers, body: JSON.stringify(behaviour) });
  expect(answer.status).toBe(200);
};

const session = (page: Page) => new URL(page.url()).pathname.split("/").pop()!;

/** The page's time is over. */
export const lapse = async (page: Page) => {
  const answer = await fetch(`${url()}/double/sessions/${session(page)}/lapse`, { method: "POST" });
  expect(answer.status).toBe(200);
};

/** What Stripe has taken or holds for an order, in cents. */
export const charges = async (order: string) => {
  const answer = await (await fetch(`${url()}/double/charges`)).json();
  const all: { status: string; amount_received: number; metadata: { order?: string } }[] = answer.charges ?? answer;
  const ours = all.filter(({ status, metadata }) => order.endsWith(metadata.order!) && status !== "canceled");
  return ours.filter(({ status }) => ["requires_capture", "succeeded"].includes(status)).map((charge) => charge.amount_received);
};

/** Whether this is a page to pay on. */
export const isOpen = async (page: Page) => {
  await expect(page).toHaveURL(/\/c\/pay\/cs_/);
  await expect(page.getByRole("button", { name: "Pay" })).toBeVisible();
};

/** Types a card, and pays; whether the page is still one to pay on, it tells then. */
export const submit = async (page: Page, number = card.good) => {
  await page.locator("[name=number]").fill(number);
  await page.locator("[name=expiry]").fill("12/34");
  await page.locator("[name=cvc]").fill("123");
  await page.getByRole("button", { name: "Pay" }).click();
};

/** Pays on a page that is open. */
export const pay = async (page: Page, number = card.good) => {
  await isOpen(page);
  await submit(page, number);
};
