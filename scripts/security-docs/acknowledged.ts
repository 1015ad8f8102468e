import { type Stack, Validations } from 'aws-cdk-lib';
import { code, table } from '../template/markdown.ts';
import type { Wording } from './wording.ts';

/** Findings of cdk-nag that stand, with the reasons that our code gives. */
export function acknowledgedTable(stack: Stack, { reference }: Wording): string {
  const where = new Map<string, string[]>();
  for (const { node } of stack.node.findAll()) {
    for (const { type, data } of node.metadata) {
      if (type !== Validations.ACKNOWLEDGED_RULES_METADATA_KEY) continue;
      for (const [id, reason] of Object.entries(data as Readonly<Record<string, string>>)) {
        const [, rule, finding = ''] = /^annotation::((?:AwsSolutions|Serverless)-\w+)(.*)$/i.exec(id) ?? [];
        // CDK acknowledges findings of its own checks too.
        if (rule === undefined) continue;
        const policy = /\/([^/]+)\]$/.exec(reference(finding))?.[1];
        const key = [rule === 'AwsSolutions-IAM4' ? `${rule}: ${policy}` : rule, reason].join('\t');
        where.set(key, [...(where.get(key) ?? []), node.path.replace(`${stack.node.path}/`, '')]);
      }
    }
  }
  const rows = [...where].map(([key, paths]) => {
    const [rule = '', reason = ''] = key.split('\t');
    return [rule, reason, [...new Set(paths)].map(code).join(', ')];
  });
  return table(
    ['Rule', 'Why it stands', 'Where'],
    rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
}
