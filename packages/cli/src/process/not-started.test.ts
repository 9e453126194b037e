import { chmodSync, closeSync, copyFileSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CofferHouse, openCofferHouse } from './planted/coffer.ts';

let house: CofferHouse;
beforeAll(async () => {
  house = await openCofferHouse();
});
afterAll(() => house.close());

const place = (name: string, content: string): string => {
  const file = join(house.folder, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
};

describe.each([[[]], [['--no-mask']]])('R-203 with %j, a command that the system refuses to start', (how) => {
  const run = (...command: readonly string[]) =>
    house.run(['run', '--agent', 'bot', ...how, '--', ...command]);

  it('as its file is open for writing is told of once, and is 126', async () => {
    const file = join(house.folder, 'busy');
    copyFileSync('/bin/true', file);
    const open = openSync(file, 'a');
    const { status, stderr } = await run(file);
    closeSync(open);
    expect(status).toBe(126);
    expect(stderr.match(/cannot be executed/g)).toHaveLength(1);
  });

  it('as its words and values together are too long is 126', async () => {
    await house.client.secrets.set('bot', 'LONG', 'x'.repeat(32_000));
    const { status, stderr } = await run('true', ...Array.from({ length: 21 }, () => 'x'.repeat(98_500)));
    await house.client.secrets.delete('bot', 'LONG');
    expect(status).toBe(126);
    expect(stderr.match(/cannot be executed/g)).toHaveLength(1);
  });

  it('as its interpreter is missing is 127', async () => {
    const { status, stderr } = await run(place('bad', '#!/nonexistent\n'));
    expect(status).toBe(127);
    expect(stderr).toContain('command or its interpreter not found');
  });
});
