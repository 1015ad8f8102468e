import type { Stack } from 'aws-cdk-lib';
import { resourcesOf } from '../template/resources.ts';
import { acknowledgedTable } from './acknowledged.ts';
import { atRestTable } from './at-rest.ts';
import { callerTable, routeTable } from './entrances.ts';
import { roleTables } from './roles.ts';
import { wordingOf } from './wording.ts';

/** docs/security.md of a stack. */
export function securityDocument(stack: Stack): string {
  const resources = resourcesOf(stack);
  const wording = wordingOf(resources);
  return `# Security

Written by \`npm run docs:security\` from the template of the profile \`prod\`; a test fails where the two differ.
Resources are named by their paths in the stack. docs/configuration.md has what other profiles change.

## Who gets in

Tenants come through the API with a key, of which the table holds the SHA-256 alone. The authorizer names the tenant;
no function takes it from anywhere else, and it stands in every partition key and object key that they make. Another
tenant's ids answer 404. A key that was revoked works for another minute, as long as API Gateway remembers it.

${routeTable(resources)}

A presigned URL opens one object for one method: for an hour to write, for five minutes to read. Whoever has it needs
nothing else.

These services need no role of ours:

${callerTable(resources, wording)}

## Who may do what

Each function, Task, state machine and instance has a role of its own. No action is named by a pattern. A star in a
resource stands for what comes at run time: tenants, Batches, Files, Tasks. That a call must give a partition key keeps
a condition on keys from holding for a scan, which has none.

${roleTables(resources, wording)}

Without \`keepData\` there is one more function, CDK's own, which CloudFormation calls when the stack is deleted: the
policies of the two buckets let it list and delete all that they hold, and set these policies, by which it refuses
writes first. Elsewhere it may only write logs.

Some functions may list the whole bucket: S3 tells only them that an object is absent, and else that it is forbidden.
They learn names, which hold ids and nothing of a File.

## What the engine can reach

The engine runs models, and code and files that come with them, beside the agent in one container on the instance's
network. It is a user of its own there, without capabilities ([012](decisions/012-engine-user.md)).

| | The agent | The engine |
| --- | --- | --- |
| Credentials of the Task (the tables above) | yes | no: the instance's firewall refuses its user the metadata addresses and the ports of the ECS agent |
| Credentials of the instance: to join the cluster | yes | no, for the same reason |
| Environment | all | a list of what vLLM and CUDA read, and its Fleet’s \`engine.secrets\` |
| Memory and signals of the other | its own engine's | none |
| Requests and results in flight | all of its Shards | all of its Shards |
| Weights of its Fleet | reads | reads |
| The internet | yes, unless \`privateNetwork\` | yes, unless \`privateNetwork\` |

An agent that is taken over can read the Shards and write Segments of every tenant whose Batches its Fleet could run:
IAM cannot know which Shard is leased to whom. It cannot read input or output files, API keys or other records, and
delete nothing but its own hints.

## At rest and in transit

${atRestTable(resources, wording)}

No bucket is public, and access control lists are off. Volumes of instances are encrypted with the account's key for
EBS. State machines carry ids and counts alone. \`encryption.cmk\` puts a key of yours in the place of AWS's for
buckets, table, queues, logs and topic; volumes, images and executions keep theirs.

## Network

Functions are in no VPC of ours. GPU instances are in public subnets with addresses of their own, because NAT would
cost more than they do when idle; nothing may connect to them. \`privateNetwork\` takes addresses and internet away.
S3 and DynamoDB are reached through gateway endpoints, everything else over TLS.

## Logs

Prompts, results, keys and presigned URLs reach no log. The API's access log has no body, header, query or id:
request, tenant, address, method, route, status, latency. State machines log errors without what their states carry.
Buckets write no access logs, because these would hold the queries of presigned URLs.

## What cdk-nag found, and why it stands

Its packs AwsSolutions and Serverless run over every profile in the tests; a finding without a reason fails them.

${acknowledgedTable(stack, wording)}
`;
}
