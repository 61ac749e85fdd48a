// Finds Stripe's client and the TypeScript compiler among the packages of the browser tests.

import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of an installed package. */
export const folder = (name) => join(here, '../../../../playwright/node_modules', name);

/** Stripe's own client. */
export async function stripe() {
  const entry = join(folder('stripe'), 'esm/stripe.esm.node.js');
  return (await import(pathToFileURL(entry).href)).default;
}

/** The path of the compiler. */
export const compiler = () => join(folder('typescript'), 'bin/tsc');

/** Whether a module is the program that was started. */
export const isProgram = (url) => Boolean(process.argv[1]) && pathToFileURL(process.argv[1]).href === url;
