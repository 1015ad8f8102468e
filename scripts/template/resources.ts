import { CfnElement, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

export interface Resource {
  readonly logicalId: string;
  /** Where it stands in the stack's tree of constructs. */
  readonly path: string;
  readonly type: string;
  /** As deep as CloudFormation's type has it. */
  readonly properties: Readonly<ReturnType<Template['toJSON']>>;
  /** It outlives the stack. */
  readonly retained: boolean;
}

/** The resources of a stack as its template says them, in the order of their paths. */
export function resourcesOf(stack: Stack): readonly Resource[] {
  const paths = pathsOf(stack);
  const { Resources } = Template.fromStack(stack).toJSON() as {
    readonly Resources: Readonly<Record<string, RawResource>>;
  };
  return Object.entries(Resources)
    .map(([logicalId, { Type: type, Properties: properties = {}, DeletionPolicy }]) => ({
      ...{ logicalId, type, properties, retained: DeletionPolicy === 'Retain' },
      path: paths.get(logicalId) ?? logicalId,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: Resource['properties'];
  readonly DeletionPolicy?: string;
}

function pathsOf(stack: Stack): ReadonlyMap<string, string> {
  const elements = stack.node.findAll().filter(CfnElement.isCfnElement);
  return new Map(
    elements.map((element) => [
      stack.resolve(element.logicalId) as string,
      element.node.path.replace(`${stack.node.path}/`, '').replace(/\/Resource$/, ''),
    ]),
  );
}
