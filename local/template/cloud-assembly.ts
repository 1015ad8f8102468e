import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { templateSchema } from './template-schema.ts';

const manifestSchema = z.object({
  artifacts: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        properties: z
          .object({
            templateFile: z.string().optional(),
            stackName: z.string().optional(),
            file: z.string().optional(),
            directoryName: z.string().optional(),
          })
          .optional(),
      }),
    )
    .default({}),
});

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

export interface StackSource {
  readonly name: string;
  readonly template: z.infer<typeof templateSchema>;
}

export interface CloudAssembly {
  readonly stacks: readonly StackSource[];
  /** Absolute paths by S3 object key. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Reads manifest, templates and asset lists, those of nested assemblies (CDK stages) included. */
export function readCloudAssembly(directory: string): CloudAssembly {
  const stacks: StackSource[] = [];
  const assets = new Map<string, string>();
  const manifest = readJson(directory, 'manifest.json', manifestSchema);
  for (const [id, { type, properties = {} }] of Object.entries(manifest.artifacts)) {
    const { templateFile, file, directoryName } = properties;
    if (type === 'aws:cloudformation:stack' && templateFile !== undefined) {
      const template = readJson(directory, templateFile, templateSchema);
      stacks.push({ name: properties.stackName ?? id, template });
    } else if (type === 'cdk:asset-manifest' && file !== undefined) {
      readAssets(directory, file, assets);
    } else if (type === 'cdk:cloud-assembly' && directoryName !== undefined) {
      const nested = readCloudAssembly(join(directory, directoryName));
      stacks.push(...nested.stacks);
      for (const [key, path] of nested.assets) assets.set(key, path);
    }
  }
  return { stacks, assets };
}

function readAssets(directory: string, file: string, assets: Map<string, string>): void {
  for (const { source, destinations } of Object.values(readJson(directory, file, assetsSchema).files)) {
    if (source.path === undefined) continue;
    for (const { objectKey } of Object.values(destinations)) {
      assets.set(objectKey, resolve(directory, source.path));
    }
  }
}

function readJson<T>(directory: string, file: string, schema: z.ZodType<T>): T {
  const path = join(directory, file);
  if (!existsSync(path)) throw new Error(`${path} is missing: write the cloud assembly with \`cdk synth\`.`);
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path} is not what CDK writes: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
