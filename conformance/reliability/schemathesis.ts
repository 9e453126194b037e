// Lets schemathesis ask the served OpenAPI document's every question of a real server, on each engine:
//   node conformance/reliability/schemathesis.ts [--examples N]
// It comes from PyPI into an environment of its own; the last line counts the engines that answered as declared.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createPlaces, engineNames, openPlace, stopServer, type EngineName } from './place.ts';

const release = '4.32.5';
const environment = join(import.meta.dirname, '../../node_modules/.cache', `schemathesis-${release}`);
const program = join(environment, 'bin', 'schemathesis');

/** What every answer must hold to; what is accepted or refused is the business of other suites. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];
/** A stream without an end, and the end of the session that asks. */
const leftOut = ['watchWorkload', 'logout'];

/**
 * Things that are there, so that answers of success are seen too. The member is another than the one who asks:
 * schemathesis takes ids out of the answers it sees, and would take that one's role away.
 */
const existing = { organization: 'default', project: 'default', agent: 'bot', name: 'TOKEN' };

const run = (command: string, words: readonly string[], folder = '.'): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (status) => resolve(status ?? 1));
  });

const install = async (): Promise<void> => {
  if (existsSync(program)) return;
  mkdirSync(environment, { recursive: true });
  const steps = [
    ['python3', '-m', 'venv', environment],
    [join(environment, 'bin', 'pip'), 'install', '--quiet', `schemathesis==${release}`],
  ];
  for (const [command = '', ...words] of steps) {
    if ((await run(command, words)) !== 0) throw new Error(`${command} ${words.join(' ')} failed`);
  }
};

const ask = async (engine: EngineName, places: ReturnType<typeof createPlaces>): Promise<boolean> => {
  const place = await places.create(engine);
  const { server, owner } = await openPlace(place);
  await owner.agents.create({ slug: existing.agent });
  for (const owned of [existing.agent, { project: existing.project }, { organization: true }] as const) {
    await owner.secrets.set(owned, existing.name, 'a-value-that-is-there');
  }
  const other = await owner.members.create({ email: 'other@example.com', role: 'member' });
  const config = join(place.folder, 'schemathesis.toml');
  const parameters = Object.entries({ ...existing, member: other.id }).map(
    ([name, value]) => `"path.${name}" = "${value}"`,
  );
  writeFileSync(config, `[parameters]\n${parameters.join('\n')}\n`);
  const { values } = parseArgs({ options: { examples: { type: 'string', default: '5' } } });
  console.log(`\n== schemathesis on ${engine}`);
  const status = await run(
    program,
    [
      `--config-file=${config}`,
      'run',
      `${server.url}/v1/openapi.json`,
      `--header=Authorization: Bearer ${owner.token}`,
      `--checks=${checks.join(',')}`,
      '--phases=examples,coverage,fuzzing',
      `--max-examples=${values.examples}`,
      ...leftOut.map((id) => `--exclude-operation-id=${id}`),
      '--request-timeout=20',
      '--warnings=off',
      '--no-color',
    ],
    place.folder,
  );
  const verified = await owner.audit.verify();
  if (!verified.ok) console.log('The audit chain does not verify afterwards.');
  await stopServer(server);
  return status === 0 && verified.ok;
};

await install();
const places = createPlaces();
let failed = 0;
try {
  for (const engine of engineNames) if (!(await ask(engine, places))) failed += 1;
} finally {
  await places.removeAll();
}
console.log(`${engineNames.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
