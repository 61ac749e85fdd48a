// Calls every operation once with Stripe's own client: node client.mjs <URL of the double> <key> <webhook secret>
// [--webhook-port <port>]

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { isProgram, stripe as material } from './material.mjs';

const GOOD = '4242424242424242';
const DECLINED = '4000000000000002';
const CHALLENGED = '4000002500003155';

const sessionParams = (order) => ({
  mode: 'payment',
  line_items: [
    { price_data: { currency: 'eur', unit_amount: 5290, product_data: { name: 'Onda vase' } }, quantity: 1 },
  ],
  success_url: 'http://shop.test/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://shop.test/back',
  client_reference_id: order,
  customer_email: 'ada@example.org',
  expires_at: Math.floor(Date.now() / 1000) + 3600,
  metadata: { order },
  payment_intent_data: { capture_method: 'manual', description: 'An order', metadata: { order } },
  submit_type: 'pay',
  locale: 'en',
});

/** Throws at the first failed assertion, or returns a summary. */
export async function checkClient(url, key, secret, port) {
  const Stripe = await material();
  const { protocol, hostname, port: its } = new URL(url);
  const settings = { protocol: protocol.slice(0, -1), host: hostname, port: Number(its || 80), maxNetworkRetries: 0 };
  const stripe = new Stripe(key, settings);
  const shopper = { pay: (session, number) => pay(url, session, number), answer: (session, answer) => say(url, session, answer) };
  const listener = port === undefined ? undefined : listen(stripe, secret, Number(port));
  try {
    await authentication(new Stripe('sk_test_other', settings), Stripe);
    await sessions(stripe, Stripe);
    await declines(stripe, shopper);
    await captures(stripe, Stripe, shopper);
    await cancellations(stripe, shopper);
    await refunds(stripe, Stripe, shopper);
    await rawCards(stripe, Stripe);
    await listener?.allReceived();
  } finally {
    listener?.close();
  }
  return `Stripe's own client works with the double${listener ? ', and verifies its webhooks' : ''}`;
}

async function authentication(unauthorized, Stripe) {
  await assert.rejects(unauthorized.refunds.list(), Stripe.errors.StripeAuthenticationError);
}

async function sessions(stripe, Stripe) {
  const order = randomUUID();
  const idempotencyKey = randomUUID();
  const created = await stripe.checkout.sessions.create(sessionParams(order), { idempotencyKey });
  const again = await stripe.checkout.sessions.create({ ...sessionParams(order), expires_at: created.expires_at }, { idempotencyKey });
  assert.equal(again.id, created.id);
  assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  assert.match(created.lastResponse.requestId, /^req_/);
  assert.deepEqual([created.status, created.amount_total, created.client_reference_id], ['open', 5290, order]);
  await assert.rejects(
    stripe.checkout.sessions.create(sessionParams('another'), { idempotencyKey }),
    Stripe.errors.StripeIdempotencyError,
  );
  const { StripeInvalidRequestError } = Stripe.errors;
  const refusals = [
    [{ ...sessionParams(order), colour: 'red' }, 'parameter_unknown', 'colour'],
    [{ ...sessionParams(order), success_url: 'nowhere' }, 'url_invalid', 'success_url'],
    [{ ...sessionParams(order), line_items: undefined }, 'parameter_missing', 'line_items'],
  ];
  for (const [params, code, param] of refusals) {
    const isRight = (error) => error instanceof StripeInvalidRequestError && error.code === code && error.param === param;
    await assert.rejects(stripe.checkout.sessions.create(params), isRight);
  }
  const found = await stripe.checkout.sessions.retrieve(created.id, { expand: ['payment_intent'] });
  assert.equal(found.payment_intent, null);
  const expired = await stripe.checkout.sessions.expire(created.id);
  assert.equal(expired.status, 'expired');
  await assert.rejects(stripe.checkout.sessions.expire(created.id), StripeInvalidRequestError);
  await assert.rejects(stripe.checkout.sessions.retrieve('cs_test_x'), { code: 'resource_missing', statusCode: 404 });
}

async function declines(stripe, shopper) {
  const session = await stripe.checkout.sessions.create(sessionParams(randomUUID()));
  assert.equal((await shopper.pay(session, DECLINED)).status, 402);
  assert.equal((await shopper.pay(session, CHALLENGED)).status, 200);
  assert.equal((await shopper.answer(session, 'fail')).status, 402);
  assert.equal((await shopper.pay(session, CHALLENGED)).status, 200);
  assert.equal((await shopper.answer(session, 'complete')).status, 303);
  const events = await stripe.events.list({ type: 'payment_intent.payment_failed', limit: 2 });
  const codes = events.data.map((event) => event.data.object.last_payment_error.code);
  assert.deepEqual(codes, ['payment_intent_authentication_failure', 'card_declined']);
  assert.equal((await stripe.events.retrieve(events.data[0].id)).id, events.data[0].id);
}

/** The intent of a new session that was paid. */
async function paid(stripe, shopper) {
  const session = await stripe.checkout.sessions.create(sessionParams(randomUUID()));
  const response = await shopper.pay(session, GOOD);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), `http://shop.test/done?session=${session.id}`);
  const found = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  assert.deepEqual([found.status, found.payment_status], ['complete', 'unpaid']);
  assert.equal(found.payment_intent.status, 'requires_capture');
  return found.payment_intent;
}

async function captures(stripe, Stripe, shopper) {
  const intent = await paid(stripe, shopper);
  const { StripeInvalidRequestError } = Stripe.errors;
  await assert.rejects(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 5291 }), StripeInvalidRequestError);
  const captured = await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 4000 });
  assert.deepEqual([captured.status, captured.amount_received], ['succeeded', 4000]);
  const unexpected = { code: 'payment_intent_unexpected_state' };
  await assert.rejects(stripe.paymentIntents.capture(intent.id), unexpected);
  await assert.rejects(stripe.paymentIntents.cancel(intent.id), unexpected);
}

async function cancellations(stripe, shopper) {
  const intent = await paid(stripe, shopper);
  const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' });
  assert.deepEqual([canceled.status, canceled.amount_capturable], ['canceled', 0]);
  assert.equal((await stripe.paymentIntents.retrieve(intent.id)).cancellation_reason, 'abandoned');
}

async function refunds(stripe, Stripe, shopper) {
  const intent = await paid(stripe, shopper);
  const { StripeInvalidRequestError } = Stripe.errors;
  await assert.rejects(stripe.refunds.create({ payment_intent: intent.id }), StripeInvalidRequestError);
  await stripe.paymentIntents.capture(intent.id);
  const amounts = [100, 200, 300, 400, 500];
  for (const amount of amounts) {
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount, metadata: { amount } });
    assert.deepEqual([refund.status, refund.amount], ['succeeded', amount]);
  }
  const listed = [];
  for await (const refund of stripe.refunds.list({ payment_intent: intent.id, limit: 2 })) listed.push(refund.amount);
  assert.deepEqual(listed, amounts.toReversed());
  await assert.rejects(stripe.refunds.create({ payment_intent: intent.id, amount: 3791 }), StripeInvalidRequestError);
  const rest = await stripe.refunds.create({ payment_intent: intent.id, reason: 'requested_by_customer' });
  assert.equal((await stripe.refunds.retrieve(rest.id)).amount, 3790);
  await assert.rejects(stripe.refunds.create({ payment_intent: intent.id }), { code: 'charge_already_refunded' });
}

async function rawCards(stripe, Stripe) {
  const card = { number: GOOD, exp_month: 12, exp_year: 2049, cvc: '123' };
  await assert.rejects(stripe.paymentMethods.create({ type: 'card', card }), Stripe.errors.StripeError);
}

function pay(url, session, number) {
  const fields = { email: 'ada@example.org', number, expiry: '12/49', cvc: '123' };
  return submit(url, session, fields);
}

const say = (url, session, answer) => submit(url, session, { answer });

function submit(url, session, fields) {
  const page = `${url.replace(/\/$/, '')}/c/pay/${session.id}`;
  return fetch(page, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

/** Hears the double's webhooks until each kind has come that was caused here. */
function listen(stripe, secret, port) {
  const missing = new Set([
    'checkout.session.completed', 'checkout.session.expired', 'payment_intent.created', 'payment_intent.requires_action',
    'payment_intent.payment_failed', 'payment_intent.amount_capturable_updated', 'payment_intent.succeeded',
    'payment_intent.canceled', 'refund.created', 'charge.refunded',
  ]);
  /** @type {() => void} */
  let done = () => {};
  /** @type {(error: Error) => void} */
  let failed = () => {};
  const all = /** @type {Promise<void>} */ (new Promise((resolve, reject) => { done = resolve; failed = reject; }));
  all.catch(() => {});
  const receive = async (request) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers['stripe-signature'], secret);
    missing.delete(event.type);
    if (missing.size === 0) done();
  };
  const server = createServer((request, response) => {
    const answer = (status) => response.writeHead(status).end();
    receive(request).then(
      () => answer(200),
      (error) => {
        failed(error);
        answer(400);
      },
    );
  });
  server.on('error', failed).listen(port, '127.0.0.1');
  const late = () => failed(new Error(`no webhook was received of ${[...missing].join(', ')}`));
  return {
    allReceived: () => {
      const timer = setTimeout(late, 15_000);
      return all.finally(() => clearTimeout(timer));
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

if (isProgram(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'webhook-port': { type: 'string' } } });
  const [url, key = 'sk_test_stoa', secret = 'whsec_stoa'] = positionals;
  try {
    console.log(await checkClient(url, key, secret, values['webhook-port']));
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
