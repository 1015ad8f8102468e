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
  type Outputs,
  parseImageName,
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
    examineImage(ports, profile.agentImage),
    Promise.all(profile.fleets.map((each) => examineModel(ports, each, outputs))),
    examineApi(ports, examined, outputs),
    examineBucket(ports, outputs),
  ]);
  return [
    checkAccount(identity),
    checkRegion(region),
    checkClock(clock),
    ...capacity,
    checkBootstrap(bootstrap, place),
    image,
    ...models,
    checkStack(outputs, stack, profileName),
    api,
    bucket,
  ];
}

async function examineCapacity(
  ports: DoctorPorts,
  { gpuClasses }: CheckedProfile,
  region: string,
): Promise<readonly Finding[]> {
  const types = [...new Set(gpuClasses.flatMap(({ instanceTypes }) => instanceTypes))];
  const asked = await ports.offeredTypes(types);
  const offered = gpuClasses.map((gpuClass) =>
    judge(`instances of ${gpuClass.id}`, asked, (all) => checkOffered(gpuClass, all, region)),
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

async function examineImage(ports: DoctorPorts, agentImage: string): Promise<Finding> {
  const name = parseImageName(agentImage);
  return checkImage(agentImage, name, await ports.image(name));
}

async function examineModel(
  ports: DoctorPorts,
  { fleet, config }: CheckedProfile['fleets'][number],
  outputs: Asked<Outputs>,
): Promise<Finding> {
  const { id, engine } = fleet;
  // A folder of the image, or another engine.
  if (engine.kind !== 'vllm' || /^[./]/.test(engine.model))
    return checkModel(fleet, config, { kind: 'none' });
  const { model, revision = 'main', weights } = engine;
  if (weights !== 'bucket') {
    return checkModel(fleet, config, { kind: 'hub', asked: await ports.hubCommit(model, revision) });
  }
  const bucket = outputOf(outputs, 'ModelBucketName');
  if (bucket === undefined) return withoutStack(`model ${id}`, outputs);
  const key = `${weightsFolder(id, revision)}${MANIFEST_FILE}`;
  return checkModel(fleet, config, { kind: 'bucket', asked: await ports.objectIsThere(bucket, key) });
}

async function examineApi(
  ports: DoctorPorts,
  { baseUrl: given, version }: Examined,
  outputs: Asked<Outputs>,
): Promise<Finding> {
  const baseUrl = given ?? outputOf(outputs, 'BaseUrl');
  if (baseUrl === undefined) return withoutStack('API', outputs);
  return checkApi(await ports.api(baseUrl), baseUrl, version);
}

async function examineBucket(ports: DoctorPorts, outputs: Asked<Outputs>): Promise<Finding> {
  const bucket = outputOf(outputs, 'ModelBucketName');
  return bucket === undefined ? withoutStack('S3', outputs) : checkBucket(await ports.bucket(bucket), bucket);
}

const outputOf = (outputs: Asked<Outputs>, name: string): string | undefined =>
  outputs.kind === 'answered' ? outputs.value?.[name] : undefined;
