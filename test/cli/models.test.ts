import { describe, expect, it, vi } from 'vitest';
import { modelManifestSchema } from '../../core/models/manifest.ts';
import { listen } from '../../local/aws-json/listen.ts';
import { type FakeRepository, sha256 } from './models/fake-hub.ts';
import { COMMIT, fleetOf, modelsRig } from './models/models-rig.ts';

const MIB = 1024 * 1024;
const FOLDER = `models/tiny/${COMMIT}/`;

/** Bytes that differ from place to place, so that a shift shows. */
function bytesOf(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = i * 2654435761 + seed;
  return Buffer.from(words.buffer).subarray(0, length);
}

/** For a machine with other things to do. */
const PATIENT = { timeout: 20_000 };

const CONFIG = Buffer.from('{"architectures": ["Tiny"]}');
/** More than one part of an upload. */
const WEIGHTS = bytesOf(18 * MIB + 17);

const tiny = (others: Partial<FakeRepository> = {}): FakeRepository => ({
  name: 'acme/tiny',
  commit: COMMIT,
  files: [
    { path: '.gitattributes', body: Buffer.from('*.safetensors filter=lfs') },
    { path: 'config.json', body: CONFIG },
    { path: 'empty.txt', body: Buffer.alloc(0) },
    { path: 'folder/with space.json', body: Buffer.from('{}') },
    { path: 'model.safetensors', body: WEIGHTS, large: true },
    { path: 'pytorch_model.bin', body: bytesOf(100), large: true },
  ],
  ...others,
});

describe('models pull', () => {
  it('copies what an engine loads, byte for byte, below the Fleet and the commit', async () => {
    const rig = await modelsRig([tiny()]);
    const { code, out, err } = await rig.run(['pull', 'tiny-file']);
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(await rig.keys()).toEqual([
      `${FOLDER}config.json`,
      `${FOLDER}empty.txt`,
      `${FOLDER}folder/with space.json`,
      `${FOLDER}model.safetensors`,
      `${FOLDER}slackline.json`,
    ]);
    expect((await rig.bytes(`${FOLDER}model.safetensors`))?.equals(WEIGHTS)).toBe(true);
    expect(await rig.bytes(`${FOLDER}config.json`)).toEqual(CONFIG);
    expect(await rig.bytes(`${FOLDER}empty.txt`)).toHaveLength(0);
    expect(out).toBe(`"weights": "bucket",\n"revision": "${COMMIT}"\n`);
    expect(err).toMatch(/Put this into config\/models\/tiny-file.json \(engine\)/);
    expect(err).toMatch(/left out: pytorch_model.bin \(the folder has the weights as safetensors\)/);
  });

  it('writes a manifest of all files, with the digests that the hub knows', async () => {
    const rig = await modelsRig([tiny()]);
    await rig.run(['pull', 'tiny']);
    const manifest = modelManifestSchema.parse(
      JSON.parse(String(await rig.bytes(`${FOLDER}slackline.json`))),
    );
    expect(manifest).toEqual({
      repository: 'acme/tiny',
      revision: COMMIT,
      files: [
        { path: 'config.json', bytes: CONFIG.length },
        { path: 'empty.txt', bytes: 0 },
        { path: 'folder/with space.json', bytes: 2 },
        { path: 'model.safetensors', bytes: WEIGHTS.length, sha256: sha256(WEIGHTS) },
      ],
    });
  });

  it('takes everything where it is told to', async () => {
    const rig = await modelsRig([tiny()]);
    expect((await rig.run(['pull', 'tiny-chat', '--all'])).code).toBe(0);
    expect(await rig.keys()).toContain(`${FOLDER}pytorch_model.bin`);
  });

  it('shows the token to the hub alone, and to nobody who reads', async () => {
    const rig = await modelsRig([tiny({ readers: ['hf_secret'] })]);
    const { code, out, err } = await rig.run(['pull', 'tiny'], { token: 'hf_secret' });
    expect(code).toBe(0);
    expect(new Set(rig.hub.seen.hub.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_secret']),
    );
    expect(rig.hub.seen.store.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(out + err).not.toMatch(/hf_secret|Signature/);
  });

  it.each([
    ['what it shall say', { revision: COMMIT }, /Put this into config\/models\/tiny-file.json/],
    ['that it says so', { revision: COMMIT, weights: 'bucket' }, /tiny-file.json says so already \(engine\)/],
  ])('tells of the catalogue %s', async (_, engine, told) => {
    const rig = await modelsRig([tiny({ files: [{ path: 'config.json', body: CONFIG }] })]);
    expect((await rig.run(['pull', 'tiny'], { fleet: fleetOf(engine) })).err).toMatch(told);
  });

  it('prefers the revision that it is told to that of the catalogue', async () => {
    const rig = await modelsRig([tiny()]);
    const fleet = fleetOf({ revision: 'f'.repeat(40) });
    expect((await rig.run(['pull', 'tiny', '--revision', 'main'], { fleet })).code).toBe(0);
    expect((await rig.run(['pull', 'tiny'], { fleet })).err).toMatch(/acme\/tiny has no revision ffff/);
  });

  it('asks the stack for its bucket where none is named', async () => {
    const rig = await modelsRig([tiny()]);
    const { code, err } = await rig.run(['pull', 'tiny', '--stack', 'Other'], { bucket: undefined });
    expect(code).toBe(1);
    expect(err).toMatch(/no bucket other-modelbucketname/);
  });
});

describe('models pull, again', () => {
  it('fetches nothing that is there with the same bytes', async () => {
    const rig = await modelsRig([tiny()]);
    await rig.run(['pull', 'tiny']);
    const before = rig.hub.seen.hub.length;
    const { code, err } = await rig.run(['pull', 'tiny']);
    expect(code).toBe(0);
    expect(err).toMatch(/model.safetensors: there already/);
    expect(rig.hub.seen.hub.slice(before).filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
  });

  it('fetches a file anew whose bytes are others', async () => {
    const rig = await modelsRig([tiny()]);
    await rig.run(['pull', 'tiny']);
    const other = bytesOf(WEIGHTS.length, 2);
    const files = [{ path: 'model.safetensors', body: other, large: true }];
    const changed = await modelsRig([tiny({ files })]);
    const { code } = await rig.run(['pull', 'tiny'], { hubUrl: changed.hub.url });
    expect(code).toBe(0);
    expect((await rig.bytes(`${FOLDER}model.safetensors`))?.equals(other)).toBe(true);
  });

  it('goes on after an interruption, which leaves no manifest and no open upload', async () => {
    const rig = await modelsRig([tiny()]);
    rig.hub.fail('model.safetensors', { kind: 'stall', afterBytes: 17 * MIB });
    const interrupted = new AbortController();
    const running = rig.run(['pull', 'tiny'], { signal: interrupted.signal });
    await vi.waitUntil(async () => rig.hub.stalled.length === 1 && (await rig.openUploads()) === 1, PATIENT);
    interrupted.abort(new Error('Interrupted. Run it again.'));
    expect(await running).toMatchObject({
      code: 1,
      err: expect.stringMatching(/Interrupted. Run it again.\n$/),
    });
    expect(await rig.openUploads()).toBe(0);
    expect(await rig.keys()).not.toContain(`${FOLDER}slackline.json`);

    const { code, err } = await rig.run(['pull', 'tiny']);
    expect(code).toBe(0);
    expect(err).toMatch(/config.json: there already/);
    expect((await rig.bytes(`${FOLDER}model.safetensors`))?.equals(WEIGHTS)).toBe(true);
  });
});

describe('models pull on a bad line', () => {
  it('goes on at the byte where the connection broke', async () => {
    const rig = await modelsRig([tiny()]);
    rig.hub.fail(
      'model.safetensors',
      { kind: 'break', afterBytes: 10 * MIB },
      { kind: 'break', afterBytes: 3 * MIB },
    );
    expect((await rig.run(['pull', 'tiny'])).code).toBe(0);
    expect((await rig.bytes(`${FOLDER}model.safetensors`))?.equals(WEIGHTS)).toBe(true);
    const starts = rig.hub.seen.store.map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
    expect(starts).toHaveLength(3);
    expect(starts[1]).toBeGreaterThan(MIB);
    expect(starts[2]).toBeGreaterThan(starts[1] ?? 0);
  });

  it('takes no bytes twice from a store that begins anew', async () => {
    const rig = await modelsRig([tiny()]);
    rig.hub.fail('model.safetensors', { kind: 'break', afterBytes: 10 * MIB }, { kind: 'whole-again' });
    expect((await rig.run(['pull', 'tiny'])).code).toBe(0);
    expect((await rig.bytes(`${FOLDER}model.safetensors`))?.equals(WEIGHTS)).toBe(true);
  });

  it('gives up on a file whose bytes do not come, and names it', async () => {
    const rig = await modelsRig([tiny()]);
    rig.hub.fail(
      'config.json',
      ...Array.from({ length: 20 }, () => ({ kind: 'break' as const, afterBytes: 0 })),
    );
    const { code, err } = await rig.run(['pull', 'tiny']);
    expect(code).toBe(1);
    expect(err).toMatch(/config.json: the connection broke after 0 bytes. Run the command again.\n$/);
    expect(rig.waitsMs).toHaveLength(7);
  });

  it('waits longer each time that the hub is busy, and gives up after some', async () => {
    const rig = await modelsRig([tiny()]);
    rig.hub.fail('config.json', ...Array.from({ length: 20 }, () => ({ kind: 'busy' as const })));
    const { code, err } = await rig.run(['pull', 'tiny']);
    expect(code).toBe(1);
    expect(err).toMatch(/The hub answered 503 for acme\/tiny. Try again later.\n$/);
    expect(rig.waitsMs).toHaveLength(7);
    expect(rig.waitsMs.at(-1)).toBeGreaterThan(rig.waitsMs[0] ?? Number.POSITIVE_INFINITY);
    expect(await rig.keys()).not.toContain(`${FOLDER}slackline.json`);
  });

  it('stores no file whose bytes are not those that the hub lists', async () => {
    const rig = await modelsRig([tiny()]);
    const wrong = Buffer.from(WEIGHTS);
    wrong[5] = 0xff;
    const swapped = await modelsRig([tiny()]);
    swapped.hub.swap(WEIGHTS, wrong);
    const { code, err } = await rig.run(['pull', 'tiny'], { hubUrl: swapped.hub.url });
    expect(code).toBe(1);
    expect(err).toMatch(/model.safetensors: the bytes that came have the sha256 .* It was not stored/);
    expect(await rig.bytes(`${FOLDER}model.safetensors`)).toBeNull();
    expect(await rig.bytes(`${FOLDER}slackline.json`)).toBeNull();
    expect(await rig.openUploads()).toBe(0);
  });

  it('says which address it could not reach', async () => {
    const rig = await modelsRig([]);
    const gone = await listen(() => undefined);
    await gone.close();
    const { code, err } = await rig.run(['pull', 'tiny'], { hubUrl: gone.url });
    expect(code).toBe(1);
    expect(err).toContain(`Could not reach the hub at ${gone.url}: connect ECONNREFUSED`);
  });
});

describe('models pull of what may not be read', () => {
  it('says to accept the licence and to set a token', async () => {
    const rig = await modelsRig([tiny({ readers: ['hf_theirs'] })]);
    const without = await rig.run(['pull', 'tiny']);
    expect(without.code).toBe(1);
    expect(without.err).toMatch(/gated: it is not read without a token. Accept its licence .* HF_TOKEN/);
    const wrong = await rig.run(['pull', 'tiny'], { token: 'hf_mine' });
    expect(wrong.err).toMatch(/gated: the account of the token in HF_TOKEN may not read it/);
    expect(wrong.err).not.toContain('hf_mine');
    expect(await rig.keys()).not.toContain(`${FOLDER}slackline.json`);
    expect(rig.waitsMs).toEqual([]);
  });

  it('says what to check where the hub knows no such repository', async () => {
    const rig = await modelsRig([]);
    expect((await rig.run(['pull', 'tiny'])).err).toMatch(
      /shows no acme\/tiny: check the name, or set HF_TOKEN/,
    );
  });
});

describe('models pull of an adapter', () => {
  const adapter = { id: 'sql-expert', source: 'bucket', repository: 'acme/sql', revision: COMMIT };
  const fleet = fleetOf(
    {},
    { adapters: [adapter, { id: 'on-disk', source: 'folder', path: '/adapters/x' }] },
  );
  const repository = tiny({
    name: 'acme/sql',
    files: [
      { path: 'adapter_config.json', body: Buffer.from('{"r": 16}') },
      { path: 'adapter_model.safetensors', body: bytesOf(1000), large: true },
      { path: 'checkpoint-100/adapter_model.safetensors', body: bytesOf(900), large: true },
    ],
  });

  it('puts it below its own id and commit', async () => {
    const rig = await modelsRig([repository]);
    const { code, out, err } = await rig.run(['pull', '--adapter', 'sql-expert'], { fleet });
    expect(code).toBe(0);
    expect(await rig.keys()).toEqual([
      `adapters/sql-expert/${COMMIT}/adapter_config.json`,
      `adapters/sql-expert/${COMMIT}/adapter_model.safetensors`,
      `adapters/sql-expert/${COMMIT}/slackline.json`,
    ]);
    expect(out).toBe(`"revision": "${COMMIT}"\n`);
    expect(err).toMatch(/says so already \(adapter sql-expert\)/);
  });

  it.each([
    ['other', /no adapter other .* adapters there: sql-expert, on-disk/],
    ['on-disk', /folder of the Task's machine/],
  ])('refuses %s', async (id, reason) => {
    const rig = await modelsRig([repository]);
    expect((await rig.run(['pull', '--adapter', id], { fleet })).err).toMatch(reason);
  });
});

describe('models with wrong arguments', () => {
  it.each([
    [['pull', 'gpt-9'], /no model gpt-9 in config\/models; it has: tiny-file/],
    [['pull'], /a model, or an adapter by --adapter/],
    [['pull', 'tiny', '--adapter', 'x'], /Name one of both/],
    [['pull', 'tiny', '--into', 'x'], /unknown option '--into'/],
  ])('%j ends with 1 and the reason', async (args, reason) => {
    const rig = await modelsRig([]);
    const { code, err } = await rig.run(args);
    expect(code).toBe(1);
    expect(err).toMatch(reason);
  });

  it('has nothing to pull for an engine that reads a folder', async () => {
    const rig = await modelsRig([]);
    const fleet = fleetOf({ model: '/models/tiny' });
    expect((await rig.run(['pull', 'tiny'], { fleet })).err).toMatch(
      /names no repository of the Hugging Face hub/,
    );
  });
});
