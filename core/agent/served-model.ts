import { field } from './usage.ts';
import { parseJson } from './verdict.ts';

export interface ServedModelFacts {
  /** As Requests name it. */
  readonly fleetModel: string;
  /** What the catalogue says that the server calls it; undefined where it says nothing. */
  readonly named: string | undefined;
  /** The names that the server lists; null where it has no list. */
  readonly listed: readonly string[] | null;
}

export interface ServedModel {
  readonly name: string;
  /** Otherwise only an answer shows it: a server may know more names than it lists. */
  readonly isListed: boolean;
}

/** What a server of someone else calls the Fleet's model; its only model, where nobody said another name. */
export function servedModel({ fleetModel, named, listed }: ServedModelFacts): ServedModel {
  const name = named ?? fleetModel;
  if (listed?.includes(name)) return { name, isListed: true };
  const [only, ...others] = listed ?? [];
  const isOnlyOne = named === undefined && only !== undefined && others.length === 0;
  return { name: isOnlyOne ? only : name, isListed: false };
}

/** The names in the answer to `GET /v1/models`, or null where it is none. */
export function modelNamesIn(body: Uint8Array): readonly string[] | null {
  const models = field(parseJson(body), 'data');
  if (!Array.isArray(models)) return null;
  return models.map((model) => field(model, 'id')).filter((id) => typeof id === 'string');
}
