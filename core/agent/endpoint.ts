import { rulesOf } from '../intake/endpoint-rules.ts';
import { field } from './usage.ts';
import { parseJson } from './verdict.ts';

/**
 * The endpoint that a Shard's Requests are for: of the Fleet's, the one whose prompt field the body has. Intake has
 * checked that every body of a Batch has the field of the Batch's endpoint. Throws where two would do.
 */
export function endpointOf(body: Uint8Array, endpoints: readonly string[]): string {
  const request = parseJson(body);
  const [only] = endpoints;
  if (only !== undefined && endpoints.length === 1) return only;
  const fitting = endpoints.filter((endpoint) => {
    const { prompt } = rulesOf(endpoint);
    return prompt !== undefined && field(request, prompt) !== undefined;
  });
  const [endpoint] = fitting;
  if (endpoint !== undefined && fitting.length === 1) return endpoint;
  throw new Error(
    `A Request fits ${fitting.length} of the Fleet's endpoints ${endpoints.join(', ')}, not one.`,
  );
}
