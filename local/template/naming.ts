import { createHash } from 'node:crypto';
import type { DeploymentEnvironment } from './environment.ts';

/** A resource as the table of physical names sees it. */
export interface Subject {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly environment: DeploymentEnvironment;
  /** A property, resolved; undefined where the template leaves it out. */
  property(name: string): unknown;
}

export type Naming = (subject: Subject) => string;

/** What `Ref` and `Fn::GetAtt` give for a resource type. */
export interface TypeNames {
  readonly ref: Naming;
  readonly attributes: Readonly<Record<string, (subject: Subject) => unknown>>;
}

/** The name that a property gives, or one like CloudFormation's: stack, logical id and a fixed suffix. */
export function named(property: string, maxLength: number): Naming {
  return (subject) => {
    const explicit = subject.property(property);
    return explicit === undefined ? generatedName(subject, maxLength) : String(explicit);
  };
}

export function generatedName(subject: Subject, maxLength: number): string {
  const suffix = digest(subject, 'name').slice(0, 12).toUpperCase();
  const half = Math.floor((maxLength - suffix.length - 2) / 2);
  return `${subject.stack.slice(0, half)}-${subject.logicalId.slice(0, half)}-${suffix}`;
}

/** Identifiers such as `vpc-0a1b…`: a prefix and 17 hexadecimal digits. */
export function identifier(prefix: string, kind = 'id'): Naming {
  return (subject) => `${prefix}-${digest(subject, kind).slice(0, 17)}`;
}

/** Ten lower-case letters and digits, as API Gateway makes them. */
export function shortId(kind = 'id'): Naming {
  return (subject) =>
    BigInt(`0x${digest(subject, kind)}`)
      .toString(36)
      .slice(0, 10);
}

export function uuid(subject: Subject): string {
  const hex = digest(subject, 'uuid');
  const version = `4${hex.slice(13, 16)}-8${hex.slice(17, 20)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}-${hex.slice(20, 32)}`;
}

/** An ARN in the environment's region and account. */
export function arn({ environment }: Subject, service: string, resource: string): string {
  const { partition, region, accountId } = environment;
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

/** An ARN of a service whose names are global, such as IAM. */
export function globalArn({ environment }: Subject, service: string, resource: string): string {
  return `arn:${environment.partition}:${service}::${environment.accountId}:${resource}`;
}

function digest({ stack, logicalId, environment }: Subject, kind: string): string {
  const { accountId, region } = environment;
  return createHash('sha256').update([accountId, region, stack, logicalId, kind].join('/')).digest('hex');
}
