// Compiles skim/skim.as and writes src/skim-module.ts. The compiler runs as a command and on a copy named .ts: its
// types would redefine those of arrays in this whole repository, and so would a .ts file of its language.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const options = '--outFile skim.wasm --runtime stub -O3 --noAssert --enable simd --initialMemory 16';
const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
const folder = mkdtempSync(join(tmpdir(), 'skim-'));
try {
  copyFileSync(join(import.meta.dirname, 'skim', 'skim.as'), join(folder, 'skim.ts'));
  execFileSync(process.execPath, [compiler, 'skim.ts', ...options.split(' ')], {
    cwd: folder,
    stdio: 'inherit',
  });
  const base64 = readFileSync(join(folder, 'skim.wasm')).toString('base64');
  writeFileSync(
    join(import.meta.dirname, 'src', 'skim-module.ts'),
    [
      '// Written by `npm run generate` from skim/skim.as.',
      'export const SKIM_MODULE = [',
      ...(base64.match(/.{1,100}/g) ?? []).map((line) => `  '${line}',`),
      "].join('');",
      '',
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true });
}
