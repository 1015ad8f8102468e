import type { Retention } from '../../core/retention/retention.ts';

export const RETENTION: Retention = { inputFileDays: 30, outputFileDays: 90, batchDays: 60, backupDays: 14 };
