import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Bundle {
  readonly [file: string]: { readonly type: string; readonly moduleIds?: readonly string[] };
}

interface Emitter {
  emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown;
}

/** Puts the licences of all that was bundled into the bundle, as they ask for. */
export function collectNotices() {
  return {
    name: 'third-party-notices',
    generateBundle(this: Emitter, _options: unknown, bundle: Bundle) {
      const folders = new Set<string>();
      for (const { moduleIds = [] } of Object.values(bundle)) {
        for (const id of moduleIds) {
          const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [];
          if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
        }
      }
      this.emitFile({
        type: 'asset',
        fileName: 'third-party-notices.txt',
        source: [...folders]
          .sort()
          .map(noticeOf)
          .join(`\n${'-'.repeat(80)}\n`),
      });
    },
  };
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license ?? 'no licence given'})`, ...texts].join('\n\n') + '\n';
}
