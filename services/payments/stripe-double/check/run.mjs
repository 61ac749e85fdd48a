// Holds the double against Stripe's own material: node run.mjs <double's address> <requests.json> [--webhook-port <port>]
// [--key <key>] [--secret <webhook secret>]. Ends with 0 if all is well. See the crate's README.

import { parseArgs } from 'node:util';
import { checkTypes } from './types.mjs';
import { checkClient } from './client.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: 'string', default: 'sk_test_stoa' },
    secret: { type: 'string', default: 'whsec_stoa' },
    'webhook-port': { type: 'string' },
  },
});
const [url, requests] = positionals;
if (!url || !requests) {
  console.error("usage: node run.mjs <double's address> <requests.json> [--webhook-port <port>]");
  process.exit(2);
}

try {
  console.log(checkTypes(requests));
  console.log(await checkClient(url, values.key, values.secret, values['webhook-port']));
} catch (error) {
  console.error(error.message ?? error);
  process.exit(1);
}
