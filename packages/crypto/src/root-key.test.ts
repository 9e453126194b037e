import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateRootKeyText, rootKeyFromText } from './root-key.ts';

// Bytes chosen so that base64 has '+' and '/' and the two alphabets differ.
const bytes = Buffer.from('fbff'.repeat(15) + '00fb', 'hex');
const readId = (text: string): string | undefined => {
  const read = rootKeyFromText(text);
  return read.ok ? read.value.id : undefined;
};

describe('a root key', () => {
  const id = readId(bytes.toString('hex'));

  it.each([
    ['hex', bytes.toString('hex')],
    ['hex in capitals', bytes.toString('hex').toUpperCase()],
    ['base64', bytes.toString('base64')],
    ['base64 without padding', bytes.toString('base64').replace('=', '')],
    ['base64url', bytes.toString('base64url')],
    ['base64url with padding', `${bytes.toString('base64url')}=`],
    ['a newline after it', `${bytes.toString('base64')}\n`],
    ['a newline of Windows after it', `${bytes.toString('hex')}\r\n`],
  ])('is read from %s', (_form, text) => {
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(readId(text)).toBe(id);
  });

  it.each([
    ['nothing', '', 'empty'],
    ['a newline', '\n', 'empty'],
    ['two newlines after it', `${bytes.toString('base64')}\n\n`, 'malformed'],
    ['a space before it', ` ${bytes.toString('base64')}`, 'malformed'],
    ['text inside quotes', `"${bytes.toString('base64')}"`, 'malformed'],
    ['both alphabets mixed', '+-'.repeat(21) + 'A=', 'malformed'],
    ['padding too long', `${bytes.toString('base64')}=`, 'malformed'],
    ['padding on unpadded hex', `${bytes.toString('hex')}=`, 'malformed'],
    ['bits set after the last byte', `${'A'.repeat(42)}B`, 'malformed'],
    ['31 bytes as base64', randomBytes(31).toString('base64'), 'wrong_length'],
    ['33 bytes as base64', randomBytes(33).toString('base64'), 'wrong_length'],
    ['16 bytes as hex', randomBytes(16).toString('hex'), 'wrong_length'],
    ['64 bytes as hex', randomBytes(64).toString('hex'), 'wrong_length'],
    ['a passphrase', 'correct horse battery staple', 'malformed'],
  ])('is refused from %s', (_form, text, reason) => {
    expect(rootKeyFromText(text)).toEqual({ ok: false, reason });
  });

  it('is read from any 32 bytes in every form, as the same key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const forms = (['hex', 'base64', 'base64url'] as const).map((form) =>
          Buffer.from(key).toString(form),
        );
        expect(new Set(forms.map(readId)).size).toBe(1);
        expect(readId(forms[0] ?? '')).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });

  it('is a refusal and never an error for text that holds another number of bytes or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.string()), (text) => {
        fc.pre(Buffer.from(text, 'base64').byteLength !== 32 && Buffer.from(text, 'hex').byteLength !== 32);
        expect(rootKeyFromText(text).ok).toBe(false);
      }),
    );
  });

  it('has an id of its own that shows nothing of the key', () => {
    const ids = Array.from({ length: 200 }, () => {
      const key = randomBytes(32);
      const keyId = readId(key.toString('base64')) ?? '';
      expect(key.toString('hex')).not.toContain(keyId);
      return keyId;
    });
    expect(new Set(ids).size).toBe(200);
  });

  it('R-044 is generated as base64 text with one newline, new each time', () => {
    const text = generateRootKeyText();
    expect(text).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(readId(text)).toMatch(/^[0-9a-f]{16}$/);
    expect(generateRootKeyText()).not.toBe(text);
  });
});
