import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/sdk.md', import.meta.url), 'utf8');
const folder = new URL('./examples/', import.meta.url);

const dedent = (text: string): string => {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim();
};

const regions = readdirSync(folder).flatMap((file) =>
  [
    ...readFileSync(new URL(file, folder), 'utf8').matchAll(
      /^ *\/\/ #region (\w+)\n(.*?)^ *\/\/ #endregion/gms,
    ),
  ].map(([, name = '', text = '']) => ({ name, text: dedent(text) })),
);
const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = '']) => text.trim());

it('docs/sdk.md quotes the compiled examples, each once and word for word', () => {
  expect(regions.length).toBeGreaterThan(5);
  expect(blocks.toSorted()).toEqual(regions.map(({ text }) => text).toSorted());
});
