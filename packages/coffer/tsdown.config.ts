import { defineConfig } from 'tsdown';
import { collectNotices } from './third-party-notices.ts';

// Everything of ours and everything we use goes into the bundle, in pieces that load when a command asks
// for them. Native code stays outside: it is an optional dependency of the staged package.
// CommonJS, as a fresh process has it running 5 ms sooner: ES modules read every export of a module of Node. What
// the entry needs is one file, as each further one costs its start half a millisecond.
export default defineConfig({
  // The threads are programs of their own, started by their files' names.
  entry: {
    main: 'src/main.ts',
    'sqlite-append-thread': '../server/src/storage/engines/sqlite-append-thread.ts',
    'sqlite-log-thread': '../server/src/storage/engines/sqlite-log-thread.ts',
  },
  outDir: 'dist/package/dist',
  format: 'cjs',
  checks: { legacyCjs: false },
  platform: 'node',
  target: 'node24',
  fixedExtension: false,
  dts: false,
  clean: ['dist/package'],
  deps: { alwaysBundle: /^(?!node:)/, neverBundle: ['@lydell/node-pty', 'pg-native'], onlyBundle: false },
  plugins: [collectNotices()],
  outputOptions: { codeSplitting: { groups: [{ name: 'start', test: /coffer\/src\/main\.ts$/ }] } },
});
