import { expect, it } from 'vitest';
import { parseTaskDefinition } from '../../../local/ecs/resources/task-definition.ts';
import { startContainer } from '../../../local/ecs/tasks/container-process.ts';

const resource = {
  ...{ stack: 'Test', logicalId: 'Work', type: 'AWS::ECS::TaskDefinition' },
  physicalId: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/Work:1',
  properties: {
    ContainerDefinitions: [
      {
        ...{ Name: 'agent', Image: 'x', Command: ['sh', '-c', 'echo "it is ${HF_TOKEN-absent}"'] },
        Secrets: [{ Name: 'HF_TOKEN', ValueFrom: 'arn:aws:ssm:eu-west-1:123456789012:parameter/hub' }],
      },
    ],
  },
};

/** What is printed by and about a container with a secret. */
async function linesWith(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const [definition] = parseTaskDefinition(resource).containers;
  if (definition === undefined) throw new Error('There is no container.');
  const lines: string[] = [];
  const environment = { PATH: process.env['PATH'] ?? '', ...given };
  const onLine = (line: string) => void lines.push(line);
  await startContainer({ definition, override: undefined, imageRoot: '/', environment, onLine }).exited;
  return lines;
}

it('gives a container the secret that stands in for the one in AWS', async () => {
  expect(await linesWith({ HF_TOKEN: 'mine' })).toEqual(['it is mine']);
});

it('says how to give one that is missing', async () => {
  expect(await linesWith({})).toEqual([
    'HF_TOKEN is not set: the local stack reads no secrets. Give it by --task-env HF_TOKEN=<value>.',
    'it is absent',
  ]);
});
