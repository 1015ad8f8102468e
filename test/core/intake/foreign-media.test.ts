import { expect, it } from 'vitest';
import { checkLine } from '../../../core/intake/check-line.ts';
import { foreignMedia } from '../../../core/intake/foreign-media.ts';
import { CHAT, FLEETS, lineOf } from './fixtures.ts';

const part = (media: object) => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, media] }],
});
const imageAt = (url: unknown) => part({ type: 'image_url', image_url: { url } });

it.each([
  ['an image of a chat', imageAt('file:///etc/passwd'), 'messages[0].content[1].image_url.url'],
  ['an image without an object', part({ image_url: 'file:a' }), 'messages[0].content[1].image_url'],
  ['audio', part({ audio_url: { url: 'file:a' } }), 'messages[0].content[1].audio_url.url'],
  ['video', part({ video_url: { url: 'file:a' } }), 'messages[0].content[1].video_url.url'],
  [
    'an image of a response',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'FILE:///a' }] }] },
    'input[0].content[0].image_url',
  ],
  [
    'an image that a function gave back',
    { input: [{ type: 'function_call_output', output: [{ type: 'input_image', image_url: ' file:a' }] }] },
    'input[0].output[0].image_url',
  ],
  ['a query', { query: { content: [{ image_url: { url: 'file:a' } }] } }, 'query.content[0].image_url.url'],
  [
    'a document',
    { documents: ['a', { content: [{ image_url: { url: 'file:a' } }] }] },
    'documents[1].content[0].image_url.url',
  ],
])('finds a file in %s', (_, body, path) => {
  expect(foreignMedia(body)).toMatchObject({ path });
});

it.each([
  'https://images.example.com/a.png',
  'HTTP://images.example.com/a.png',
  'data:image/png;base64,iVBOR',
  'iVBORw0KGgo=',
  '',
  null,
  7,
])('leaves %j to the engine', (url) => expect(foreignMedia(imageAt(url))).toBeNull());

it.each([
  ['text', { messages: [{ role: 'user', content: 'file:///a' }] }],
  ['tokens', { input: [[1, 2], [3]] }],
  ['a function that takes a URL', { tools: [{ function: { parameters: { image_url: 'file:a' } } }] }],
  ['nonsense', { messages: { content: [null, 'file:a', [['file:a']]] }, input: null, documents: 5 }],
])('does not mistake %s for media', (_, body) => expect(foreignMedia(body)).toBeNull());

it('is refused at intake with its line and field', () => {
  const { errors } = checkLine(7, Buffer.from(lineOf('a', imageAt('file:///etc/passwd'))), {
    ...{ endpoint: CHAT, fleets: FLEETS },
  });
  expect(errors).toEqual([
    {
      line: 7,
      code: 'invalid_request',
      message: "Invalid URL: 'file:' is not supported. Supported schemes are: 'https', 'http' and 'data'.",
      param: 'body.messages[0].content[1].image_url.url',
    },
  ]);
});
