import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flatReference } from '../../lib/flat-reference.ts';
import { DEPLOYED_PROFILES } from '../../scripts/template/with-stack.ts';
import { IMAGE_COMMAND, lastOf } from '../gpu-task/dockerfile.ts';
import { synthesized } from './synthesized.ts';

const containersOf = (template: Template) =>
  Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
    ({ Properties }) => Properties.ContainerDefinitions[0],
  );
const containers = containersOf(synthesized('dev'));

describe('the image of a GPU task', () => {
  it.each(DEPLOYED_PROFILES)(
    'is none that others could push, before %s names the one that was',
    (profile) => {
      const images = containersOf(synthesized(profile)).map(({ Image }) => flatReference(Image));
      expect(images.length).toBeGreaterThan(0);
      for (const image of images) {
        expect(image).toMatch(/\.dkr\.ecr\..*<ImagesRepository\w+>:run-image-push-first$/);
      }
    },
  );

  it('is the one that the profile names', () => {
    const agentImage = 'ghcr.io/acme/gpu-task:1';
    const images = containersOf(synthesized('dev', { agentImage })).map(({ Image }) => Image);
    expect(new Set(images)).toEqual(new Set([agentImage]));
  });
});

describe('the container of a GPU task', () => {
  it('runs what its image runs', () => {
    expect(containers.length).toBeGreaterThan(0);
    for (const { Command, WorkingDirectory, EntryPoint, User } of containers) {
      expect(Command).toEqual(IMAGE_COMMAND);
      expect(WorkingDirectory).toBe(lastOf('WORKDIR'));
      expect([EntryPoint, User]).toEqual([undefined, undefined]);
    }
  });

  it('has no capability but the two that start the engine as its own user', () => {
    for (const { LinuxParameters, Privileged } of containers) {
      expect(LinuxParameters.Capabilities).toEqual({ Add: ['SETUID', 'SETGID'], Drop: ['ALL'] });
      expect(Privileged ?? false).toBe(false);
    }
  });

  it('is checked as its image says, which ECS does not read', () => {
    const [, options = '', command = '[]'] = /^(.*) CMD (\[.*\])$/.exec(lastOf('HEALTHCHECK')) ?? [];
    const seconds = (name: string) => Number(new RegExp(`--${name}=(\\d+)s`).exec(options)?.[1]);
    for (const { HealthCheck } of containers) {
      expect(HealthCheck).toEqual({
        Command: ['CMD', ...JSON.parse(command)],
        Interval: seconds('interval'),
        Timeout: seconds('timeout'),
        StartPeriod: seconds('start-period'),
        Retries: Number(/--retries=(\d+)/.exec(options)?.[1]),
      });
    }
  });
});
