import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAdmission } from '../../../core/agent/admission-control.ts';
import { maxRunningOf } from '../../../core/agent/engine-limits.ts';
import { fleetSchema } from '../../../core/fleet/catalogue.ts';

const MODELS = join(import.meta.dirname, '../../../config/models');

it.each(readdirSync(MODELS))(
  '%s lets more be in flight than its engine runs, so that it never waits',
  (file) => {
    const { engine, concurrency } = fleetSchema.parse(JSON.parse(readFileSync(join(MODELS, file), 'utf8')));
    const maxRunning = maxRunningOf(engine);
    const wished = openAdmission({ ceiling: Number.POSITIVE_INFINITY, maxRunning }).requests;
    expect(maxRunning).not.toBeNull();
    expect(concurrency).toBeGreaterThanOrEqual(wished);
  },
);
