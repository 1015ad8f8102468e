import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './agent/log.ts';

/** Logs as JSON lines by Powertools. */
export function powertoolsLog(logger: Logger): Log {
  return {
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    with: (fields) => powertoolsLog(logger.createChild({ persistentKeys: { ...fields } })),
  };
}
