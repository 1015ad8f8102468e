/**
 * A template parameter's value: its default. What stands in SSM on AWS is not known here, so an SSM-typed
 * parameter becomes a placeholder that shows which one it was.
 */
export function parameterValue(
  stack: string,
  name: string,
  { Type, Default }: { readonly Type: string; readonly Default?: unknown },
): unknown {
  if (Default === undefined) {
    throw new Error(`The parameter ${name} of ${stack} has no default, and the local stack gives no values.`);
  }
  if (Type.startsWith('AWS::SSM::Parameter::Value<')) return ssmPlaceholder(Type, String(Default));
  const isList = Type === 'CommaDelimitedList' || Type.startsWith('List<');
  return isList
    ? String(Default)
        .split(',')
        .map((one) => one.trim())
    : String(Default);
}

function ssmPlaceholder(type: string, path: string): string | string[] {
  const placeholder = type.includes('AWS::EC2::Image::Id') ? 'ami-00000000000000000' : `ssm:${path}`;
  return type.includes('List<') || type.includes('CommaDelimitedList') ? [placeholder] : placeholder;
}
