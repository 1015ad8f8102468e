import { ENVIRONMENT } from '../core/environment.ts';
import type { Fleet } from '../core/fleet/catalogue.ts';
import { isPooled } from '../core/fleet/endpoints.ts';
import { modelsOf } from '../core/fleet/models.ts';
import { flagValue } from '../core/fleet/vllm-flags.ts';

/** Throws where it is not clear which Fleet a model and an endpoint mean, or where a Fleet contradicts its engine. */
export function checkModels(fleets: readonly Fleet[]): void {
  const owners = new Map<string, string>();
  for (const fleet of fleets) {
    for (const [i, model] of modelsOf(fleet).entries()) {
      // A model may stand on several Fleets, each for other endpoints; an adapter belongs to one.
      const claims = i === 0 ? fleet.endpoints.map((endpoint) => `${model} ${endpoint}`) : [model];
      for (const claim of claims) claimOnce(owners, claim, fleet);
    }
  }
  for (const fleet of fleets) {
    for (const { id } of fleet.adapters) refuseAsModel(fleets, id, fleet);
    checkEndpoints(fleet);
    checkContext(fleet);
    checkEnvironment(fleet);
    checkSecrets(fleet);
  }
}

function claimOnce(owners: Map<string, string>, claim: string, { id }: Fleet): void {
  const owner = owners.get(claim);
  if (owner !== undefined) {
    throw new Error(`Fleets ${owner} and ${id} both serve ${claim}. Rename or remove one of the two.`);
  }
  owners.set(claim, id);
}

function refuseAsModel(fleets: readonly Fleet[], adapter: string, { id }: Fleet): void {
  const namesake = fleets.find(({ model }) => model === adapter);
  if (namesake === undefined) return;
  throw new Error(
    `Fleet ${id}: the adapter ${adapter} is named as the model of Fleet ${namesake.id}. Rename one.`,
  );
}

/** One engine either writes or pools, whatever its model could do. */
function checkEndpoints({ id, endpoints, engine }: Fleet): void {
  const pooled = endpoints.filter(isPooled);
  const written = endpoints.filter((endpoint) => !isPooled(endpoint));
  if (pooled.length > 0 && written.length > 0) {
    throw new Error(
      `Fleet ${id}: one engine does not serve ${pooled.join(', ')} beside ${written.join(', ')}. Make two Fleets.`,
    );
  }
  const runner = engine.kind === 'vllm' ? flagValue(engine.args, ['--runner']) : undefined;
  const refused = runner === 'pooling' ? written : runner === 'generate' ? pooled : [];
  if (refused.length > 0) {
    throw new Error(
      `Fleet ${id}: its engine runs with --runner ${runner}, which serves no ${refused.join(', ')}.`,
    );
  }
}

function checkContext({ id, contextTokens, engine }: Fleet): void {
  const flag = engine.kind === 'vllm' ? flagValue(engine.args, ['--max-model-len']) : undefined;
  if (flag === undefined || Number(flag) === contextTokens) return;
  throw new Error(
    `Fleet ${id}: its engine takes --max-model-len ${flag}, but contextTokens is ${contextTokens}.`,
  );
}

/** What the name of a variable says; VLLM_MAX_TOKENS_PER_EXPERT_FP4_MOE counts tokens. */
const SECRET = /(TOKEN|KEY|SECRET|PASSWORD)(_|$)/i;

/** What the agent is told by, or what would change how it runs: it has the Task's credentials. */
const OF_THE_AGENT = /^(PATH|HOME|TMPDIR|NODE_.*|LD_.*)$/;

function checkSecrets({ id, engine }: Fleet): void {
  if (engine.kind !== 'vllm') return;
  const taken = [...ENVIRONMENT, ...Object.keys(engine.env ?? {})];
  const refused = Object.keys(engine.secrets ?? {}).filter(
    (name) => taken.includes(name) || OF_THE_AGENT.test(name),
  );
  if (refused.length === 0) return;
  throw new Error(
    `Fleet ${id}: engine.secrets has ${refused.join(', ')}, which the agent or engine.env sets. Use another name.`,
  );
}

function checkEnvironment({ id, engine }: Fleet): void {
  const names = engine.kind === 'vllm' ? Object.keys(engine.env ?? {}) : [];
  const open = names.filter((name) => SECRET.test(name));
  if (open.length === 0) return;
  throw new Error(
    `Fleet ${id}: engine.env is plain text in the task definition, and has ${open.join(', ')}. Put the value into Secrets Manager or a parameter of SSM, and its ARN under engine.secrets.`,
  );
}
