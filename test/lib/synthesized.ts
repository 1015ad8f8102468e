import { Template } from 'aws-cdk-lib/assertions';
import type { Profile } from '../../lib/profile.ts';
import { withStack } from '../../scripts/template/with-stack.ts';

export { CONFIG, VERSION, withStack } from '../../scripts/template/with-stack.ts';

/** The stack of a profile, with some of its fields changed, as a template; its functions are not bundled. */
export function synthesized(profile: string, changes: Partial<Profile> = {}): Template {
  return withStack(profile, changes, (stack) => Template.fromStack(stack));
}

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly MaxAttempts?: number;
    readonly JitterStrategy?: string;
  }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
}
export interface Machine {
  readonly name: string;
  readonly definition: {
    readonly StartAt: string;
    readonly QueryLanguage?: string;
    readonly States: Readonly<Record<string, State>>;
  };
}

type Part = string | { readonly Ref?: string; readonly 'Fn::GetAtt'?: readonly string[] };

/** The state machines, with every reference to another resource written as an ARN. */
export function machinesOf(template: Template): readonly Machine[] {
  return Object.values(template.findResources('AWS::StepFunctions::StateMachine')).map(({ Properties }) => {
    const parts = Properties.DefinitionString['Fn::Join'][1] as readonly Part[];
    const text = parts.map((part) => (typeof part === 'string' ? part : standIn(part))).join('');
    return { name: Properties.StateMachineName, definition: JSON.parse(text) };
  });
}

const standIn = (part: Exclude<Part, string>): string =>
  part.Ref === 'AWS::Partition'
    ? 'aws'
    : `arn:aws:lambda:eu-central-1:123456789012:function:${part['Fn::GetAtt']?.[0] ?? part.Ref}`;
