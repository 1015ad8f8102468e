import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const usd = z.number().positive();

/** USD for one of what the name says. */
const pricesSchema = z.strictObject({
  region: z.string(),
  takenOn: z.iso.date(),
  from: z.string(),
  apiGatewayRequest: usd,
  lambdaRequest: usd,
  lambdaGbSecondArm: usd,
  dynamoDbWriteUnit: usd,
  dynamoDbReadUnit: usd,
  dynamoDbStorageGbMonth: usd,
  dynamoDbPitrGbMonth: usd,
  s3Put: usd,
  s3Get: usd,
  s3GbMonth: usd,
  sqsRequest: usd,
  stepFunctionsTransition: usd,
  eventBridgeCustomEvent: usd,
  logsIngestedGb: usd,
  logsStoredGbMonth: usd,
  customMetricMonth: usd,
  alarmMonth: usd,
  dashboardMonth: usd,
  xrayTrace: usd,
  ecrGbMonth: usd,
  customerKeyMonth: usd,
  natGatewayHour: usd,
  interfaceEndpointHourPerZone: usd,
  publicIpv4Hour: usd,
  gp3GbMonth: usd,
});
export type Prices = z.infer<typeof pricesSchema>;

export const readPrices = (): Prices =>
  pricesSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'prices.json'), 'utf8')));

/** As AWS's own calculator counts. */
export const HOURS_PER_MONTH = 730;
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;

/** One position of a bill. */
export interface Cost {
  readonly what: string;
  /** How it was computed, for who reads the table. */
  readonly how: string;
  readonly usd: number;
}

export const totalOf = (costs: readonly Cost[]): number => costs.reduce((sum, { usd }) => sum + usd, 0);
