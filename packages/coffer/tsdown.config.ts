import { defineConfig } from 'tsdown';
import { collectNotices } from './third-party-notices.ts';

// Everything of ours and everything we use goes into the bundle, in pieces that load when a command asks
// for them. Native code stays outside: it is an optional dependency of the staged package.
// All that `coffer run` needs is one file: each further one costs its start half a millisecond. What only a
// terminal or an offline start needs stays out, as it loads readline and crypto.
const ofEveryStart =
  /packages\/(cli\/src\/(terminal\/(?!ask|table|help|line-editor|command-page|complete)|connection|process\/(?!job-monitor|run-in-terminal)|commands\/(run\/(?!offline-start|kept-delivery)|options))|sdk\/src|redact\/src|contract\/src\/errors)/;

export default defineConfig({
  entry: ['src/main.ts'],
  outDir: 'dist/package/dist',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  fixedExtension: false,
  dts: false,
  clean: ['dist/package'],
  deps: { alwaysBundle: /^(?!node:)/, neverBundle: ['@lydell/node-pty', 'pg-native'], onlyBundle: false },
  plugins: [collectNotices()],
  outputOptions: { codeSplitting: { groups: [{ name: 'start', test: ofEveryStart }] } },
});
