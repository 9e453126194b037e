import { createHmac } from 'node:crypto';
import { equalInConstantTime } from './constant-time.ts';
import { failure, success, type Result } from './result.ts';
import type { SecretBytes } from './secret-bytes.ts';

// One link of the chain is HMAC-SHA256 (RFC 2104, FIPS 198-1) under the audit key, over
//
//   offset  bytes  field
//   0       14     'coffer/audit/1'
//   14      32     MAC of the event before; of the first event, the start of the chain
//   46      4      length of the event in bytes, unsigned, big-endian
//   50      n      the event: the very bytes that are stored, text as UTF-8
//
// The start is HMAC-SHA256 under the audit key over 'coffer/audit-start/1:' and the UTF-8 chain id.
const linkLabel = Buffer.from('coffer/audit/1');
const startLabel = 'coffer/audit-start/1:';
const previousMacAt = linkLabel.byteLength;
const eventLengthAt = previousMacAt + 32;
const linkHeaderBytes = eventLengthAt + 4;

/** Bytes of a MAC of the chain. */
export const macBytes = 32;

/** An event as it is stored: its canonical bytes or text, and its MAC. */
export interface ChainedEvent {
  readonly event: Uint8Array | string;
  readonly mac: Uint8Array;
}

/** Where a chain, or the page of it that was checked, ended. */
export interface ChainEnd {
  readonly head: Uint8Array;
  readonly count: number;
}

/** The MAC in front of the first event, different for each chain (an organization's id, or the instance's). */
export const startChain = (auditKey: SecretBytes, chainId: string): Uint8Array =>
  createHmac('sha256', auditKey.toKeyObject()).update(startLabel).update(chainId).digest();

/**
 * The 32-byte MAC of an event after `previousMac`. Throws a `TypeError` for a previous MAC of another
 * length, and for text with a lone surrogate, which storage would change.
 */
export const chainEvent = (
  auditKey: SecretBytes,
  previousMac: Uint8Array,
  canonicalEvent: Uint8Array | string,
): Uint8Array => {
  if (previousMac.byteLength !== macBytes) throw new TypeError('The previous MAC is not 32 bytes');
  const isText = typeof canonicalEvent === 'string';
  if (isText && !canonicalEvent.isWellFormed()) throw new TypeError('An event must be well-formed Unicode');
  const header = Buffer.allocUnsafe(linkHeaderBytes);
  header.set(linkLabel);
  header.set(previousMac, previousMacAt);
  header.writeUInt32BE(isText ? Buffer.byteLength(canonicalEvent) : canonicalEvent.byteLength, eventLengthAt);
  return createHmac('sha256', auditKey.toKeyObject()).update(header).update(canonicalEvent).digest();
};

/**
 * Checks events in order from `startMac`: the head after the last, or the index of the first event
 * that does not verify (changed, removed, reordered or put in). A cut-off end shows only against a
 * head kept elsewhere. A long chain is checked page by page, each head being the next start.
 */
export const verifyChain = (
  auditKey: SecretBytes,
  startMac: Uint8Array,
  events: Iterable<ChainedEvent>,
): Result<ChainEnd, { readonly index: number }> => {
  let head = startMac;
  let count = 0;
  for (const { event, mac } of events) {
    if (typeof event === 'string' && !event.isWellFormed()) return failure({ index: count });
    const expected = chainEvent(auditKey, head, event);
    if (!equalInConstantTime(expected, mac)) return failure({ index: count });
    head = expected;
    count += 1;
  }
  return success({ head, count });
};
