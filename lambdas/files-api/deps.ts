import type { Presigner } from '../../core/batch/presigner.ts';
import type { Clock, Objects, Records } from '../../core/ports.ts';
import type { FileRetention } from '../../core/retention/retention.ts';

export interface FilesDeps {
  readonly records: Records;
  readonly objects: Objects;
  readonly presigner: Presigner;
  readonly clock: Clock;
  readonly retention: FileRetention;
  /** At least 20 hex digits, each time others. */
  readonly randomHex: () => string;
}
