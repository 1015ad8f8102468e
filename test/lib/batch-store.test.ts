import { describe, expect, it } from 'vitest';
import { OBJECT_ROOTS } from '../../core/keys.ts';
import { readConfig } from '../../lib/config.ts';
import { CONFIG, synthesized } from './synthesized.ts';

interface Rule {
  readonly Id: string;
  readonly Status: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
}

const bucketOf = (profile: string) => {
  const buckets = Object.entries(synthesized(profile).findResources('AWS::S3::Bucket'));
  const [, bucket] = buckets.find(([id]) => id.startsWith('Store')) ?? [];
  return bucket?.['Properties'];
};
const tableOf = (profile: string) =>
  Object.values(synthesized(profile).findResources('AWS::DynamoDB::Table'))[0]?.['Properties'];

describe('the store that keeps data', () => {
  const { backupDays } = readConfig(CONFIG, 'dev').profile.retention;
  const rules: readonly Rule[] = bucketOf('dev').LifecycleConfiguration.Rules;

  it('can go back to any moment of the last backupDays, records and objects alike', () => {
    expect(tableOf('dev').PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: backupDays,
    });
    expect(bucketOf('dev').VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(rules).toContainEqual({
      Id: 'OldVersions',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: backupDays },
      ExpiredObjectDeleteMarker: true,
    });
  });

  it('deletes by age only what no Batch can need: never what is kept, and runs long after the longest window', () => {
    const byAge = rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
    expect(byAge.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
      [OBJECT_ROOTS.uploads, 2],
      [OBJECT_ROOTS.runs, 90],
    ]);
    expect(rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } }),
    );
    expect(rules.every(({ Status }) => Status === 'Enabled')).toBe(true);
  });
});

it('keeps no versions of data that does not outlive its stack', () => {
  expect(bucketOf('test').VersioningConfiguration).toBeUndefined();
  expect(tableOf('test').PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: false });
});
