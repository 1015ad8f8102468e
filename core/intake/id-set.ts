/** Slots of a partition at first; 1,024 partitions of 16 slots are 128 KiB. */
const PARTITIONS = 1024;
const FIRST_SLOTS = 16;
const MAX_LOAD = 0.8;
const GROWTH = 1.25;
/** A slot is a 64-bit hash in two words; both zero: free. */
const WORDS = 2;

export interface IdSet {
  /** True where the hash was not there before. Looks at its first 8 bytes. */
  add(sha256: Uint8Array): boolean;
  sizeBytes(): number;
}

/**
 * Tells whether a hash was seen before. Open addressing over 64 bits of the hash, at 8 bytes a slot: between 10
 * bytes a line and, after a growth, 12.5. Partitions grow one at a time, so that growing copies a thousandth and
 * stays within 16 bytes a line. Two of a million ids collide with probability 3e-8; the file would then be refused
 * for a duplicate that it does not hold.
 */
export function idSet(): IdSet {
  const partitions = Array.from({ length: PARTITIONS }, () => ({
    words: new Uint32Array(FIRST_SLOTS * WORDS),
    used: 0,
  }));
  return {
    add(sha256) {
      const view = new DataView(sha256.buffer, sha256.byteOffset, 8);
      const high = view.getUint32(0);
      const low = view.getUint32(4) || 1;
      const partition = partitions[high % PARTITIONS];
      if (partition === undefined) return false;
      if (!insert(partition.words, high, low)) return false;
      partition.used++;
      const slots = partition.words.length / WORDS;
      if (partition.used > slots * MAX_LOAD) partition.words = grown(partition.words);
      return true;
    },
    sizeBytes: () => partitions.reduce((sum, { words }) => sum + words.byteLength, 0),
  };
}

/** False where it is there. There is always a free slot: the load ends below one. */
function insert(words: Uint32Array, high: number, low: number): boolean {
  const slots = words.length / WORDS;
  for (let slot = low % slots; ; slot = (slot + 1) % slots) {
    const at = slot * WORDS;
    if (words[at] === high && words[at + 1] === low) return false;
    if (words[at + 1] !== 0) continue;
    words[at] = high;
    words[at + 1] = low;
    return true;
  }
}

function grown(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const slots = Math.ceil((words.length / WORDS) * GROWTH);
  const larger = new Uint32Array(slots * WORDS);
  for (let at = 0; at < words.length; at += WORDS) {
    const [high = 0, low = 0] = words.subarray(at, at + WORDS);
    if (low !== 0) insert(larger, high, low);
  }
  return larger;
}
