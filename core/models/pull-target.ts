import type { Fleet } from '../fleet/catalogue.ts';
import { adapterFolder, weightsFolder } from './layout.ts';

/** What a pull fetches, where it puts it, and where the catalogue names it. */
export interface PullTarget {
  readonly repository: string;
  /** That the catalogue names; undefined where it names none. */
  readonly revision: string | undefined;
  readonly folder: (commit: string) => string;
  /** The file of config/models, without `.json`. */
  readonly config: string;
  /** Who names it in that file, for people. */
  readonly place: string;
  /** What stands there once the bucket's copy of a commit is the one to use. */
  readonly fields: (commit: string) => Readonly<Record<string, string>>;
  /** Whether that stands there. */
  readonly isNamed: (commit: string) => boolean;
}

interface NamedFleet {
  readonly name: string;
  readonly fleet: Fleet;
}

/** Two parts, of letters, digits, hyphens, dots and underscores: anything else is a folder. */
const HUB_NAME = /^[\w-][\w.-]*\/[\w.-]+$/;

/** The weights of a Fleet, by the name of its file, its id, or the model that users name. Throws where there are none. */
export function weightsTarget(fleets: readonly NamedFleet[], wanted: string): PullTarget {
  const found = fleets.find(({ name, fleet }) => [name, fleet.id, fleet.model].includes(wanted));
  if (found === undefined) {
    const known = fleets.map(({ name }) => name).join(', ');
    throw new Error(`There is no model ${wanted} in config/models; it has: ${known}.`);
  }
  const { name, fleet } = found;
  const { engine } = fleet;
  if (engine.kind !== 'vllm' || !HUB_NAME.test(engine.model)) {
    throw new Error(
      `config/models/${name}.json names no repository of the Hugging Face hub in engine.model, so there is nothing to pull.`,
    );
  }
  return {
    repository: engine.model,
    revision: engine.revision,
    folder: (commit) => weightsFolder(fleet.id, commit),
    config: name,
    place: 'engine',
    fields: (commit) => ({ weights: 'bucket', revision: commit }),
    isNamed: (commit) => engine.weights === 'bucket' && engine.revision === commit,
  };
}

/** An adapter by its id. Throws where no Fleet has it, or where it is a folder of the Task's machine. */
export function adapterTarget(fleets: readonly NamedFleet[], wanted: string): PullTarget {
  const all = fleets.flatMap(({ name, fleet }) => fleet.adapters.map((adapter) => ({ name, adapter })));
  const found = all.find(({ adapter }) => adapter.id === wanted);
  if (found === undefined) {
    const known = all.map(({ adapter }) => adapter.id).join(', ') || 'none';
    throw new Error(`There is no adapter ${wanted} in config/models; adapters there: ${known}.`);
  }
  const { name, adapter } = found;
  if (adapter.source !== 'bucket') {
    throw new Error(
      `The adapter ${wanted} of config/models/${name}.json is a folder of the Task's machine, so there is nothing to pull.`,
    );
  }
  return {
    repository: adapter.repository,
    revision: adapter.revision,
    folder: (commit) => adapterFolder(adapter.id, commit),
    config: name,
    place: `adapter ${adapter.id}`,
    fields: (commit) => ({ revision: commit }),
    isNamed: (commit) => adapter.revision === commit,
  };
}
