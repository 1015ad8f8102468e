import type { ContainerProgram } from '../../adapters/container-program.ts';
import { type ImageRepositoryName, imageTag } from '../../core/image-reference.ts';

export interface PushDeps {
  /** Makes the build context and answers its folder. */
  readonly buildContext: () => Promise<string>;
  readonly contentHash: (folder: string) => string;
  readonly findProgram: () => Promise<ContainerProgram>;
  readonly registryIn: (region: string) => ImageRegistry;
  readonly say: (line: string) => void;
}
export interface ImageRegistry {
  login(): Promise<{ readonly user: string; readonly password: string }>;
  /** Null where the repository has no such tag. */
  digestOf(repository: ImageRepositoryName, tag: string): Promise<string | null>;
}

/** The instances' architecture, whatever this machine's is. */
const PLATFORM = 'linux/amd64';

/** Builds the GPU task's image and pushes it, unless it is there already; answers its name by digest. */
export async function pushImage(
  deps: PushDeps,
  repository: ImageRepositoryName,
  version: string,
): Promise<string> {
  const registry = deps.registryIn(repository.region);
  const context = await deps.buildContext();
  const tag = imageTag(version, deps.contentHash(context));
  const present = await registry.digestOf(repository, tag);
  if (present !== null) {
    deps.say(`${repository.uri}:${tag} is there already; nothing was built.`);
    return `${repository.uri}@${present}`;
  }
  await buildAndPush(deps, registry, { repository, tag, context });
  const pushed = await registry.digestOf(repository, tag);
  if (pushed !== null) return `${repository.uri}@${pushed}`;
  throw new Error(`${repository.uri}:${tag} was pushed, but Amazon ECR does not list it. Run it again.`);
}

interface Build {
  readonly repository: ImageRepositoryName;
  readonly tag: string;
  readonly context: string;
}

async function buildAndPush(
  deps: PushDeps,
  registry: ImageRegistry,
  { repository, tag, context }: Build,
): Promise<void> {
  const image = `${repository.uri}:${tag}`;
  const program = await deps.findProgram();
  deps.say(`Building ${image} with ${program.name}. The first time it loads vLLM's image, which is large.`);
  await program.run('The build', ['build', '--platform', PLATFORM, '--tag', image, context]);
  // After the build, which may take long.
  const { user, password } = await registry.login();
  const login = ['login', '--username', user, '--password-stdin', repository.registry];
  await program.run('The login', login, password);
  await program.run('The push', ['push', image]);
}
