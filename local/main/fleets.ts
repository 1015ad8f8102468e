import { z } from 'zod';
import { type EngineConfig, type Fleet, fleetSchema } from '../../core/fleet/catalogue.ts';
import { deployed } from '../stack/deployed.ts';
import type { Deployment } from '../template/deployment.ts';

const definitionSchema = z.object({
  ContainerDefinitions: z.array(
    z.object({ Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]) }),
  ),
});

/** The Fleets of a deployment, as their agents are told of them. */
export function deployedFleets(deployment: Deployment): readonly Fleet[] {
  return deployed(deployment, 'AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => definitionSchema.parse(properties).ContainerDefinitions)
    .flatMap(({ Environment }) => Environment.filter(({ Name }) => Name === 'FLEET'))
    .map(({ Value }) => fleetSchema.parse(JSON.parse(String(Value))));
}

/** Where a Fleet's answers come from, in few words. */
export function describeEngine(engine: EngineConfig): string {
  switch (engine.kind) {
    case 'simulated':
      return 'simulated';
    case 'openai-compatible':
      return engine.model === undefined ? engine.baseUrl : `${engine.baseUrl} (${engine.model})`;
    case 'vllm':
      return `vLLM (${engine.model})`;
    default:
      return engine satisfies never;
  }
}
