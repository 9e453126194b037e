import { createSecretKey, type KeyObject } from 'node:crypto';

const redacted = '[redacted]';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Opened bytes: a plaintext value or the bytes of a key. They sit in a private field, so printing,
 * serializing, spreading and cloning show `[redacted]` or nothing; only the two `reveal` methods
 * hand them out. `using` wipes at the end of the block.
 */
export class SecretBytes {
  #bytes: Uint8Array | undefined;
  #keyObject: KeyObject | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Copies the bytes, or encodes the text as UTF-8. Throws a `TypeError` for text with a lone
   * surrogate, which UTF-8 cannot carry unchanged.
   */
  static from(source: Uint8Array | string): SecretBytes {
    if (typeof source !== 'string') return new SecretBytes(Uint8Array.from(source));
    if (!source.isWellFormed()) throw new TypeError('A secret text must be well-formed Unicode');
    return new SecretBytes(encoder.encode(source));
  }

  /** Takes the bytes over without copying; the caller must not read or change them afterwards. */
  static adopt(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(bytes);
  }

  get byteLength(): number {
    return this.revealBytes().byteLength;
  }

  /** The bytes themselves, not a copy: `wipe` clears them too. Throws once wiped. */
  revealBytes(): Uint8Array {
    if (this.#bytes === undefined) throw new Error('These secret bytes have been wiped');
    return this.#bytes;
  }

  /** The bytes as UTF-8 text. Throws a `TypeError` if they are not UTF-8, rather than replace any. */
  revealPlaintext(): string {
    return decoder.decode(this.revealBytes());
  }

  /** The bytes as a key of `node:crypto`, made once; a raw key would be imported again at every use. */
  toKeyObject(): KeyObject {
    return (this.#keyObject ??= createSecretKey(this.revealBytes()));
  }

  /** Zeroes the bytes and forgets them. Strings and key objects made from them wait for the collector. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#keyObject = undefined;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [Symbol.toPrimitive](): string {
    return redacted;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return redacted;
  }

  [Symbol.dispose](): void {
    this.wipe();
  }
}
