import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

/** Writes an adapter for the tiny model into a folder. */
export function writeTinyLora(folder: string, rank: number): void {
  const args = [join(import.meta.dirname, 'tiny_lora.py'), folder, String(rank)];
  const { status, stderr } = spawnSync(vllmHome(process.env).python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
