import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readConfig } from '../lib/config.ts';
import { SlacklineStack } from '../lib/slackline-stack.ts';
import { sourceVersion } from '../lib/source-version.ts';

const app = new App();
const profile = String(app.node.tryGetContext('profile'));
// One by `-c engine=`, several from the local stack.
const engines = [app.node.tryGetContext('engine') ?? []].flat().map(String);
const config = readConfig(join(import.meta.dirname, '..', 'config'), profile, { engines });

mkdirSync(app.outdir, { recursive: true });
const catalogueFile = join(app.outdir, 'catalogue.json');
writeFileSync(catalogueFile, JSON.stringify(config.catalogue));

const version = sourceVersion(join(import.meta.dirname, '..'), app.node.tryGetContext('commit'));
new SlacklineStack(app, config.profile.stackName, { config, catalogueFile, version });
app.synth();
