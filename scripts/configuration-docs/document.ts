import { type Profile, profileSchema } from '../../lib/profile.ts';
import { code, table } from '../template/markdown.ts';

/** docs/configuration.md from the profiles as they stand in `config/profiles`, by name. */
export function configurationDocument(profiles: Readonly<Record<string, Partial<Profile>>>): string {
  const names = Object.keys(profiles);
  const rows = Object.entries(profileSchema.shape).map(([field, schema]) => [
    code(field),
    ...names.map((name) => shown(profiles[name]?.[field as keyof Profile])),
    schema.description ?? '',
  ]);
  return `# Configuration

Written by \`npm run docs:configuration\` from \`lib/profile.ts\` and \`config/profiles\`; a test fails where they differ.

\`cdk deploy -c profile=<name>\` takes \`config/profiles/<name>.json\`; \`dev\` is what it takes by itself. Everything is
parsed once, and a field that is missing, wrong or unknown is named before anything is made. The models of a profile
are files of \`config/models\` (docs/models.md), their GPU classes stand in \`config/gpu-classes.json\`. Of the other
profiles, \`local\`, \`demo\` and \`test\` run on this machine and never in an account.

Each profile is a stack of its own, with its own bucket, table and keys: they can stand beside each other in one
account and region.

## Fields

A dash is the default: \`false\`, \`null\`, or what the description says. Prices are those of us-east-1.

${table(['Field', ...names, 'What it does'], rows)}

## What differs, and why

- **\`dev\`** is the first deployment: it keeps data, as nobody thinks of that before the first batch, and has none of
  the options that cost something while nothing runs.
- **\`stage\`** is there to be deleted: nothing outlives it, Files and Batches go after a week, and one Task of each kind
  shows whether a change works without renting more. What can break a deployment of \`prod\` is on here too: the web ACL
  and the flow logs.
- **\`prod\`** keeps data, and can go back to any moment of the last 35 days, as long as DynamoDB goes back. Logs stay 90
  days, so that an incident can be looked into that was noticed late. CloudFormation refuses to delete it. It takes five
  times the requests.
- **Alarms** have no address in any of them: one that is not yours would get your alarms. Set \`alarmEmail\` before you
  deploy \`prod\`, and confirm the subscription that AWS sends there.
- **A key of your own** and **a private network** are off everywhere, for they cost while nothing runs and take
  something: whoever deletes the key deletes the data, and without the internet no weights come from the hub.
- **Traces** are off everywhere: the id of a Batch leads through all logs, which cost less
  ([observability.md](observability.md)).

## Before you turn on an option

- \`encryption.cmk\`: objects that are there already keep their old key until they are written again. Whoever runs
  \`models:pull\` needs the new one too. An object's ETag is no MD5 any more: an Upload that came by one presigned PUT is
  refused where it is completed with \`md5\`.
- \`waf\`: AWS's rules about bodies count and do not block. A File is larger than the 8 KB that they allow, and a prompt
  may hold a script or the text of an attack. The limit of requests is for each address; clients behind one NAT share it.
- \`privateNetwork\` replaces the subnets: turn it on while no Task runs. \`"weights": "bucket"\` and an image in ECR are
  checked before the deployment.
- \`keepData: false\` in a stack that has data ends the table's backups at once, and deletes everything with the
  stack ([deploying.md](deploying.md#taking-it-down)).
`;
}

function shown(value: unknown): string {
  if (value === undefined) return '—';
  return code(typeof value === 'string' ? value : JSON.stringify(value).replaceAll(/([,:])/g, '$1 '));
}
