import { z } from 'zod';

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
export type Template = z.infer<typeof templateSchema>;

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The resources of a template that `cdk synth` wrote. */
export const resourcesOf = (template: unknown): readonly Resource[] =>
  Object.entries(templateSchema.parse(template).Resources).map(([logicalId, { Type, Properties }]) => ({
    logicalId,
    type: Type,
    properties: Properties,
  }));

const functionSchema = z.object({
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

export interface TemplateFunction {
  readonly logicalId: string;
  /** The folder in lambdas/. */
  readonly name: string;
  readonly memoryMiB: number;
}

export const functionsOf = (resources: readonly Resource[]): readonly TemplateFunction[] =>
  resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ logicalId, properties }) => {
      const { MemorySize: memoryMiB, Environment } = functionSchema.parse(properties);
      return { logicalId, name: Environment.Variables.POWERTOOLS_SERVICE_NAME, memoryMiB };
    });

const traced = z.object({ TracingConfig: z.object({ Mode: z.literal('Active') }) });

/** Whether X-Ray traces calls: all of them, or none. */
export const isTraced = (resources: readonly Resource[]): boolean =>
  resources.some(
    ({ type, properties }) => type === 'AWS::Lambda::Function' && traced.safeParse(properties).success,
  );

const ruleSchema = z.object({
  ScheduleExpression: z.string().optional(),
  Targets: z.array(z.object({ Arn: z.unknown() })),
});
const arnOfFunction = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const MINUTES = { minute: 1, hour: 60, day: 1440 } as const;

/** The functions that a clock calls, with the calls a minute. */
export function schedulesOf(
  resources: readonly Resource[],
): readonly { readonly name: string; readonly perMinute: number }[] {
  const functions = functionsOf(resources);
  return resources
    .filter(({ type }) => type === 'AWS::Events::Rule')
    .flatMap(({ properties }) => {
      const { ScheduleExpression, Targets } = ruleSchema.parse(properties);
      if (ScheduleExpression === undefined) return [];
      const called = Targets.map(({ Arn }) => arnOfFunction.parse(Arn)['Fn::GetAtt'][0]);
      return functions
        .filter(({ logicalId }) => called.includes(logicalId))
        .map(({ name }) => ({ name, perMinute: 1 / minutesOf(ScheduleExpression) }));
    });
}

/** `rate(5 minutes)` → 5. */
function minutesOf(expression: string): number {
  const { every, unit } = /^rate\((?<every>\d+) (?<unit>minute|hour|day)s?\)$/.exec(expression)?.groups ?? {};
  if (every === undefined) throw new Error(`How often does ${expression} call? Only rates are known here.`);
  return Number(every) * MINUTES[unit as keyof typeof MINUTES];
}
