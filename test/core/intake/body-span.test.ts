import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberSpan } from '../../../core/intake/body-span.ts';

function memberOf(json: string, name = 'body'): string | null {
  const bytes = Buffer.from(json);
  const span = memberSpan(bytes, name);
  return span === null ? null : bytes.subarray(span.start, span.end).toString();
}

describe('memberSpan', () => {
  it.each([
    ['keeps every byte', ' { "a" : 1 , "body" : { "t": 1.0e+2,  "z":[ ] } } ', '{ "t": 1.0e+2,  "z":[ ] }'],
    ['takes the last of two', '{"body":{"a":1},"body":{"a":2}}', '{"a":2}'],
    ['reads escaped keys', '{"b\\u006fdy":[1]}', '[1]'],
    ['is not misled by strings', '{"a":"\\"body\\":{","b\\\\":"}\\\\","body":"\\\\\\""}', '"\\\\\\""'],
    ['is not misled by nesting', '{"x":{"body":1},"y":[{"body":"]}"}],"body":true}', 'true'],
    ['ends numbers at spaces', '{"body":-1.5 ,"x":null}', '-1.5'],
    ['finds nothing in an empty object', '{ }', null],
    ['finds nothing below the top', '{"x":{"body":1}}', null],
  ])('%s', (_, json, span) => expect(memberOf(json)).toBe(span));

  it('finds what JSON.parse finds', () => {
    const member = fc.tuple(fc.oneof(fc.constant('body'), fc.string()), fc.jsonValue());
    const spaces = fc.constantFrom('', ' ', '\t ');
    fc.assert(
      fc.property(fc.array(member), spaces, (members, space) => {
        const text = members.map(
          ([key, value]) => `${JSON.stringify(key)}${space}:${JSON.stringify(value, null, space)}`,
        );
        const json = `{${space}${text.join(`${space},${space}`)}${space}}`;
        const found = memberOf(json.replaceAll('\n', ' '));
        const parsed = JSON.parse(json) as Record<string, unknown>;
        const expected = Object.hasOwn(parsed, 'body') ? parsed['body'] : null;
        expect(found === null ? null : JSON.parse(found)).toEqual(expected);
      }),
    );
  });
});
