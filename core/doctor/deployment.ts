import type { Fleet } from '../fleet/catalogue.ts';
import { namesRegistry, parseRepositoryUri } from '../image-reference.ts';
import type { WireVersion } from '../wire/version.ts';
import { type Asked, judge } from './asked.ts';
import { type Finding, failed, passed, skipped } from './finding.ts';

/** Outputs of a deployed stack by name; null where it is not deployed. */
export type Outputs = Readonly<Record<string, string>> | null;

const NOT_DEPLOYED = 'not deployed yet';

/** What is deployed from what: the commands that mend a thing must name both. */
export interface Target {
  readonly stack: string;
  /** A file of config/profiles, without `.json`. */
  readonly profile: string;
}

const deploy = ({ profile }: Target): string => `npm exec -- cdk deploy -c profile=${profile}`;

export const checkStack = (asked: Asked<Outputs>, target: Target): Finding =>
  judge('stack', asked, (outputs) =>
    outputs === null
      ? skipped('stack', `${target.stack} is ${NOT_DEPLOYED}: ${deploy(target)}`)
      : passed('stack', `${target.stack} is deployed`),
  );

/** An image by its name in the profile. */
export type ImageName =
  /** In Amazon ECR, by tag or digest. */
  | {
      readonly kind: 'ecr';
      readonly repository: ReturnType<typeof parseRepositoryUri>;
      readonly reference: string;
    }
  | { readonly kind: 'registry'; readonly host: string }
  /** Docker Hub would be asked for it. */
  | { readonly kind: 'no-registry' };

export function parseImageName(image: string): ImageName {
  if (!namesRegistry(image)) return { kind: 'no-registry' };
  const [host = ''] = image.split('/');
  const { uri = image, reference = 'latest' } =
    /^(?<uri>.+?)(?:@|:(?=[^/]+$))(?<reference>.+)$/.exec(image)?.groups ?? {};
  if (!/\.dkr\.ecr(-fips)?\./.test(host)) return { kind: 'registry', host };
  return { kind: 'ecr', repository: parseRepositoryUri(uri), reference };
}

const push = (target: Target): string =>
  `npm run image:push -- --stack ${target.stack}, put the line that it prints into config/profiles/${target.profile}.json, then: ${deploy(target)}`;

/** Of a profile without one. */
export const noImage = (target: Target): Finding =>
  failed('image', 'the profile names none: Tasks cannot start', push(target));

export interface AskedImage {
  readonly image: string;
  readonly name: ImageName;
  /** Of ECR whether it is there, of another registry whether it answers. */
  readonly asked: Asked<boolean>;
}

/** Whether instances can pull the GPU task's image. */
export function checkImage({ image, name, asked }: AskedImage, target: Target): Finding {
  switch (name.kind) {
    case 'no-registry':
      return failed(
        'image',
        `${image} names no registry: instances would ask Docker Hub for it`,
        push(target),
      );
    case 'ecr':
      return judge('image', asked, (found) =>
        found ? passed('image', `${image} is there`) : failed('image', `${image} is not there`, push(target)),
      );
    case 'registry':
      return judge('image', asked, () =>
        passed('image', `${name.host} answers; whether it has the image was not asked`),
      );
    default:
      return name satisfies never;
  }
}

/** What is known of a Fleet's weights. */
export type Weights =
  | { readonly kind: 'bucket'; readonly asked: Asked<boolean> }
  | { readonly kind: 'hub'; readonly asked: Asked<string> }
  /** Of the hub, by a token that Tasks get as a secret. */
  | { readonly kind: 'hub-by-token' }
  | { readonly kind: 'none' };

export interface CheckedModel {
  readonly fleet: Pick<Fleet, 'id'>;
  /** The Fleet's file in config/models, without `.json`. */
  readonly config: string;
  readonly weights: Weights;
}

/** Whether Tasks can load a Fleet's weights; for the hub's they have a token only by `engine.secrets`. */
export function checkModel({ fleet, config, weights }: CheckedModel, { stack }: Target): Finding {
  const check = `model ${fleet.id}`;
  const pull = `npm run models:pull -- ${config} --stack ${stack}`;
  switch (weights.kind) {
    case 'none':
      return skipped(check, 'its engine loads no weights from the hub or the bucket');
    case 'hub-by-token':
      return skipped(check, 'its Tasks have a token of the hub of their own, which was not tried');
    case 'bucket':
      return judge(check, weights.asked, (whole) =>
        whole
          ? passed(check, 'whole in the model bucket')
          : failed(check, 'not whole in the model bucket', pull),
      );
    case 'hub':
      if (weights.asked.kind === 'answered') return passed(check, `on the hub at ${weights.asked.value}`);
      return failed(
        check,
        weights.asked.reason,
        weights.asked.why === 'network'
          ? 'curl -sSI https://huggingface.co'
          : `HF_TOKEN=<a token that may read it> ${pull}, and put what it prints into config/models/${config}.json`,
      );
    default:
      return weights satisfies never;
  }
}

/** What the API says of itself: its version, or 401 without a key. */
export type ApiAnswer =
  | { readonly kind: 'version'; readonly version: WireVersion }
  | { readonly kind: 'unauthorized'; readonly hasKey: boolean }
  | { readonly kind: 'other'; readonly status: number };

export interface ApiTarget extends Target {
  readonly baseUrl: string;
  /** The stack's output TableName, where it is known. */
  readonly table: string | undefined;
  /** The version of these sources. */
  readonly here: string;
}

export function checkApi(asked: Asked<ApiAnswer>, target: ApiTarget): Finding {
  const { baseUrl, table = '<TableName>', here, stack } = target;
  return judge('API', asked, (answer) => {
    switch (answer.kind) {
      case 'version': {
        const { version, commit } = answer.version;
        const text = `${baseUrl} runs ${version}${commit === null ? '' : ` of ${commit.slice(0, 12)}`}`;
        return passed('API', version === here ? text : `${text}; here is ${here}`);
      }
      case 'unauthorized':
        return answer.hasKey
          ? failed(
              'API',
              'it refuses the key in SLACKLINE_API_KEY',
              `npm run keys -- --table ${table} create`,
            )
          : passed('API', `${baseUrl} answers; with a key in SLACKLINE_API_KEY also its version`);
      case 'other':
        return failed(
          'API',
          `${baseUrl}/version answers ${answer.status}`,
          answer.status === 404
            ? `Deploy this version: ${deploy(target)}`
            : `Each alarm names its page in docs/runbooks: aws cloudwatch describe-alarms --state-value ALARM --alarm-name-prefix ${stack}-`,
        );
      default:
        return answer satisfies never;
    }
  });
}

export const checkBucket = (asked: Asked<'there' | 'absent'>, bucket: string, target: Target): Finding =>
  judge('S3', asked, (found) =>
    found === 'there'
      ? passed('S3', `the bucket ${bucket} answers`)
      : failed('S3', `there is no bucket ${bucket}`, deploy(target)),
  );

/** Of what only a deployed stack has. */
export const withoutStack = (check: string, outputs: Asked<Outputs>): Finding =>
  skipped(
    check,
    outputs.kind === 'answered' ? NOT_DEPLOYED : 'not asked: it needs what the stack says of itself',
  );
