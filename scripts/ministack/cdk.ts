import { join } from 'node:path';
import { startChild } from '../../local/processes/child.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface CdkOptions {
  readonly arguments: readonly string[];
  /** Without a cdk.json, whose app the CLI would synthesize anew. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly onLine: (line: string) => void;
}

/** Runs the pinned CDK CLI. Rejects, with what it printed last, where it fails or takes too long. */
export async function runCdk(options: CdkOptions): Promise<void> {
  const { arguments: args, cwd, env, limitMs, onLine } = options;
  const printed: string[] = [];
  const child = startChild({
    command: [process.execPath, join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args],
    cwd,
    // Nothing is asked of the network but AWS itself.
    env: { ...env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_LEGACY_EXPORT_WARNING: '1' },
    onLine(line) {
      onLine(line);
      if (printed.push(line) > 40) printed.shift();
    },
  });
  const kill = setTimeout(() => child.killGroup(), limitMs);
  const { code, signal } = await child.exited;
  clearTimeout(kill);
  if (code === 0) return;
  const how = signal === 'SIGKILL' ? `was stopped after ${limitMs} ms` : `ended with ${code ?? signal}`;
  throw new Error(`cdk ${args[0]} ${how}:\n${printed.join('\n')}`);
}
