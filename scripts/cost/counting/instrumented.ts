import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: { readonly Environment?: { readonly Variables: Record<string, unknown> } };
      }
    >
  >;
}

/** Copies an assembly and gives each of its functions the variables too. */
export function instrument(
  assembly: string,
  into: string,
  variables: Readonly<Record<string, string>>,
): string {
  cpSync(assembly, into, { recursive: true });
  for (const name of readdirSync(into).filter((file) => file.endsWith('.template.json'))) {
    const file = join(into, name);
    const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type === 'AWS::Lambda::Function')
        Object.assign(Properties?.Environment?.Variables ?? {}, variables);
    }
    writeFileSync(file, JSON.stringify(template));
  }
  return into;
}
