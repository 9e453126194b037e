import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeBatches } from './batch-suite.ts';
import { describeQueue } from './queue-suite.ts';
import { describeStores } from './store-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const locateEmpty = () => Promise.resolve({ sqlite: { path: join(folder, `${(files += 1)}.db`) } });

describeStores('SQLite', locateEmpty);
describeQueue('SQLite', locateEmpty);
describeBatches('SQLite', locateEmpty);
