import type { Deployment } from './deployment.ts';

/** The types of a deployment that are not among the emulated ones, each once, in order of name. */
export function unsupportedTypes(deployment: Deployment, emulated: ReadonlySet<string>): readonly string[] {
  const types = new Set(deployment.resources.map((resource) => resource.type));
  return [...types].filter((type) => !emulated.has(type)).sort();
}
