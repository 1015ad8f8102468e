import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';

const attributeDefinition = z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) });
const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })).min(1);
const projection = z.object({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const throughput = z.object({
  ReadCapacityUnits: z.coerce.number(),
  WriteCapacityUnits: z.coerce.number(),
});
const index = z.object({ IndexName: z.string(), KeySchema: keySchema, Projection: projection });

const tableSchema = z.object({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(attributeDefinition),
  KeySchema: keySchema,
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).optional(),
  ProvisionedThroughput: throughput.optional(),
  GlobalSecondaryIndexes: z.array(index.extend({ ProvisionedThroughput: throughput.optional() })).optional(),
  LocalSecondaryIndexes: z.array(index).optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']) })
    .optional(),
  TimeToLiveSpecification: z
    .object({
      AttributeName: z.string().optional(),
      Enabled: z.preprocess((v) => v === true || v === 'true', z.boolean()),
    })
    .optional(),
});

export interface TablePlan {
  readonly create: CreateTableCommandInput & { readonly TableName: string };
  /** The attribute whose instant (epoch seconds) ends an item; undefined where nothing expires. */
  readonly ttlAttribute: string | undefined;
}

/** Reads the properties of an AWS::DynamoDB::Table (or GlobalTable) that mean something on one machine. */
export function planTable(properties: unknown, physicalName?: string): TablePlan {
  const parsed = tableSchema.safeParse(properties);
  const name = parsed.data?.TableName ?? physicalName;
  if (!parsed.success)
    throw new Error(`AWS::DynamoDB::Table ${name ?? ''}: ${z.prettifyError(parsed.error)}`);
  if (name === undefined)
    throw new Error('AWS::DynamoDB::Table: pass its physical name, it has no TableName.');
  const { TimeToLiveSpecification: ttl, StreamSpecification: stream, ...rest } = parsed.data;
  const {
    LocalSecondaryIndexes: local,
    GlobalSecondaryIndexes: global,
    ProvisionedThroughput,
    ...keys
  } = rest;
  return {
    create: {
      ...keys,
      TableName: name,
      ...(ProvisionedThroughput && { ProvisionedThroughput }),
      // The API refuses an empty list where a template may hold one.
      ...(global && global.length > 0 && { GlobalSecondaryIndexes: global }),
      ...(local && local.length > 0 && { LocalSecondaryIndexes: local }),
      ...(stream && { StreamSpecification: { StreamEnabled: true, ...stream } }),
    },
    ttlAttribute: ttl?.Enabled ? ttl.AttributeName : undefined,
  };
}
