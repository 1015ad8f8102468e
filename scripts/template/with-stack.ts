import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfig } from '../../lib/config.ts';
import type { Profile } from '../../lib/profile.ts';
import { SlacklineStack } from '../../lib/slackline-stack.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const CONFIG = join(ROOT, 'config');

/** What is deployed of a tree whose commit does not matter. */
export const VERSION = '1.2.3+0123456789abcdef';

/** The profiles that people deploy; the others are for this machine. */
export const DEPLOYED_PROFILES = ['dev', 'stage', 'prod'] as const;

/** Makes the stack of a profile, with some of its fields changed, and looks at it. Its functions are not bundled. */
export function withStack<T>(
  profileName: string,
  changes: Partial<Profile>,
  look: (stack: SlacklineStack) => T,
): T {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-synth-'));
  try {
    const catalogueFile = join(directory, 'catalogue.json');
    writeFileSync(catalogueFile, '{}');
    const { context: featureFlags } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
    const context = { ...featureFlags, 'aws:cdk:bundling-stacks': [] };
    const { catalogue, profile } = readConfig(CONFIG, profileName);
    const config = { catalogue, profile: { ...profile, ...changes } };
    const app = new App({ outdir: directory, context });
    const props = { config, catalogueFile, version: VERSION };
    return look(new SlacklineStack(app, config.profile.stackName, props));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
