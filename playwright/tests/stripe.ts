// The double of Stripe: its payment page, and its API for tests.
import { card, expect, parts, type Page } from "./shop";

const url = () => parts()["stripe-double"].url!;

/** Sets its behaviour from now on; without arguments, back to normal. */
export const setBehaviour = async (behaviour: { answers?: string; webhooks?: string } = {}) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url()}/double/behaviour`, { method: "PUT", headers, body: JSON.stringify(behaviour) });
  expect(answer.status).toBe(200);
};

const session = (page: Page) => new URL(page.url()).pathname.split("/").pop()!;

/** Lets the payment page expire. */
export const expire = async (page: Page) => {
  const answer = await fetch(`${url()}/double/sessions/${session(page)}/lapse`, { method: "POST" });
  expect(answer.status).toBe(200);
};

/** The amounts that Stripe has captured or authorised for an order, in cents. */
export const charges = async (order: string) => {
  const answer = await (await fetch(`${url()}/double/charges`)).json();
  const all: { status: string; amount_received: number; metadata: { order?: string } }[] = answer.charges ?? answer;
  const ours = all.filter(({ status, metadata }) => order.endsWith(metadata.order!) && status !== "canceled");
  return ours.filter(({ status }) => ["requires_capture", "succeeded"].includes(status)).map((charge) => charge.amount_received);
};

/** Expects a payment page that is open. */
export const expectOpen = async (page: Page) => {
  await expect(page).toHaveURL(/\/c\/pay\/cs_/);
  await expect(page.getByRole("button", { name: "Pay" })).toBeVisible();
};

/** Enters a card and submits the payment page, which may have expired. */
export const submit = async (page: Page, number = card.good) => {
  await page.locator("[name=number]").fill(number);
  await page.locator("[name=expiry]").fill("12/34");
  await page.locator("[name=cvc]").fill("123");
  await page.getByRole("button", { name: "Pay" }).click();
};

/** Pays on an open payment page. */
export const pay = async (page: Page, number = card.good) => {
  await expectOpen(page);
  await submit(page, number);
};
