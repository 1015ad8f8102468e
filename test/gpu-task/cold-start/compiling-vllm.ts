import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

// Stands for the program `vllm`: compiles a kernel into VLLM_CACHE_ROOT unless it has one, and says how long it took.
// STUB_REPORT gets what it was started with.
const { VLLM_CACHE_ROOT = '', STUB_REPORT = '', AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '' } = process.env;
const { values } = parseArgs({ strict: false, options: { uds: { type: 'string' } } });

const kernel = join(VLLM_CACHE_ROOT, 'torch_compile_cache', '0a1b', 'kernel.so');
const compiles = !existsSync(kernel);
if (compiles) {
  mkdirSync(dirname(kernel), { recursive: true });
  writeFileSync(kernel, 'compiled');
}
const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/x` };
const url = `${AWS_ENDPOINT_URL}/weights?list-type=2`;
const listing = AWS_ENDPOINT_URL === '' ? '' : await (await fetch(url, { headers })).text();
writeFileSync(STUB_REPORT, JSON.stringify({ args: process.argv.slice(2), compiles, listing }));

const seconds = compiles ? '30.00' : '2.50';
process.stdout.write('INFO Model loading took 15.2683 GiB memory and 13.402817 seconds\n');
process.stdout.write(
  `INFO init engine (profile, create kv cache, warmup model) took ${seconds} s (compilation: 1.00 s)\n`,
);
createServer((request, response) => {
  request.resume();
  response.end('{}');
}).listen(String(values['uds']));
