import { maskMinLength, type Advice, type Exposure, type Kind, type Policy } from '@coffer/contract';
import { hasStyle } from './name.ts';
import { knownPrefixes } from './placeholder.ts';

const warning = (code: string, message: string): Advice => ({ code, level: 'warning', message });
const hint = (code: string, message: string): Advice => ({ code, level: 'hint', message });

const placeholderValues =
  /^(your[-_ ].*|<.*>|xxx+|changeme|change[-_]me|todo|example|placeholder|secret|password|.*[-_]here)$/i;
const livePrefixes = ['sk_live_', 'rk_live_', 'pk_live_'];
const testPrefixes = ['sk_test_', 'rk_test_', 'pk_test_'];
/** Keys that their issuers give out for administration, and database users who may do everything. */
const adminValue = /^(sk-admin-|sk-ant-admin)|^[a-z][a-z0-9+]*:\/\/(root|postgres|admin|sa):/;
const namedLikeCredential = /(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY)/i;
const harmlessText = /^(true|false|on|off|yes|no|\d{1,5}|(us|eu|ap|sa|ca|me|af)-[a-z]+-\d)$/i;
const vagueName =
  /^(key|token|secret|password|api_?key|value|var|test|foo|bar|my_?(key|secret|token))[_-]?\d*$/i;

const looksLikeCredential = (text: string): boolean =>
  knownPrefixes.some((prefix) => text.startsWith(prefix)) || /^[A-Za-z0-9+/_=-]{32,}$/.test(text);

/** What is worth knowing about a value that is stored all the same. */
export const adviseOnValue = (
  value: string,
  context: { environment: string; kind: Kind },
): readonly Advice[] => {
  const advice: Advice[] = [];
  const { environment, kind } = context;
  if (kind === 'sealed' && Array.from(value).length < maskMinLength) {
    advice.push(
      warning(
        'value_too_short_to_mask',
        `A value under ${maskMinLength} characters is delivered but cannot be masked in output.`,
      ),
    );
  }
  if (/^(["']).*\1$/s.test(value))
    advice.push(
      warning('value_looks_damaged', 'The value is wrapped in quotes; they are stored as part of it.'),
    );
  if (value.endsWith('\n') && !value.includes('-----END')) {
    advice.push(
      warning('value_looks_damaged', 'The value ends with a line break; it is stored as part of it.'),
    );
  } else if (value.trim() !== value && !value.includes('\n')) {
    advice.push(
      warning('value_looks_damaged', 'The value has spaces around it; they are stored as part of it.'),
    );
  }
  if (/^bearer /i.test(value))
    advice.push(
      warning('value_looks_damaged', 'The value starts with "Bearer "; most clients add that themselves.'),
    );
  if (placeholderValues.test(value))
    advice.push(
      warning('value_looks_like_placeholder', 'The value looks like a placeholder, not like a credential.'),
    );
  if (environment === 'production' && testPrefixes.some((prefix) => value.startsWith(prefix))) {
    advice.push(
      warning('test_value_in_production', 'This looks like a test key, and it is kept for production.'),
    );
  }
  if (
    environment !== 'production' &&
    environment !== '*' &&
    livePrefixes.some((prefix) => value.startsWith(prefix))
  ) {
    advice.push(
      warning('live_value_elsewhere', `This looks like a live key, and it is kept for ${environment}.`),
    );
  }
  if (adminValue.test(value)) {
    advice.push(
      warning(
        'value_looks_like_admin',
        'This looks like a key or user that may do everything; ask the issuer for one of the narrowest scope.',
      ),
    );
  }
  if (kind === 'plain' && looksLikeCredential(value)) {
    advice.push(
      warning(
        'plain_looks_secret',
        'The value looks like a credential, and a plain secret is shown to whoever reads its metadata.',
      ),
    );
  }
  if (kind === 'sealed' && harmlessText.test(value)) {
    advice.push(
      hint('sealed_looks_plain', 'The value looks like a harmless setting; --plain would keep it readable.'),
    );
  }
  return advice;
};

/** What is worth knowing about a new secret's name and description. */
export const adviseOnName = (
  secret: { name: string; description: string; kind: Kind },
  policy: Policy,
): readonly Advice[] => {
  const advice: Advice[] = [];
  if (!hasStyle(secret.name, policy.name_style)) {
    advice.push(warning('name_style', `The organization’s policy prefers names in ${policy.name_style}.`));
  }
  if (vagueName.test(secret.name)) {
    advice.push(
      hint(
        'name_not_descriptive',
        'The name does not say which service it is for; names such as OPENAI_API_KEY or twilio_account_sid do.',
      ),
    );
  }
  if (secret.kind === 'plain' && namedLikeCredential.test(secret.name)) {
    advice.push(
      warning(
        'plain_looks_secret',
        'The name sounds like a credential, and a plain secret is shown to whoever reads its metadata.',
      ),
    );
  }
  if (secret.description === '') {
    advice.push(
      hint(
        'description_missing',
        'Say what it serves, how it may be rotated and when it last was: --description "..."',
      ),
    );
  } else if (secret.description.split(/\s+/).some(looksLikeCredential)) {
    advice.push(
      warning(
        'description_looks_secret',
        'The description seems to hold a credential; descriptions are readable metadata.',
      ),
    );
  }
  return advice;
};

/** That nothing swaps a placeholder yet: R-024's gateway is not in this release. */
export const adviseOnExposure = (exposure: Exposure | undefined): readonly Advice[] => {
  if (exposure !== 'broker') return [];
  const message =
    'The gateway is not in this release: a process gets a placeholder, and nothing swaps it for the value yet.';
  return [warning('gateway_unavailable', message)];
};
