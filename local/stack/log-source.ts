/** Where a line of log comes from. */
export interface LogSource {
  readonly kind: 'function' | 'task' | 'stack';
  /** A function's name or a task's id; what of the stack itself. */
  readonly name: string;
}

export type OnLog = (source: LogSource, line: string) => void;
