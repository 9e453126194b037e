// AssemblyScript: the part of the search that looks at every byte, compiled to WebAssembly with vector instructions
// by `npm run generate`. It marks the cells of a block in which a pattern may begin or go on; src/skimmer.ts says
// what that means, fills the memory and reads the marks. It allocates nothing: the memory is laid out by hand.
//
//   LEXER          the table of src/interruption.ts, indexed by state << 8 | byte
//   GATHERED       8 bytes put together from both sides of an interruption
//   MARKS          one byte per cell of 16 bytes of the block
//   FILTERS        one Filter per group of patterns
//   BLOCK          the bytes, and a place for a word read across their end
//   STARTS, ENDS   the interruptions of the block, in order; SUSPECTS says which ones a pattern may reach across
//   TABLES         the filters' tables

export const LEXER: u32 = 0x400;
const GATHERED: u32 = 0x2c00;
export const MARKS: u32 = 0x3000;
export const FILTERS: u32 = 0x4800;
export const BLOCK: u32 = 0x5000;
export const LARGEST_BLOCK: u32 = 0x10000;
export const STARTS: u32 = 0x20000;
export const ENDS: u32 = 0x60100;
const SUSPECTS: u32 = 0xa0200;
export const TABLES: u32 = 0xc0000;

const CELL_LOG2: u32 = 4;
const FIRST_TEXT_BYTE: u8 = 0x1c;
const PROBE_BYTES: u32 = 8;

// Of src/interruption.ts; a test holds the two together by comparing whole outputs.
const STATE_MASK: u32 = 31;
const TEXT: u32 = 32;
const BROKEN: u32 = 64;
const LONGEST_INTERRUPTION: u32 = 128;

@unmanaged
class Filter {
  /** Keeps a gram's bytes of the 8 that a probe reads. */
  mask: u64;
  /** Two bits per gram in one word of 64. */
  bits: u32;
  /** Turns a hash into the index of its word. */
  bitsShift: u32;
  /** An open-addressed table of what the hashes are; 0 is an empty slot. */
  slots: u32;
  slotMask: u32;
  gram: u32;
  stride: u32;
}

export const FILTER_BYTES: u32 = offsetof<Filter>();

// A product's upper bits depend on every bit below them; folding and multiplying again spreads them over the rest.
// The function has an inverse, so that two grams never have the same hash.
@inline
function hashGram(gram: u64): u64 {
  const once: u64 = gram * 0x9e3779b97f4a7c15;
  return (once ^ (once >> 32)) * 0xd6e8feb86659fd93;
}

@inline
function bitsOf(hash: u64): u64 {
  return ((<u64>1) << ((hash >> 20) & 63)) | ((<u64>1) << ((hash >> 26) & 63));
}

@inline
function wordOf(filter: Filter, hash: u64): usize {
  return filter.bits + ((<u32>(hash >> filter.bitsShift)) << 3);
}

/** Never 0. */
@inline
function fingerprintOf(hash: u64): u32 {
  return <u32>(hash ^ (hash >> 32)) | 1;
}

/** Where the fingerprint stands or would stand. */
function slotOf(filter: Filter, fingerprint: u32): usize {
  let slot = (fingerprint >> 1) & filter.slotMask;
  let found = load<u32>(filter.slots + (slot << 2));
  while (found != fingerprint && found != 0) {
    slot = (slot + 1) & filter.slotMask;
    found = load<u32>(filter.slots + (slot << 2));
  }
  return filter.slots + (slot << 2);
}

/** Puts the first `stride` grams of a pattern into a filter. */
export function insert(filter: Filter, pattern: usize): void {
  for (let at: u32 = 0; at < filter.stride; at++) {
    const hash = hashGram(load<u64>(pattern + at) & filter.mask);
    const word = wordOf(filter, hash);
    store<u64>(word, load<u64>(word) | bitsOf(hash));
    const fingerprint = fingerprintOf(hash);
    store<u32>(slotOf(filter, fingerprint), fingerprint);
  }
}

// The table decides what the bits only suspect: text that repeats would meet the same false bits in every line.
@inline
function hasGram(filter: Filter, place: usize): bool {
  const hash = hashGram(load<u64>(place) & filter.mask);
  const bits = bitsOf(hash);
  return (load<u64>(wordOf(filter, hash)) & bits) == bits && load<u32>(slotOf(filter, fingerprintOf(hash))) != 0;
}

/**
 * Marks the cells of a block of `length` bytes that the matcher must see, patterns that began before `floor` being
 * dealt with; returns how many interruptions begin at `from` or later. `from` is not inside an interruption.
 */
export function mark(length: u32, from: u32, floor: u32): u32 {
  const filters = load<u32>(FILTERS);
  memory.fill(MARKS, 0, (length >> CELL_LOG2) + 2);
  let longestStride: u32 = 0;
  let longestReach: u32 = 0;
  for (let index: u32 = 0; index < filters; index++) {
    const filter = filterAt(index);
    longestStride = max(longestStride, filter.stride);
    longestReach = max(longestReach, filter.stride + filter.gram - 1);
    probe(filter, length, floor);
  }
  const count = listInterruptions(length, from);
  for (let index: u32 = 0; index < count; index++) {
    if (load<u8>(SUSPECTS + index) == 0 && !mayBeCrossed(index, count, length)) continue;
    const reach = max<i32>(0, <i32>(startOf(index) - longestReach) + 1);
    markCells(index == 0 ? reach : max(<u32>reach, endOf(index - 1)), endOf(index));
  }
  const tail = longestStride + PROBE_BYTES - 1;
  markCells(tail > length ? 0 : length - tail, length);
  return count;
}

@inline
function filterAt(index: u32): Filter {
  return changetype<Filter>(FILTERS + 8 + index * FILTER_BYTES);
}

@inline
function startOf(index: u32): u32 {
  return load<u32>(STARTS + (index << 2));
}

@inline
function endOf(index: u32): u32 {
  return load<u32>(ENDS + (index << 2));
}

function markCells(start: u32, end: u32): void {
  memory.fill(MARKS + (start >> CELL_LOG2), 1, ((end - 1) >> CELL_LOG2) - (start >> CELL_LOG2) + 1);
}

function probe(filter: Filter, length: u32, floor: u32): void {
  const stride = filter.stride;
  const end = BLOCK + length - PROBE_BYTES;
  for (let place = BLOCK + floor; <i32>place <= <i32>end; place += stride) {
    if (!hasGram(filter, place)) continue;
    const at = place - BLOCK;
    markCells(at < stride ? 0 : at - stride + 1, at + filter.gram);
  }
}

function listInterruptions(length: u32, from: u32): u32 {
  let count: u32 = 0;
  for (let at = findControl(from, length); at < length; at = findControl(at, length)) {
    if ((load<u8>(LEXER + load<u8>(BLOCK + at)) & TEXT) != 0) {
      at++;
      continue;
    }
    const start = at++;
    let isBroken: u8 = 0;
    for (let state: u32 = load<u8>(LEXER + load<u8>(BLOCK + start)); at < length; at++) {
      const action: u32 = load<u8>(LEXER + ((state << 8) | load<u8>(BLOCK + at)));
      if ((action & BROKEN) != 0) isBroken = 1;
      if ((action & TEXT) != 0) break;
      state = action & STATE_MASK;
    }
    store<u32>(STARTS + (count << 2), start);
    store<u32>(ENDS + (count << 2), at);
    store<u8>(SUSPECTS + count, isBroken);
    count++;
  }
  return count;
}

/** The first byte, from `from` on, that may begin an interruption, or `length`. */
function findControl(from: u32, length: u32): u32 {
  const first = i8x16.splat(FIRST_TEXT_BYTE);
  for (let at = from; at < length; at += 16) {
    const controls = i8x16.bitmask(i8x16.lt_u(v128.load(BLOCK + at), first));
    if (controls != 0) return min(length, at + ctz(controls));
  }
  return length;
}

/**
 * Whether a pattern may reach across, this being the first interruption in it: then a gram stands right before it,
 * or the pattern began less than a gram before it and a gram stands in the text right after it.
 */
function mayBeCrossed(index: u32, count: u32, length: u32): bool {
  const start = startOf(index);
  const end = endOf(index);
  if (end - start > LONGEST_INTERRUPTION) return false;
  const previousEnd: u32 = index == 0 ? 0 : endOf(index - 1);
  const nextStart: u32 = index + 1 == count ? length : startOf(index + 1);
  const isGathered = end + PROBE_BYTES > nextStart;
  if (isGathered && !gatherAfter(index, count, length)) return true;
  const after = isGathered ? GATHERED : BLOCK + end;
  const filters = load<u32>(FILTERS);
  for (let group: u32 = 0; group < filters; group++) {
    const filter = filterAt(group);
    if (hasGram(filter, after)) return true;
    if (start >= previousEnd + filter.gram && hasGram(filter, BLOCK + start - filter.gram)) return true;
  }
  return false;
}

/** Puts the text right after an interruption together, past those that follow; false if the block ends first. */
function gatherAfter(index: u32, count: u32, length: u32): bool {
  let at = endOf(index);
  let next = index + 1;
  for (let gathered: u32 = 0; gathered < PROBE_BYTES; gathered++) {
    while (next < count && at == startOf(next)) at = endOf(next++);
    if (at == length) return false;
    store<u8>(GATHERED + gathered, load<u8>(BLOCK + at++));
  }
  return true;
}
