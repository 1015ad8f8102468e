import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ENGINE_UID } from '../../core/agent/engine-user.ts';
import { weightsFolder } from '../../core/models/layout.ts';
import { buildImageContext } from '../../gpu-task/build.ts';
import { startChild } from '../../local/processes/child.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';
import { sampleFleet } from '../fakes/fleet.ts';
import { IMAGE_ENVIRONMENT, lastOf } from '../gpu-task/dockerfile.ts';
import { cpuEngine } from './cpu-engine.ts';
import { containerOf, processesIn, taskContainer } from './task-container.ts';
import { openTaskWorld } from './task-world.ts';

const revision = 'a'.repeat(40);
const WITH_A_START_MS = 400_000;
const home = vllmHome(process.env);
const { args, env, ...onCpu } = cpuEngine();
const fleet = sampleFleet({
  engine: {
    ...onCpu,
    // By its name on the image's path, of a model that is not on this machine; compiled, as on a GPU.
    ...{ command: ['vllm'], model: 'a/model', weights: 'bucket', revision },
    args: args.filter((flag) => flag !== '--enforce-eager'),
    // Kernels without vector instructions take half as long to compile.
    env: { ...env, TORCHINDUCTOR_VEC_ISA_OK: '0' },
    startTimeoutMs: 360_000,
  },
  checkpoint: { everyMs: 300, maxBytes: 1_000_000, maxResults: 500 },
});
const question = {
  ...{ model: fleet.model, messages: [{ role: 'user', content: 'Who is there?' }] },
  ...{ max_tokens: 12, ignore_eos: true },
};

const folder = mkdtempSync(join(tmpdir(), 'slackline-task-'));
afterAll(() => rmSync(folder, { recursive: true }));
const container = taskContainer(home, folder);

const whyNot = container.whyNot();
if (whyNot !== null) {
  it(`is not tested with an engine of the image’s user: ${whyNot}`, () => {
    const required = 'SLACKLINE_REQUIRE_ENGINE_USER';
    expect(process.env[required], `${required} asks for these tests, and ${whyNot}.`).toBeUndefined();
  });
} else {
  let world: Awaited<ReturnType<typeof openTaskWorld>>;
  let task: Awaited<ReturnType<typeof startTask>>;
  beforeAll(async () => {
    await buildImageContext(join(folder, 'image'));
    world = await openTaskWorld(folder, fleet);
    await world.bucket.putModel(weightsFolder(fleet.id, revision), home.tinyModel);
    task = await startTask(0);
  }, WITH_A_START_MS);
  afterAll(async () => {
    task?.agent.killGroup();
    // What still runs may write into the folder.
    await vi.waitUntil(() => task === undefined || processesIn(task.id).length === 0, { timeout: 20_000 });
    await world?.close();
  });

  /** Resolves once it has answered a Request. */
  async function startTask(number: number) {
    const printed: string[] = [];
    const agent = startChild({
      command: container.command(),
      env: { ...IMAGE_ENVIRONMENT, ...world.env, PATH: container.path },
      onLine: (line) => void printed.push(line),
    });
    let over = false;
    void agent.exited.then(() => {
      over = true;
    });
    await world.ask(number, question);
    const patience = { timeout: WITH_A_START_MS, interval: 200 };
    await vi.waitUntil(async () => over || (await world.result(number)) !== null, patience);
    expect(over, printed.join('\n')).toBe(false);
    const said = (message: string) =>
      printed.filter((line) => line.includes(`"${message}"`)).map((line) => JSON.parse(line) as object);
    const id = containerOf(agent.pid);
    const engine = () => processesIn(id).filter(({ pid }) => pid !== agent.pid);
    /** Names and instants of change of what the engine's user has. */
    const files = () => {
      const root = join('/proc', String(agent.pid), 'root/var/lib/engine');
      return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => ({
        path,
        changedAtMs: statSync(join(root, path)).mtimeMs,
      }));
    };
    return { agent, printed, said, id, engine, files };
  }

  describe('vLLM in a Task that runs as the image has it', () => {
    it('answers a chat Request', async () => {
      const choices = [{ message: { content: expect.any(String) }, finish_reason: 'length' }];
      expect(await world.result(0)).toMatchObject({
        response: { status_code: 200, body: { choices, usage: { completion_tokens: 12 } } },
      });
    });

    it('runs as the engine’s user with all that it starts, and only the agent as the agent’s', () => {
      const uids = (all: ReturnType<typeof processesIn>) => all.map((one) => one.field('Uid').split('\t'));
      const everyUid = (uid: number) => Array(4).fill(String(uid));
      const agent = processesIn(task.id).filter(({ pid }) => pid === task.agent.pid);
      expect(uids(agent)).toEqual([everyUid(Number(lastOf('USER')))]);
      const engine = task.engine();
      // The watcher, the server, and its EngineCore.
      expect(engine.length).toBeGreaterThanOrEqual(3);
      expect(uids(engine)).toEqual(engine.map(() => everyUid(ENGINE_UID)));
      expect(new Set(engine.map(({ group }) => group)).size).toBe(1);
    });

    it('has a key of the weights’ door in its environment, and nothing else of AWS', () => {
      const ofAws = task
        .engine()
        .map(({ environment }) => environment.filter((pair) => /^(AWS|ECS)_/.test(pair)).toSorted())
        // A process that names itself, as EngineCore does, writes that over what Linux shows of its environment.
        .filter((pairs) => pairs.length > 0);
      expect(ofAws.length).toBeGreaterThanOrEqual(2);
      for (const pairs of ofAws) {
        expect(pairs).toEqual([
          expect.stringMatching(/^AWS_ACCESS_KEY_ID=[0-9a-f]{32}$/),
          'AWS_EC2_METADATA_DISABLED=true',
          expect.stringMatching(/^AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/),
          'AWS_REGION=us-east-1',
          'AWS_SECRET_ACCESS_KEY=door',
        ]);
        expect(pairs).not.toContain(`AWS_ENDPOINT_URL=${world.bucket.url}`);
      }
    });

    it('streams its weights through the door, and keeps none of them', () => {
      const server = task.engine().find(({ command }) => command.includes('serve'));
      expect(server?.command).toContain(`s3://weights/models/tiny/${revision}`);
      expect(task.printed.join('\n')).toContain('[RunAI Streamer] Overall time to stream');
      expect(task.files().filter(({ path }) => path.endsWith('.safetensors'))).toEqual([]);
    });

    it('has the phases of its start in the log and in the metrics', () => {
      const phases = ['engineMs', 'weightsMs', 'warmUpMs', 'firstTokenMs', 'wholeMs'];
      const [ready] = task.said('The engine is ready.');
      expect(ready).toMatchObject(Object.fromEntries(phases.map((phase) => [phase, expect.any(Number)])));
      const metrics = ['ColdStartWeights', 'ColdStartWarmUp', 'ColdStartFirstToken', 'ColdStart'];
      const [emitted] = task.said('ColdStart');
      expect(emitted).toMatchObject(Object.fromEntries(metrics.map((name) => [name, expect.any(Number)])));
    });

    it('ends with all of its processes, and its socket, when the agent is told to stop', async () => {
      await vi.waitUntil(() => task.said('Stored compiled kernels.').length === 1, { timeout: 20_000 });
      const sockets = () => readdirSync(container.tmp).filter((name) => name.startsWith('slk-'));
      expect(sockets().length).toBe(1);
      task.agent.signal('SIGTERM');
      expect((await task.agent.exited).code).toBe(0);
      expect(processesIn(task.id)).toEqual([]);
      expect(sockets()).toEqual([]);
    });

    it(
      'compiles no kernel that a Task before it has compiled',
      async () => {
        const startedAtMs = Date.now();
        task = await startTask(1);
        expect(task.said('Restored compiled kernels.').length).toBe(1);
        const kernels = task.files().filter(({ path }) => path.endsWith('.so'));
        expect(kernels.length).toBeGreaterThan(0);
        expect(kernels.filter(({ changedAtMs }) => changedAtMs >= startedAtMs)).toEqual([]);
      },
      WITH_A_START_MS,
    );
  });
}
