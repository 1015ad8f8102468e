import { expect, it } from 'vitest';
import { compilePattern } from '../../../local/events/pattern/compile-pattern.ts';

const EVENT = {
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  resources: ['arn:one', 'arn:two'],
  detail: {
    lastStatus: 'STOPPED',
    version: 4,
    nothing: null,
    flag: true,
    empty: [],
    containers: [
      { name: 'agent', exitCode: 0 },
      { name: 'proxy', exitCode: 9 },
    ],
  },
};

it.each<[object, boolean]>([
  [{ source: ['aws.ecs'] }, true],
  [{ source: ['aws.ec2', 'aws.ecs'] }, true],
  [{ source: ['aws.ec2'] }, false],
  [{ source: ['aws.ecs'], 'detail-type': ['Other'] }, false],
  [{ detail: { lastStatus: ['RUNNING', 'STOPPED'] } }, true],
  [{ detail: { lastStatus: ['stopped'] } }, false],
  [{ detail: { version: [4] } }, true],
  [{ detail: { version: ['4'] } }, false],
  [{ detail: { nothing: [null] } }, true],
  [{ detail: { flag: [true] } }, true],
  [{ detail: { absent: [null] } }, false],
  [{ resources: ['arn:two'] }, true],
  [{ resources: ['arn:three'] }, false],
  [{ detail: { containers: { exitCode: [9] } } }, true],
  [{ detail: { containers: { name: ['agent'], exitCode: [9] } } }, false],
  [{ source: [{ prefix: 'aws.' }] }, true],
  [{ source: [{ prefix: 'AWS.' }] }, false],
  [{ source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
  [{ source: [{ suffix: '.ecs' }] }, true],
  [{ detail: { version: [{ prefix: '4' }] } }, false],
  [{ detail: { lastStatus: [{ 'equals-ignore-case': 'stopped' }] } }, true],
  [{ detail: { lastStatus: [{ 'anything-but': 'RUNNING' }] } }, true],
  [{ detail: { lastStatus: [{ 'anything-but': ['RUNNING', 'STOPPED'] }] } }, false],
  [{ detail: { lastStatus: [{ 'anything-but': { prefix: 'ST' } }] } }, false],
  [{ detail: { lastStatus: [{ 'anything-but': { prefix: ['A', 'B'] } }] } }, true],
  [{ detail: { absent: [{ 'anything-but': 'RUNNING' }] } }, false],
  [{ detail: { lastStatus: [{ exists: true }] } }, true],
  [{ detail: { lastStatus: [{ exists: false }] } }, false],
  [{ detail: { absent: [{ exists: false }] } }, true],
  [{ detail: { absent: { deeper: [{ exists: false }] } } }, true],
  [{ detail: { empty: [{ exists: true }] } }, false],
  [{ detail: { version: [{ numeric: ['=', 4] }] } }, true],
  [{ detail: { version: [{ numeric: ['>', 3, '<=', 4] }] } }, true],
  [{ detail: { version: [{ numeric: ['>', 4] }] } }, false],
  [{ $or: [{ source: ['aws.ec2'] }, { detail: { version: [4] } }] }, true],
  [{ $or: [{ source: ['aws.ec2'] }, { detail: { version: [5] } }] }, false],
  [{ source: ['aws.ecs'], detail: { $or: [{ version: [1] }, { flag: [true] }] } }, true],
])('%j matches: %s', (pattern, expected) => {
  expect(compilePattern(pattern)(EVENT)).toBe(expected);
});

it.each<[unknown, RegExp]>([
  [{ source: [{ wildcard: 'aws.*' }] }, /EventPattern\.source.*wildcard.*not an operator.*prefix/],
  [{ detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, /EventPattern\.detail\.ip/],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }, /one of these at a time/],
  [{ source: 'aws.ecs' }, /EventPattern\.source: a pattern is an object/],
  [{ source: [] }, /empty list/],
  [{ detail: { version: [{ numeric: ['~', 1] }] } }, /numeric takes pairs/],
  [{ $or: [{ source: ['a'] }] }, /at least two/],
  [{}, /empty pattern/],
])('refuses %j', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});
