import { ENGINE_UID } from '../../core/agent/engine-user.ts';

/** Another user than ours, which engines run as. */
export interface EngineUser {
  /** Becomes the command that follows it, run by that user. */
  readonly launcher: readonly [string, ...string[]];
  /** The user's group; we are a member of it. */
  readonly groupId: number;
}

/** The user that the image of the GPU task has for engines; elsewhere they run as ours. */
export function engineUserOf(env: Readonly<Record<string, string | undefined>>): EngineUser | null {
  const launcher = env['ENGINE_LAUNCHER'];
  return launcher ? { launcher: [launcher], groupId: ENGINE_UID } : null;
}
