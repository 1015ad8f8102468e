import { z } from 'zod';

const SECRET = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-\w{6}(:[^:*]*){0,3}$/;
const PARAMETER = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter\/[\w./-]+$/;

/** Where ECS reads a secret when it starts a Task; behind one of Secrets Manager may stand `:<JSON key>::`. */
export const secretArn = z
  .string()
  .refine(
    (arn) => SECRET.test(arn) || PARAMETER.test(arn),
    'the whole ARN of a secret of Secrets Manager or of a parameter of SSM',
  );

/** What a role must be allowed to read it. */
export function readSecret(arn: string): { readonly action: string; readonly resource: string } {
  return PARAMETER.test(arn)
    ? { action: 'ssm:GetParameters', resource: arn }
    : { action: 'secretsmanager:GetSecretValue', resource: arn.split(':').slice(0, 7).join(':') };
}
