import { defineConfig } from 'tsdown';
import { collectNotices } from './third-party-notices.ts';

// Everything of ours and everything we use goes into the bundle, in pieces that load when a command asks
// for them. Native code stays outside: it is an optional dependency of the staged package.
export default defineConfig({
  // The thread is a program of its own, started by its file's name.
  entry: {
    main: 'src/main.ts',
    'sqlite-append-thread': '../server/src/storage/engines/sqlite-append-thread.ts',
  },
  outDir: 'dist/package/dist',
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  fixedExtension: false,
  dts: false,
  clean: ['dist/package'],
  deps: { alwaysBundle: /^(?!node:)/, neverBundle: ['@lydell/node-pty', 'pg-native'], onlyBundle: false },
  plugins: [collectNotices()],
  outputOptions: { codeSplitting: { groups: [{ name: 'start', test: /coffer\/src\/main\.ts$/ }] } },
});
