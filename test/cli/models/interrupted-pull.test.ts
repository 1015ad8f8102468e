import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../../local/aws-json/listen.ts';
import { modelsRig } from './models-rig.ts';
import { bytesOf, FOLDER, MIB, tiny, WEIGHTS } from './tiny-repository.ts';

/** For a machine with other things to do. */
const PATIENT = { timeout: 20_000 };

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
