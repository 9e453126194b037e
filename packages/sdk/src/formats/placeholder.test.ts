import { expect, it } from 'vitest';
import { looksLikePlaceholder } from './placeholder.ts';

it.each([
  'your-key-here',
  'YOUR_API_KEY',
  'sk-your-openai-key',
  'your secret here',
  'changeme',
  'CHANGE_ME',
  'change-me',
  ' replace-me ',
  'TODO',
  'xxx',
  'xxxxxxxxxxxxxxxx',
  'sk-xxxxxxxx',
  'sk_live_...',
  '***',
  '…',
  '<your key>',
  '[your key]',
  '{{ API_KEY }}',
  '${API_KEY}',
  'insert-token-here',
  'paste your key here',
  'example',
])('R-216 %s is a placeholder', (value) => {
  expect(looksLikePlaceholder(value)).toBe(true);
});

it.each([
  'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  'postgres://app:pw@db.example.com/app',
  'AKIAIOSFODNN7XXXXXXX',
  'eu-central-1',
  'none',
  'true',
  '["a","b"]',
  '{"a":{"b":1}}',
  'correct horse battery staple',
  '0x0',
  'me@example.com',
  '',
  '-----BEGIN PRIVATE KEY-----\nxxx\n-----END PRIVATE KEY-----',
])('R-216 %s is none', (value) => {
  expect(looksLikePlaceholder(value)).toBe(false);
});

it('a value that is long or made to be slow is answered at once', () => {
  const startedAt = performance.now();
  for (const part of ['a-', 'your_', '<', '${', 'x']) looksLikePlaceholder(part.repeat(100_000));
  for (const part of ['a-', 'your_', '<', '${', 'x'])
    looksLikePlaceholder(`${part.repeat(199 / part.length)}!`);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
