import { z } from 'zod';
import type { DeployedResource } from '../deployed-resource.ts';
import { parseProperties } from '../template/properties.ts';
import { readPath } from './input/json-path.ts';
import { transformInput } from './input/transform-input.ts';
import { compilePattern, type PatternTest } from './pattern/compile-pattern.ts';
import { parseSchedule, type Schedule } from './schedule/parse-schedule.ts';

export interface Target {
  readonly arn: string;
  readonly role: string | undefined;
  /** What the target is given for an event. */
  readonly payloadOf: (event: unknown) => unknown;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly matches: PatternTest | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}

const targetSchema = z.object({
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .object({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
});

const ruleSchema = z.object({
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(targetSchema).default([]),
});

export interface RuleEnvironment {
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
}

/** Reads an AWS::Events::Rule; undefined where it is disabled. Throws an error that names the rule. */
export function parseRule(resource: DeployedResource, environment: RuleEnvironment): Rule | undefined {
  const rule = parseProperties(resource, ruleSchema);
  if (rule.State === 'DISABLED') return undefined;
  const busName = rule.EventBusName.split('/').at(-1) ?? '';
  const name = resource.physicalId.split(/[|/]/).at(-1) ?? '';
  const path = busName === 'default' ? name : `${busName}/${name}`;
  const arn = `arn:aws:events:${environment.region}:${environment.accountId}:rule/${path}`;
  const { ScheduleExpression: expression, EventPattern: pattern } = rule;
  try {
    return {
      name,
      arn,
      busName,
      matches: pattern === undefined ? undefined : compilePattern(asObject(pattern)),
      schedule: expression === undefined ? undefined : parseSchedule(expression, environment.nowMs),
      targets: rule.Targets.map((target) => parseTarget(target, { arn, name })),
    };
  } catch (error) {
    const { stack, logicalId, type } = resource;
    throw new Error(`${stack}.${logicalId} (${type}): ${(error as Error).message}`);
  }
}

/** A template may hold the pattern as a text. */
function asObject(pattern: unknown): unknown {
  return typeof pattern === 'string' ? JSON.parse(pattern) : pattern;
}

function parseTarget(target: z.infer<typeof targetSchema>, rule: { arn: string; name: string }): Target {
  return { arn: target.Arn, role: target.RoleArn, payloadOf: payloadOf(target, rule) };
}

function payloadOf(target: z.infer<typeof targetSchema>, rule: { arn: string; name: string }) {
  const { Input: input, InputPath: path, InputTransformer: transformer } = target;
  if (input !== undefined) {
    const fixed: unknown = JSON.parse(input);
    return () => fixed;
  }
  if (path !== undefined) return (event: unknown) => readPath(event, path);
  if (transformer === undefined) return (event: unknown) => event;
  return (event: unknown) => transformInput(transformer, { event, ruleArn: rule.arn, ruleName: rule.name });
}
