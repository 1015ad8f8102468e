import type { StackSource } from './cloud-assembly.ts';
import type { DeploymentEnvironment } from './environment.ts';
import { isTrue, NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import type { Subject } from './naming.ts';
import { parameterValue } from './parameters.ts';
import { attributeOf, refOf } from './physical-names.ts';
import { isPseudoParameter, pseudoParameter, URL_SUFFIX } from './pseudo-parameters.ts';

export interface StackScope {
  readonly scope: Scope;
  physical(logicalId: string): string;
  /** False for a resource or output whose Condition is false. */
  exists(item: { readonly Condition?: string | undefined }): boolean;
}

/** What names mean inside one template. */
export function openScope(
  { name: stack, template }: StackSource,
  environment: DeploymentEnvironment,
  importValue: (name: string) => string,
): StackScope {
  const exists: StackScope['exists'] = ({ Condition }) =>
    Condition === undefined || scope.condition(Condition);
  const subject = (logicalId: string): Subject => {
    const found = template.Resources[logicalId];
    if (found === undefined || !exists(found)) throw new Error(`${stack} has no resource ${logicalId}.`);
    const property = (name: string) => {
      const value = resolve(found.Properties[name], scope);
      return value === NO_VALUE ? undefined : value;
    };
    return { stack, logicalId, type: found.Type, environment, property };
  };
  const scope: Scope = {
    ref(name) {
      if (isPseudoParameter(name)) return pseudoParameter(name, stack, environment);
      const parameter = template.Parameters[name];
      return parameter === undefined ? refOf(subject(name)) : parameterValue(stack, name, parameter);
    },
    attribute: (logicalId, attribute) => attributeOf(subject(logicalId), attribute),
    condition(name) {
      if (!(name in template.Conditions)) throw new Error(`${stack} has no condition ${name}.`);
      return isTrue(template.Conditions[name], scope);
    },
    mapping(map, top, second) {
      const value = template.Mappings[map]?.[top]?.[second];
      if (value === undefined) throw new Error(`${stack} has no ${top}.${second} in the mapping ${map}.`);
      return value;
    },
    importValue,
    localAddress: (text) => withLocalGateway(text, environment),
  };
  return { scope, exists, physical: (logicalId) => refOf(subject(logicalId)) };
}

/** An API's own address answers at the local gateway; the stage in its path stays. */
function withLocalGateway(text: string, { region, endpoints }: DeploymentEnvironment): string {
  const address = new RegExp(`https://[a-z0-9]+\\.execute-api\\.${region}\\.${URL_SUFFIX}(?![\\w.-])`, 'g');
  return text.replace(address, endpoints.gateway);
}
