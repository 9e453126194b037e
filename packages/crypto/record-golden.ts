// Records a golden file for each stored format, once: run by hand (`npm run record-golden`) when a
// format gains a further number, never by a test. A file that exists is not written again, since
// what it holds must open for ever.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  chainEvent,
  createToken,
  encodeBinding,
  fingerprint,
  generateRootKeyText,
  hashToken,
  rootKeyFromText,
  seal,
  SecretBytes,
  startChain,
  tokenPrefixes,
  wrapDataKey,
  wrapKey,
} from './src/index.ts';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const record = (name: string, content: object): void => {
  const file = new URL(`src/golden/${name}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, { flag: 'wx' });
};

const organizationId = 'org_01K0000000000000000000000A';
const agentId = 'agt_01K0000000000000000000000B';

const values = [
  { scope: 'agent', ownerId: agentId, environment: 'production', version: 1, plaintext: 'example-value' },
  {
    scope: 'project',
    ownerId: 'prj_01K0000000000000000000000C',
    environment: '*',
    version: 2,
    plaintext: '',
  },
  {
    scope: 'organization',
    ownerId: organizationId,
    environment: 'staging',
    version: 41,
    plaintext: 'schlüssel\n🔑\u0000',
  },
  {
    scope: 'agent',
    ownerId: agentId,
    environment: 'développement',
    version: 2 ** 40,
    plaintext: 'x'.repeat(300),
  },
];

record(
  'sealed-value-1',
  values.map(({ plaintext, ...place }, index) => {
    const keyHex = toHex(randomBytes(32));
    const binding = { organizationId, secretId: 'sec_01K0000000000000000000000D', ...place };
    const associatedData = encodeBinding('value', binding);
    const generation = [1, 2, 256, 2 ** 32 - 1][index] ?? 1;
    const key = {
      id: 'dk_1',
      organizationId,
      generation,
      bytes: SecretBytes.from(Buffer.from(keyHex, 'hex')),
    };
    const sealedHex = toHex(seal(key, SecretBytes.from(plaintext), associatedData));
    return { keyHex, generation, binding, associatedDataHex: toHex(associatedData), plaintext, sealedHex };
  }),
);

const readNewRootKey = () => {
  const text = generateRootKeyText();
  const rootKey = rootKeyFromText(text);
  if (!rootKey.ok) throw new Error('A generated root key does not read');
  return { text, rootKey: rootKey.value };
};

const { text: rootKeyText, rootKey } = readNewRootKey();
const dataKeyHex = toHex(randomBytes(32));
const auditKeyHex = toHex(randomBytes(32));
const dataKeyName = { id: 'dk_01K0000000000000000000000E', organizationId, generation: 3 };
const auditBinding = { organizationId, keyId: 'audit' };
const dataKey = { ...dataKeyName, bytes: SecretBytes.from(Buffer.from(dataKeyHex, 'hex')) };
record('wrapped-key-1', {
  rootKeyText,
  rootKeyId: rootKey.id,
  dataKey: { name: dataKeyName, keyHex: dataKeyHex, wrappedHex: toHex(wrapDataKey(rootKey, dataKey)) },
  auditKey: {
    binding: auditBinding,
    keyHex: auditKeyHex,
    wrappedHex: toHex(
      wrapKey(rootKey, Buffer.from(auditKeyHex, 'hex'), encodeBinding('audit_key', auditBinding)),
    ),
  },
});

const auditKey = SecretBytes.from(Buffer.from(auditKeyHex, 'hex'));
let head = startChain(auditKey, organizationId);
record('audit-chain-1', {
  auditKeyHex,
  chainId: organizationId,
  startHex: toHex(head),
  events: ['{"sequence":1,"action":"secret.create"}', '', '{"sequence":3,"name":"schlüssel 🔑"}'].map(
    (event) => {
      head = chainEvent(auditKey, head, event);
      return { event, macHex: toHex(head) };
    },
  ),
});

const fingerprintKeyHex = toHex(randomBytes(32));
const fingerprintKey = SecretBytes.from(Buffer.from(fingerprintKeyHex, 'hex'));
record('fingerprint-1', {
  fingerprintKeyHex,
  fingerprints: ['sec_01K0000000000000000000000D', 'sec_01K0000000000000000000000F'].flatMap((secretId) =>
    ['example-value', '', 'schlüssel 🔑'].map((value) => ({
      secretId,
      value,
      fingerprint: fingerprint(fingerprintKey, secretId, SecretBytes.from(value)),
    })),
  ),
});

record(
  'token-1',
  tokenPrefixes.map((prefix) => {
    const token = createToken(prefix);
    return { prefix, token, hash: hashToken(token) };
  }),
);

const bindings = {
  value: {
    organizationId,
    scope: 'agent',
    ownerId: agentId,
    secretId: 'sec_1',
    environment: '*',
    version: 7,
  },
  data_key: { organizationId, keyId: 'dk_1', generation: 7 },
  audit_key: { organizationId, keyId: 'audit' },
  fingerprint_key: { organizationId, keyId: 'fingerprint' },
  column: { organizationId, table: 'provider', rowId: 'prv_1', column: 'token' },
  cache: { organizationId, entry: agentId, change: 7 },
};
record(
  'binding-1',
  (Object.keys(bindings) as (keyof typeof bindings)[]).map((purpose) => ({
    purpose,
    fields: bindings[purpose],
    encodedHex: toHex(encodeBinding(purpose, bindings[purpose])),
  })),
);
