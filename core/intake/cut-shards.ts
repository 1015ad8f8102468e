/** A Request on its way into a Shard, encoded as the Shard object holds it. */
export interface CutLine {
  readonly bytes: Uint8Array;
  readonly estimatedTokens: number;
  /** Requests of equal keys are kept together. */
  readonly prefixKey: string;
}

/** What becomes one Shard. */
export interface Cut {
  readonly lines: readonly CutLine[];
  readonly estimatedTokens: number;
}

export interface CutLimits {
  readonly maxTokens: number;
  readonly maxLines: number;
  readonly maxBytes: number;
  readonly maxBufferedBytes: number;
}

/** What a buffered line costs beside its bytes. */
const LINE_OVERHEAD_BYTES = 256;

/**
 * Groups Requests by prefix and cuts them into Shards. A group that fills a Shard is cut at once. When the buffer
 * is full, and at the end, the groups are laid one after the other and cut where a Shard is full, so that many
 * small groups (the usual case: every prompt begins differently) still make full Shards.
 */
export function shardCutter(limits: CutLimits) {
  const groups = prefixGroups();
  return {
    /** Takes a Request; answers the Shards that are ready by it. */
    add(line: CutLine): readonly Cut[] {
      const group = groups.of(line.prefixKey);
      const ready = group?.fits(line, limits) === false ? [groups.take(line.prefixKey, group)] : [];
      groups.add(line);
      if (groups.bufferedBytes() <= limits.maxBufferedBytes) return ready;
      const { full, rest } = cutInOrder(groups.takeAll(), limits);
      for (const waiting of rest.lines()) groups.add(waiting);
      return [...ready, ...full];
    },
    /** The Shards of all that is left. */
    end(): readonly Cut[] {
      const { full, rest } = cutInOrder(groups.takeAll(), limits);
      return rest.lines().length === 0 ? full : [...full, rest.cut()];
    },
  };
}

/** Requests that wait, by prefix, in the order in which the prefixes came up. */
function prefixGroups() {
  let groups = new Map<string, Growing>();
  let bufferedBytes = 0;
  return {
    of: (prefixKey: string): Growing | undefined => groups.get(prefixKey),
    bufferedBytes: (): number => bufferedBytes,
    add(line: CutLine): void {
      const group = groups.get(line.prefixKey) ?? growing();
      groups.set(line.prefixKey, group);
      group.add(line);
      bufferedBytes += line.bytes.length + LINE_OVERHEAD_BYTES;
    },
    take(prefixKey: string, group: Growing): Cut {
      groups.delete(prefixKey);
      bufferedBytes -= group.sizeBytes() + group.lines().length * LINE_OVERHEAD_BYTES;
      return group.cut();
    },
    takeAll(): readonly CutLine[] {
      const lines = [...groups.values()].flatMap((group) => group.lines());
      groups = new Map();
      bufferedBytes = 0;
      return lines;
    },
  };
}

function cutInOrder(lines: readonly CutLine[], limits: CutLimits) {
  const full: Cut[] = [];
  let rest = growing();
  for (const line of lines) {
    if (!rest.fits(line, limits)) {
      full.push(rest.cut());
      rest = growing();
    }
    rest.add(line);
  }
  return { full, rest };
}

type Growing = ReturnType<typeof growing>;

function growing() {
  const lines: CutLine[] = [];
  let estimatedTokens = 0;
  let sizeBytes = 0;
  return {
    add(line: CutLine): void {
      lines.push(line);
      estimatedTokens += line.estimatedTokens;
      sizeBytes += line.bytes.length;
    },
    /** One line always fits, whatever its size. */
    fits: (line: CutLine, limits: CutLimits): boolean =>
      lines.length === 0 ||
      (lines.length < limits.maxLines &&
        estimatedTokens + line.estimatedTokens <= limits.maxTokens &&
        sizeBytes + line.bytes.length <= limits.maxBytes),
    lines: (): readonly CutLine[] => lines,
    sizeBytes: (): number => sizeBytes,
    cut: (): Cut => ({ lines, estimatedTokens }),
  };
}
