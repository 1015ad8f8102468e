import type { InstanceGroup } from '../../core/fleet/instances.ts';

/** Something about a group that is not as it was at the look before. */
export interface Change {
  readonly group: string;
  readonly what: 'waitingGpus' | 'desired' | 'launched' | 'registered' | 'busy';
  readonly from: number;
  readonly to: number;
}

/** What changed between two looks at the same groups. */
export function changes(before: readonly InstanceGroup[], now: readonly InstanceGroup[]): readonly Change[] {
  return now.flatMap((group) => {
    const old = before.find(({ name }) => name === group.name);
    const [was, is] = [countsOf(old), countsOf(group)];
    return (Object.keys(is) as readonly (keyof typeof is)[]).flatMap((what) =>
      was[what] === is[what] ? [] : [{ group: group.name, what, from: was[what], to: is[what] }],
    );
  });
}

const countsOf = (group: InstanceGroup | undefined): Readonly<Record<Change['what'], number>> => ({
  waitingGpus: group?.waitingGpus ?? 0,
  desired: group?.desired ?? 0,
  launched: group?.launched ?? 0,
  registered: group?.instances.filter(({ arn }) => arn !== null).length ?? 0,
  busy: group?.instances.filter(({ busy }) => busy).length ?? 0,
});
