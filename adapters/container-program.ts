import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ContainerProgram {
  /** As it was found: `docker`, `podman`, `finch`, or a path. */
  readonly name: string;
  /** Runs it to its end, what it prints going to our stderr. Throws, naming `what` failed, where it fails. */
  run(what: string, args: readonly string[], input?: string): Promise<void>;
}

const KNOWN = ['docker', 'podman', 'finch'];

/** Finds the program that builds and pushes images: the one that is named, else the first of those on the PATH. */
export async function findContainerProgram(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ContainerProgram> {
  const candidates = named === undefined ? KNOWN : [named];
  for (const name of candidates) {
    if (!(await starts(name, env))) continue;
    return { name, run: (what, args, input) => run({ name, env, what, args, input }) };
  }
  throw new Error(
    named === undefined
      ? `None of ${KNOWN.join(', ')} is on the PATH. Install one, or name another by CDK_DOCKER.`
      : `CDK_DOCKER names ${named}, which does not start. Give a program or a path to one.`,
  );
}

async function starts(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const child = spawn(name, ['--version'], { env, stdio: 'ignore' });
  try {
    const [code] = await once(child, 'close');
    return code === 0;
  } catch {
    return false;
  }
}

interface Run {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly what: string;
  readonly args: readonly string[];
  readonly input: string | undefined;
}

async function run({ name, env, what, args, input }: Run): Promise<void> {
  const child = spawn(name, args, {
    // A provenance record would make an index of the image; the digest shall be the image's own.
    env: { ...env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    stdio: ['pipe', 2, 2],
  });
  // A program that does not read its input closes it first.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input ?? '');
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${what} failed: ${name} ended with ${code}. What it said stands above.`);
}
