import type { Adapter } from './adapter.ts';
import type { Fleet } from './catalogue.ts';

/** What `body.model` may name for a Fleet: its own model first, then its adapters. */
export const modelsOf = ({ model, adapters }: Pick<Fleet, 'model' | 'adapters'>): readonly string[] => [
  model,
  ...adapters.map(({ id }) => id),
];

/** The adapter behind a model; undefined for the Fleet's own. */
export const adapterOf = ({ adapters }: Pick<Fleet, 'adapters'>, model: string): Adapter | undefined =>
  adapters.find(({ id }) => id === model);
