import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { z } from 'zod';
import { type Config, contextSchema, readConfig } from '../lib/config.ts';
import { SlacklineStack } from '../lib/slackline-stack.ts';
import { sourceVersion } from '../lib/source-version.ts';

const root = join(import.meta.dirname, '..');
const app = new App();
const { profile, engine, commit } = contextSchema.parse(app.node.getAllContext());
const config = configOf(profile, engine);

mkdirSync(app.outdir, { recursive: true });
const catalogueFile = join(app.outdir, 'catalogue.json');
writeFileSync(catalogueFile, JSON.stringify(config.catalogue));

const version = sourceVersion(root, commit);
new SlacklineStack(app, config.profile.stackName, { config, catalogueFile, version });
app.synth();

/** What is wrong in a configuration is its author's to mend: a stack trace would only hide the sentence. */
function configOf(profileName: string, engines: readonly string[]): Config {
  try {
    return readConfig(join(root, 'config'), profileName, { engines });
  } catch (error) {
    process.stderr.write(
      `${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}\n`,
    );
    process.exit(1);
  }
}
