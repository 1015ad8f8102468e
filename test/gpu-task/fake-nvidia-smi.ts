import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { A10G } from '../core/agent/gpu-output.ts';

/** A folder for the PATH with an nvidia-smi that shows one GPU, and knows nothing of remapped rows. */
export function folderWithNvidiaSmi(within: string): string {
  const folder = join(within, 'nvidia');
  const program = join(folder, 'nvidia-smi');
  mkdirSync(folder);
  writeFileSync(program, `#!/bin/sh\ncase "$1" in --query-gpu=*) echo '${A10G}' ;; *) exit 2 ;; esac\n`);
  chmodSync(program, 0o755);
  return folder;
}
