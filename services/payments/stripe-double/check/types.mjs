// Compiles recorded requests and responses against Stripe's own type declarations: node types.mjs <requests.json>

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compiler, folder, isProgram } from './material.mjs';

/**
 * The parameter type and the response type of each call, in Stripe's declarations. The first match counts.
 * @type {[RegExp, string, string][]}
 */
const CALLS = [
  [/^\/v1\/checkout\/sessions$/, 'Stripe.Checkout.SessionCreateParams', 'Stripe.Checkout.Session'],
  [/^\/v1\/checkout\/sessions\/[^/]+\/expire$/, 'Stripe.Checkout.SessionExpireParams', 'Stripe.Checkout.Session'],
  [/^\/v1\/payment_intents\/[^/]+\/capture$/, 'Stripe.PaymentIntentCaptureParams', 'Stripe.PaymentIntent'],
  [/^\/v1\/payment_intents\/[^/]+\/cancel$/, 'Stripe.PaymentIntentCancelParams', 'Stripe.PaymentIntent'],
  [/^\/v1\/refunds$/, 'Stripe.RefundCreateParams', 'Stripe.Refund'],
];

const HEAD = "import type { Stripe } from 'stripe';\n";

/** Throws the compiler's output, or returns how many requests were compiled. */
export function checkTypes(path) {
  const requests = JSON.parse(readFileSync(path, 'utf8'));
  const source = HEAD + requests.map(statements).join('\n');
  const work = mkdtempSync(join(tmpdir(), 'stripe-types-'));
  try {
    declarations(work);
    writeFileSync(join(work, 'package.json'), '{"type":"module"}');
    writeFileSync(join(work, 'requests.ts'), source);
    compile(work);
  } finally {
    rmSync(work, { recursive: true });
  }
  return `${requests.length} requests match Stripe's declarations`;
}

function statements({ method, path, params, status, answer }) {
  const call = CALLS.find(([pattern]) => pattern.test(path));
  if (method !== 'POST' || !call) throw new Error(`${method} ${path}: no such call in Stripe's declarations`);
  const [, paramsType, object] = call;
  const lines = [`// ${path}`, `(${JSON.stringify(params, null, 2)}) satisfies ${paramsType};`];
  if (status === 200) lines.push(`(${JSON.stringify(answer, null, 2)}) satisfies ${object};`);
  return lines.join('\n');
}

/**
 * Copies Stripe's declarations, and closes their open literal types, so that values that Stripe does not list are errors.
 */
function declarations(work) {
  const target = join(work, 'node_modules/stripe');
  mkdirSync(dirname(target), { recursive: true });
  const isDeclared = (name) => !/\.(js|map|cjs)$/.test(name) && !name.startsWith('/cjs');
  cpSync(folder('stripe'), target, { recursive: true, filter: (name) => isDeclared(name.slice(folder('stripe').length)) });
  const shared = join(target, 'esm/shared.d.ts');
  const text = readFileSync(shared, 'utf8');
  const closed = text.replace(/export type OtherString = .*;/, 'export type OtherString = never;');
  if (closed === text) throw new Error('the declaration of open literals in stripe/esm/shared.d.ts has changed');
  writeFileSync(shared, closed);
}

function compile(work) {
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
  /** @type {import('node:child_process').ExecFileSyncOptionsWithStringEncoding} */
  const options = { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  try {
    execFileSync(process.execPath, [compiler(), ...flags, 'requests.ts'], options);
  } catch (error) {
    throw new Error(error.stdout || error.stderr || String(error));
  }
}

if (isProgram(import.meta.url)) {
  try {
    console.log(checkTypes(process.argv[2]));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
