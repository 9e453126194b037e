import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A full-screen program as npm packages have them: a box in colour that fills the terminal and shows the size,
 * the last key and the planted value; `q` quits.
 */
const program = `#!/usr/bin/env node
const blessed = require('blessed');
const screen = blessed.screen({ smartCSR: true });
const box = blessed.box({ width: '100%', height: '100%', border: 'line', style: { fg: 'green' } });
screen.append(box);
let key = 'none';
const draw = () => {
  box.setContent([screen.width + ' by ' + screen.height, 'key ' + key, process.env.PLANTED].join('\\n'));
  screen.render();
};
screen.on('resize', draw);
screen.on('keypress', (_, { full }) => {
  if (full === 'q') process.exit(4);
  key = full;
  draw();
});
draw();
`;

/** Puts it into `folder`, where `npx box` finds it. */
export function installBox(folder: string): void {
  const modules = join(folder, 'node_modules');
  const file = join(modules, 'box', 'box.cjs');
  mkdirSync(dirname(file), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  writeFileSync(file, program);
  chmodSync(file, 0o755);
  writeFileSync(join(folder, 'package.json'), '{ "name": "of-a-person", "private": true }\n');
  symlinkSync(file, join(modules, '.bin', 'box'));
  symlinkSync(fileURLToPath(new URL('..', import.meta.resolve('blessed'))), join(modules, 'blessed'));
}
