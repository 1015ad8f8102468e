import { checkAccount, checkBootstrap, checkClock, checkRegion } from '../../core/doctor/account.ts';
import { type Asked, judge } from '../../core/doctor/asked.ts';
import { checkOffered, checkQuota, type OfferedType, quotaNeeds } from '../../core/doctor/capacity.ts';
import type { CheckedProfile } from '../../core/doctor/checked-profile.ts';
import {
  checkApi,
  checkBucket,
  checkImage,
  checkModel,
  checkStack,
  noImage,
  type Outputs,
  parseImageName,
  type Target,
  type Weights,
  withoutStack,
} from '../../core/doctor/deployment.ts';
import { type Finding, skipped } from '../../core/doctor/finding.ts';
import { MANIFEST_FILE, weightsFolder } from '../../core/models/layout.ts';
import type { DoctorPorts } from './ports.ts';

export interface Examined {
  readonly profileName: string;
  readonly profile: CheckedProfile;
  readonly stack: string;
  /** In place of the stack's own. */
  readonly baseUrl: string | undefined;
  /** The version of these sources. */
  readonly version: string;
}

/** All checks, in the order in which one would mend what they find. */
export async function examine(ports: DoctorPorts, examined: Examined): Promise<readonly Finding[]> {
  const { profile, stack, profileName } = examined;
  const target = { stack, profile: profileName };
  const [region, identity, outputs] = await Promise.all([
    ports.region(),
    ports.identity(),
    ports.outputs(stack),
  ]);
  const place = {
    region: region ?? '<region>',
    account: identity.kind === 'answered' ? identity.value.account : '<account>',
  };
  const [clock, bootstrap, capacity, image, models, api, bucket] = await Promise.all([
    ports.clock(),
    ports.bootstrap(),
    examineCapacity(ports, profile, place.region),
    examineImage(ports, profile.agentImage, target),
    Promise.all(profile.fleets.map((each) => examineModel(ports, each, { outputs, target }))),
    examineApi(ports, examined, outputs),
    examineBucket(ports, outputs, target),
  ]);
  return [
    checkAccount(identity),
    checkRegion(region),
    checkClock(clock),
    ...capacity,
    checkBootstrap(bootstrap, place),
    image,
    ...models,
    checkStack(outputs, target),
    api,
    bucket,
  ];
}

async function examineCapacity(
  ports: DoctorPorts,
  { gpuClasses, zones }: CheckedProfile,
  region: string,
): Promise<readonly Finding[]> {
  const types = [...new Set(gpuClasses.flatMap(({ instanceTypes }) => instanceTypes))];
  const asked = await ports.offeredTypes(types);
  const offered = gpuClasses.map((gpuClass) =>
    judge(`instances of ${gpuClass.id}`, asked, (all) => checkOffered(gpuClass, all, { region, zones })),
  );
  if (asked.kind === 'refused') return [...offered, skipped('quotas', 'not asked: it needs the instances')];
  return [...offered, ...(await examineQuotas(ports, { gpuClasses, offered: asked.value, region }))];
}

interface Wanted extends Pick<CheckedProfile, 'gpuClasses'> {
  readonly offered: readonly OfferedType[];
  readonly region: string;
}

const examineQuotas = (
  ports: DoctorPorts,
  { gpuClasses, offered, region }: Wanted,
): Promise<readonly Finding[]> =>
  Promise.all(
    quotaNeeds(gpuClasses, offered).map(async (need) =>
      judge(`quota ${need.name}`, await ports.quota(need.code), (limit) => checkQuota(need, limit, region)),
    ),
  );

async function examineImage(
  ports: DoctorPorts,
  image: CheckedProfile['agentImage'],
  target: Target,
): Promise<Finding> {
  if (image === null) return noImage(target);
  const name = parseImageName(image);
  return checkImage({ image, name, asked: await ports.image(name) }, target);
}

async function examineModel(
  ports: DoctorPorts,
  { fleet, config }: CheckedProfile['fleets'][number],
  { outputs, target }: { readonly outputs: Asked<Outputs>; readonly target: Target },
): Promise<Finding> {
  const { id, engine } = fleet;
  const check = (weights: Weights): Finding => checkModel({ fleet, config, weights }, target);
  // A folder of the image, or another engine.
  if (engine.kind !== 'vllm' || /^[./]/.test(engine.model)) return check({ kind: 'none' });
  const { model, revision = 'main', weights, secrets = {} } = engine;
  if (weights !== 'bucket' && 'HF_TOKEN' in secrets) return check({ kind: 'hub-by-token' });
  if (weights !== 'bucket') return check({ kind: 'hub', asked: await ports.hubCommit(model, revision) });
  const bucket = outputOf(outputs, 'ModelBucketName');
  if (bucket === undefined) return withoutStack(`model ${id}`, outputs);
  const key = `${weightsFolder(id, revision)}${MANIFEST_FILE}`;
  return check({ kind: 'bucket', asked: await ports.objectIsThere(bucket, key) });
}

async function examineApi(
  ports: DoctorPorts,
  { baseUrl: given, version, stack, profileName }: Examined,
  outputs: Asked<Outputs>,
): Promise<Finding> {
  const baseUrl = given ?? outputOf(outputs, 'BaseUrl');
  if (baseUrl === undefined) return withoutStack('API', outputs);
  const table = outputOf(outputs, 'TableName');
  return checkApi(await ports.api(baseUrl), { baseUrl, table, here: version, stack, profile: profileName });
}

async function examineBucket(ports: DoctorPorts, outputs: Asked<Outputs>, target: Target): Promise<Finding> {
  const bucket = outputOf(outputs, 'ModelBucketName');
  if (bucket === undefined) return withoutStack('S3', outputs);
  return checkBucket(await ports.bucket(bucket), bucket, target);
}

const outputOf = (outputs: Asked<Outputs>, name: string): string | undefined =>
  outputs.kind === 'answered' ? outputs.value?.[name] : undefined;
