import { flatReference } from '../../lib/flat-reference.ts';
import { code } from '../template/markdown.ts';
import { listOf, type Permission } from '../template/permissions.ts';
import type { Resource } from '../template/resources.ts';

/** Says references by the paths of what they mean. */
export interface Wording {
  reference(text: string): string;
  conditions(conditions: Permission['conditions']): string;
}

const OPERATORS: Readonly<Record<string, string>> = {
  'ForAllValues:StringLike': 'every %k like %v',
  'ForAllValues:StringNotLike': 'no %k like %v',
  StringLike: '%k like %v',
  StringEquals: '%k is %v',
  ArnEquals: '%k is %v',
  ArnLike: '%k like %v',
};
const KEYS: Readonly<Record<string, string>> = {
  'dynamodb:LeadingKeys': 'partition key',
  's3:prefix': 'prefix',
  'ecs:cluster': 'cluster',
  'iam:PassedToService': 'receiver',
  'kms:ViaService': 'through',
  'aws:SourceArn': 'source',
};

export function wordingOf(resources: readonly Resource[]): Wording {
  const paths = new Map(resources.map(({ logicalId, path }) => [logicalId, path]));
  const reference = (text: string): string =>
    text
      .replace(/<([A-Za-z0-9]+)(\.[A-Za-z.]+)?>/g, (all, id: string) => paths.get(id) ?? all)
      .replace(/^arn:<AWS::Partition>:([a-z0-9-]+):<AWS::Region>:<AWS::AccountId>:/, '$1: ');
  const condition = (operator: string, [key, value]: [string, unknown]): string => {
    if (operator === 'Null') return `${KEYS[key] ?? key} must be given`;
    const values = listOf(value).map((each) => code(reference(flatReference(each))));
    const template = OPERATORS[operator] ?? `%k ${operator} %v`;
    return template.replace('%k', KEYS[key] ?? code(key)).replace('%v', values.join(' or '));
  };
  return {
    reference,
    conditions: (conditions) =>
      Object.entries(conditions)
        .flatMap(([operator, keys]) => Object.entries(keys).map((entry) => condition(operator, entry)))
        .join('; '),
  };
}
