import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

// Stands for the program `vllm`: serves on --uds, and has a process of its own, as vLLM has workers. STUB_REPORT gets
// what it was started with, and what it may do to the process STUB_AGENT; STUB_PROBE_STATUS is its answer to every
// Request.
const { STUB_REPORT = '', STUB_AGENT = '0', STUB_PROBE_STATUS = '200' } = process.env;
const { values } = parseArgs({ strict: false, options: { uds: { type: 'string' } } });

const worker = spawn('sleep', ['600'], { stdio: ['ignore', 'inherit', 'inherit'] });
const seen = {
  args: process.argv.slice(2),
  names: Object.keys(process.env),
  pids: [process.pid, worker.pid],
  mayReadAgent: succeeds(() => readFileSync(`/proc/${STUB_AGENT}/environ`)),
  maySignalAgent: succeeds(() => process.kill(Number(STUB_AGENT), 0)),
};
writeFileSync(STUB_REPORT, JSON.stringify(seen));
process.stdout.write('INFO starting\n');
// It does not end by itself: whoever stops it has to kill it in the end.
process.on('SIGTERM', () =>
  process.stdout.write('(APIServer pid=1) INFO 01-01 00:00:00 [stub.py:9] Told to stop.\n'),
);

createServer((request, response) => {
  request.resume();
  response.writeHead(request.url === '/health' ? 200 : Number(STUB_PROBE_STATUS));
  response.end(JSON.stringify({ error: { message: 'The model has no such task.' } }));
}).listen(String(values['uds']));

function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
