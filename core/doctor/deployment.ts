import type { Fleet } from '../fleet/catalogue.ts';
import { parseRepositoryUri } from '../image-reference.ts';
import type { WireVersion } from '../wire/version.ts';
import { type Asked, judge } from './asked.ts';
import { type Finding, failed, passed, skipped } from './finding.ts';

/** Outputs of a deployed stack by name; null where it is not deployed. */
export type Outputs = Readonly<Record<string, string>> | null;

const NOT_DEPLOYED = 'not deployed yet';

export const checkStack = (asked: Asked<Outputs>, stack: string, profile: string): Finding =>
  judge('stack', asked, (outputs) =>
    outputs === null
      ? skipped('stack', `${stack} is ${NOT_DEPLOYED}: npm exec -- cdk deploy -c profile=${profile}`)
      : passed('stack', `${stack} is deployed`),
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
  const [host = ''] = image.split('/');
  if (!image.includes('/') || !/[.:]|^localhost$/.test(host)) return { kind: 'no-registry' };
  const { uri = image, reference = 'latest' } =
    /^(?<uri>.+?)(?:@|:(?=[^/]+$))(?<reference>.+)$/.exec(image)?.groups ?? {};
  if (!/\.dkr\.ecr(-fips)?\./.test(host)) return { kind: 'registry', host };
  return { kind: 'ecr', repository: parseRepositoryUri(uri), reference };
}

const PUSH = 'npm run image:push, put the line that it prints into the profile, and deploy';

/** Whether instances can pull the GPU task's image. `found`: of ECR whether it is there, of another registry whether it answers. */
export function checkImage(image: string, name: ImageName, asked: Asked<boolean>): Finding {
  switch (name.kind) {
    case 'no-registry':
      return failed('image', `${image} names no registry: instances would ask Docker Hub for it`, PUSH);
    case 'ecr':
      return judge('image', asked, (found) =>
        found ? passed('image', `${image} is there`) : failed('image', `${image} is not there`, PUSH),
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
  | { readonly kind: 'none' };

/** `config` is the Fleet's file in config/models, without `.json`. */
export function checkModel({ id }: Pick<Fleet, 'id'>, config: string, weights: Weights): Finding {
  const check = `model ${id}`;
  switch (weights.kind) {
    case 'none':
      return skipped(check, 'its engine loads no weights from the hub or the bucket');
    case 'bucket':
      return judge(check, weights.asked, (whole) =>
        whole
          ? passed(check, 'whole in the model bucket')
          : failed(check, 'not whole in the model bucket', `npm run models:pull -- ${config}`),
      );
    case 'hub':
      if (weights.asked.kind === 'answered') return passed(check, `on the hub at ${weights.asked.value}`);
      return failed(
        check,
        weights.asked.reason,
        weights.asked.why === 'network'
          ? 'curl -sSI https://huggingface.co'
          : `export HF_TOKEN=<a token that may read it>, then: npm run models:pull -- ${config}`,
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

/** `here` is the version of these sources. */
export function checkApi(asked: Asked<ApiAnswer>, baseUrl: string, here: string): Finding {
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
              'npm run keys -- --table <TableName> create',
            )
          : passed('API', `${baseUrl} answers; with a key in SLACKLINE_API_KEY also its version`);
      case 'other':
        return failed(
          'API',
          `${baseUrl}/version answers ${answer.status}`,
          answer.status === 404
            ? 'Deploy this version: npm exec -- cdk deploy'
            : 'Look at the alarms of the stack, and at the log of the function batches-api',
        );
      default:
        return answer satisfies never;
    }
  });
}

export const checkBucket = (asked: Asked<'there' | 'absent'>, bucket: string): Finding =>
  judge('S3', asked, (found) =>
    found === 'there'
      ? passed('S3', `the bucket ${bucket} answers`)
      : failed('S3', `there is no bucket ${bucket}`, 'npm exec -- cdk deploy'),
  );

/** Of what only a deployed stack has. */
export const withoutStack = (check: string, outputs: Asked<Outputs>): Finding =>
  skipped(
    check,
    outputs.kind === 'answered' ? NOT_DEPLOYED : 'not asked: it needs what the stack says of itself',
  );
