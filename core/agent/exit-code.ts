/** What a Task ends with. Node itself ends with 13 at most, and a container runtime with 125 at least. */
export const EXIT_CODES = {
  /** A stop, an Interruption, or no work. */
  ended: 0,
  /** The engine cannot be brought up. */
  failed: 1,
  /** Its instance must get no other Task (core/fleet/instances.ts). */
  gpuFailed: 30,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
