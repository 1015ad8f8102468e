import { flatReference } from '../../lib/flat-reference.ts';
import { code, table } from '../template/markdown.ts';
import type { Resource } from '../template/resources.ts';
import type { Wording } from './wording.ts';

type Properties = Resource['properties'];

interface Keeper {
  readonly kind: string;
  /** The key, or undefined where it is AWS's own. */
  readonly key: (properties: Properties) => unknown;
}

/** Every type of ours that keeps something. */
const KEEPERS: Readonly<Record<string, Keeper>> = {
  'AWS::S3::Bucket': {
    kind: 'Bucket',
    key: ({ BucketEncryption }) =>
      BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
  },
  'AWS::DynamoDB::Table': { kind: 'Table', key: ({ SSESpecification }) => SSESpecification?.KMSMasterKeyId },
  'AWS::SQS::Queue': { kind: 'Queue', key: ({ KmsMasterKeyId }) => KmsMasterKeyId },
  'AWS::Logs::LogGroup': { kind: 'Logs', key: ({ KmsKeyId }) => KmsKeyId },
  'AWS::ECR::Repository': { kind: 'Images', key: () => undefined },
};

/** What keeps data: its key, for how long, and who from outside could reach it. */
export function atRestTable(resources: readonly Resource[], { reference }: Wording): string {
  const gathered = new Map<string, string[]>();
  for (const resource of resources) {
    const keeper = KEEPERS[resource.type];
    if (keeper === undefined) continue;
    const key = keeper.key(resource.properties);
    const ofKey = key === undefined ? 'AWS’s own' : code(reference(flatReference(key)));
    const cells = [keeper.kind, ofKey, isTlsOnly(resource, resources), lifeOf(resource)].join('\t');
    gathered.set(cells, [...(gathered.get(cells) ?? []), code(resource.path)]);
  }
  const rows = [...gathered].map(([cells, paths]) => {
    const [kind = '', ...others] = cells.split('\t');
    return [`${kind}: ${paths.length > MANY ? `all ${paths.length} groups` : paths.join(', ')}`, ...others];
  });
  return table(['What', 'Key', 'TLS', 'How long'], rows);
}

/** A list that nobody would read: of the logs, one for each function and Task. */
const MANY = 9;

/** The services without plain HTTP need no policy. */
function isTlsOnly({ logicalId, type }: Resource, resources: readonly Resource[]): string {
  if (!['AWS::S3::Bucket', 'AWS::SQS::Queue'].includes(type)) return 'the service has no other way';
  const denies = resources
    .filter((each) => ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'].includes(each.type))
    .some(({ properties }) => {
      const text = JSON.stringify(properties);
      return text.includes(`{"Ref":"${logicalId}"}`) && text.includes('"aws:SecureTransport":"false"');
    });
  return denies ? 'a policy refuses plain HTTP' : 'PLAIN HTTP IS OPEN';
}

function lifeOf({ type, properties, retained }: Resource): string {
  const life = retained ? 'outlives the stack' : 'goes with the stack';
  switch (type) {
    case 'AWS::Logs::LogGroup':
      return `${properties['RetentionInDays']} days, ${life}`;
    case 'AWS::SQS::Queue':
      return `a message for ${(properties['MessageRetentionPeriod'] ?? 345_600) / 86_400} days, ${life}`;
    default:
      return life;
  }
}
