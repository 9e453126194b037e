import { randomBytes } from 'node:crypto';

/** A value to plant, with a core that no other text holds. */
export interface Planted {
  readonly value: string;
  readonly core: string;
}

/** Plain, with everything that some format escapes, and of several lines. */
export const plantValues = (): readonly Planted[] =>
  [
    (core: string) => `planted-${core}-with-a-tail`,
    (core: string) => `pl"an\\ted' ${core} <&>%+/=?#;$\`{}[]€ü😀\u2028 with a tail`,
    (core: string) => `first line\n${core}\r\nlast line\tof the value`,
  ].map((shape) => {
    const core = randomBytes(15).toString('base64url').replaceAll(/[-_]/g, 'x');
    return { core, value: shape(core) };
  });

/** What the middle of a text looks like inside base64, wherever the text lies in it. */
const base64Of = (text: string): string[] =>
  [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    return bytes.toString('base64').slice(4, -4);
  });

/** The forms of a planted value that are searched for. Its core stands unchanged in URL and JSON forms. */
const formsOf = ({ core, value }: Planted): readonly string[] => [
  core,
  ...base64Of(core),
  ...base64Of(value).flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]),
  Buffer.from(core).toString('hex'),
  Buffer.from(core).toString('hex').toUpperCase(),
  Buffer.from(core, 'utf16le').toString('latin1'),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
];

/** The forms of the planted values that these bytes hold; none is what is promised. */
export const findPlanted = (bytes: Buffer | string, planted: readonly Planted[]): readonly string[] => {
  const searched = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return planted.flatMap((one) => formsOf(one).filter((form) => searched.includes(form)));
};
