import { describe, expect, it } from 'vitest';
import { modelManifestSchema } from '../../core/models/manifest.ts';
import { sha256 } from './models/fake-hub.ts';
import { COMMIT, fleetOf, modelsRig } from './models/models-rig.ts';
import { bytesOf, CONFIG, FOLDER, tiny, WEIGHTS } from './models/tiny-repository.ts';

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
