import type { Log } from '../../gpu-task/agent/log.ts';

export const silentLog: Log = { info: () => undefined, warn: () => undefined, with: () => silentLog };
