import type { Identity } from '../../core/doctor/account.ts';
import type { Asked } from '../../core/doctor/asked.ts';
import type { OfferedType } from '../../core/doctor/capacity.ts';
import type { ApiAnswer, ImageName, Outputs } from '../../core/doctor/deployment.ts';

/** What the doctor asks, each within seconds; nothing throws. */
export interface DoctorPorts {
  region(): Promise<string | null>;
  identity(): Promise<Asked<Identity>>;
  clock(): Promise<Asked<{ readonly skewMs: number }>>;
  bootstrap(): Promise<Asked<{ readonly version: number | null }>>;
  offeredTypes(types: readonly string[]): Promise<Asked<readonly OfferedType[]>>;
  quota(code: string): Promise<Asked<number>>;
  outputs(stack: string): Promise<Asked<Outputs>>;
  image(name: ImageName): Promise<Asked<boolean>>;
  objectIsThere(bucket: string, key: string): Promise<Asked<boolean>>;
  bucket(name: string): Promise<Asked<'there' | 'absent'>>;
  /** The commit that a model's revision stands for on the hub. */
  hubCommit(repository: string, revision: string): Promise<Asked<string>>;
  api(baseUrl: string): Promise<Asked<ApiAnswer>>;
}
