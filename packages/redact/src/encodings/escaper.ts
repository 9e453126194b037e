/** Writes one character; what it does not escape it gives back as it is. */
export type SignWriter = (sign: string) => string;

const ASCII_END = 0x80;

/**
 * Escapes texts as several writers do, each character by itself. Writers that agree on every character of a text
 * give one form, which is where most of the time for a thousand values would go.
 */
export class Escaper {
  readonly #signs: RegExp;
  readonly #writers: readonly SignWriter[];
  readonly #known = new Map<string, readonly string[]>();

  /** Characters that `signs`, a global expression, does not match are escaped by no writer. */
  constructor(signs: RegExp, writers: readonly SignWriter[]) {
    this.#signs = signs;
    this.#writers = writers;
  }

  /** The different forms, but for the text itself. */
  list(text: string): string[] {
    const found = text.match(this.#signs);
    if (found === null) return [];
    const signs = Array.from(new Set(found));
    const written = signs.map((sign) => this.#write(sign));
    const seen = new Set([signs.join('\0')]);
    const forms: string[] = [];
    for (let writer = 0; writer < this.#writers.length; writer++) {
      const key = written.map((writings) => writings[writer]).join('\0');
      if (seen.has(key)) continue;
      seen.add(key);
      forms.push(text.replace(this.#signs, (sign) => written[signs.indexOf(sign)]?.[writer] ?? ''));
    }
    return forms;
  }

  #write(sign: string): readonly string[] {
    const known = this.#known.get(sign);
    if (known !== undefined) return known;
    const written = this.#writers.map((write) => write(sign));
    if (sign.charCodeAt(0) < ASCII_END) this.#known.set(sign, written);
    return written;
  }
}
