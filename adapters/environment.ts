import type { EnvironmentName } from '../core/environment.ts';

/** Reads variables at cold start; throws one error that lists every missing name. */
export function readEnvironment<Name extends EnvironmentName>(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => env[name] === undefined || env[name] === '');
  if (missing.length > 0) throw new Error(`Missing environment variables: ${missing.join(', ')}.`);
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}
