import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { contextSchema, readConfig } from '../lib/config.ts';
import { SlacklineStack } from '../lib/slackline-stack.ts';
import { sourceVersion } from '../lib/source-version.ts';

const root = join(import.meta.dirname, '..');
const app = new App();
const { profile, engine, commit } = contextSchema.parse(app.node.getAllContext());
const config = readConfig(join(root, 'config'), profile, { engines: engine });

mkdirSync(app.outdir, { recursive: true });
const catalogueFile = join(app.outdir, 'catalogue.json');
writeFileSync(catalogueFile, JSON.stringify(config.catalogue));

const version = sourceVersion(root, commit);
new SlacklineStack(app, config.profile.stackName, { config, catalogueFile, version });
app.synth();
