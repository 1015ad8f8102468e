import { startProgram } from '../start-program.ts';

export interface Diagnosis {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Without this machine's own credentials and settings. */
const BARE = { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
const SERVICES = ['STS', 'EC2', 'CLOUDFORMATION', 'SERVICE_QUOTAS', 'SSM', 'ECR', 'S3'];

/** Credentials, a region, and one address for every service. */
export const awsAt = (url: string): Readonly<Record<string, string>> => ({
  ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', HF_ENDPOINT: url },
  ...Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
});

/** Runs the command as a user does, in this environment alone. */
export const runDoctor = (
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Diagnosis> => startProgram('doctor.ts', args, { ...BARE, ...env }).ended;

/** The mark, the text and the mending line of a check; spaces are squeezed. */
export function findingOf({ out }: Diagnosis, check: string): string {
  const lines = out.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
  const at = lines.findIndex((line) => line.slice(2).startsWith(check));
  const mend = lines[at + 1]?.startsWith('→') ? ` ${lines[at + 1]}` : '';
  return `${lines[at]}${mend}`;
}
