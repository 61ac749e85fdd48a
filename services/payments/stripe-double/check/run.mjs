// Checks the double against Stripe's own client and declarations: node run.mjs <URL of the double> <requests.json>
// [--webhook-port <port>] [--key <key>] [--secret <webhook secret>]. Exits with 0 on success. See the crate's README.

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
  console.error("usage: node run.mjs <URL of the double> <requests.json> [--webhook-port <port>]");
  process.exit(2);
}

try {
  console.log(checkTypes(requests));
  console.log(await checkClient(url, values.key, values.secret, values['webhook-port']));
} catch (error) {
  console.error(error.message ?? error);
  process.exit(1);
}
