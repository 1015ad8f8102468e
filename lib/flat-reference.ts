/** A name, an ARN or a join of them in a template, as one line: `<TableCD117FA1.Arn>/index`. The notation is cdk-nag's. */
export function flatReference(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = []] = Object.entries(value as object);
  switch (kind) {
    case 'Ref':
      return `<${argument}>`;
    case 'Fn::GetAtt':
      return `<${(argument as readonly string[]).join('.')}>`;
    case 'Fn::Join': {
      const [delimiter, parts] = argument as readonly [string, readonly unknown[]];
      return parts.map(flatReference).join(delimiter);
    }
    default:
      return JSON.stringify(value);
  }
}
