import type { Fleet } from '../fleet/catalogue.ts';
import { modelsOf } from '../fleet/models.ts';

/** A model of the wire (OpenAI Model). `slackline` is our extension. */
export interface WireModel {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  readonly slackline: ModelExtension;
}

/** What Slackline says of a model beyond OpenAI's fields. */
export interface ModelExtension {
  /** What a Batch of it may be for. */
  readonly endpoints: readonly string[];
  /** Prompt and completion together. */
  readonly context_tokens: number;
  /** The model that it adapts; null where it is one by itself. */
  readonly base_model: string | null;
  /** Null where the catalogue has none. */
  readonly prices: {
    readonly input_usd_per_million_tokens: number;
    readonly output_usd_per_million_tokens: number;
  } | null;
}

/** What `body.model` may name, each once: of several Fleets that serve one model the first tells of it. */
export function renderModels(fleets: readonly Fleet[]): readonly WireModel[] {
  const models = new Map<string, WireModel>();
  for (const fleet of fleets) {
    for (const id of modelsOf(fleet)) {
      const seen = models.get(id);
      models.set(id, seen === undefined ? modelOf(fleet, id) : withEndpoints(seen, fleet.endpoints));
    }
  }
  return [...models.values()];
}

function withEndpoints(model: WireModel, more: readonly string[]): WireModel {
  const endpoints = [...new Set([...model.slackline.endpoints, ...more])];
  return { ...model, slackline: { ...model.slackline, endpoints } };
}

function modelOf({ model, endpoints, contextTokens, prices }: Fleet, id: string): WireModel {
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'slackline',
    slackline: {
      endpoints,
      context_tokens: contextTokens,
      base_model: id === model ? null : model,
      prices:
        prices === undefined
          ? null
          : {
              input_usd_per_million_tokens: prices.inputUsdPerMillionTokens,
              output_usd_per_million_tokens: prices.outputUsdPerMillionTokens,
            },
    },
  };
}
