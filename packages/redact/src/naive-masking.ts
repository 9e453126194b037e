// The definition of a masked text, in one line per rule and without regard to speed: what the tests compare with.
import { fromLatin1, toLatin1 } from './latin1.ts';
import { isMaskable, listPatterns } from './patterns.ts';
import type { NamedValue } from './redactor.ts';

const WIDE = '\\0+(?:\\[[0-?\\0]*[ -/\\0]*[@-~]|[ -/][ -/\\0]*[0-~])\\0?';
const SEQUENCE = `\\x1b(?:\\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|${WIDE})`;
const SKIPPED = `${SEQUENCE}|[\\x0e\\x0f]\\0?`;
const INTERRUPTION = new RegExp(`^(?:[\\r\\n](?:[\\r\\n\\t \\0]|${SKIPPED})*|${SKIPPED})`);
const BROKEN_SEQUENCE = /^\x1b(?:\0+(?:\[[0-?\0]*[ -/\0]*|[ -/\0]*)|\[[0-?]*[ -/]*|[ -/]*)/;
const LONGEST_INTERRUPTION = 128;

interface Range {
  start: number;
  end: number;
  names: Set<string>;
}

export function maskNaively(values: readonly NamedValue[], input: Uint8Array): Uint8Array {
  const bytes = toLatin1(input);
  const views = [toRawView(bytes), ...toTextViews(bytes)];
  const maskable = values
    .map(({ name, value }) => ({
      name,
      value: typeof value === 'string' ? new TextEncoder().encode(value) : value,
    }))
    .filter(({ value }) => isMaskable(value));
  const ranges: Range[] = [];
  for (const { name, value } of maskable) {
    for (const { bytes: pattern, enough } of listPatterns(value, true)) {
      for (let length = enough; length <= pattern.length; length++) {
        for (const [start, end] of views.flatMap((view) => listOccurrences(view, pattern.slice(0, length)))) {
          ranges.push({ start, end, names: new Set([name]) });
        }
      }
    }
  }
  const keepsSequences = !maskable.some(({ value }) => value.includes(0x1b));
  const order = [...new Set(values.map(({ name }) => name))];
  let output = '';
  let at = 0;
  for (const range of mergeOverlaps(ranges)) {
    const masked = bytes.slice(range.start, range.end);
    output += bytes.slice(at, range.start);
    output += `[masked:${order.filter((name) => range.names.has(name)).join(',')}]`;
    if (keepsSequences) output += (masked.match(new RegExp(SEQUENCE, 'g')) ?? []).join('');
    at = range.end;
  }
  return fromLatin1(output + bytes.slice(at));
}

interface View {
  text: string;
  places: number[];
}

function toRawView(bytes: string): View {
  return { text: bytes, places: Array.from(bytes, (_, at) => at) };
}

/** The text without interruptions; a broken sequence or too long an interruption begins a new view. */
function toTextViews(bytes: string): View[] {
  let view: View = { text: '', places: [] };
  const views = [view];
  let gap = 0;
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.slice(at);
    const skipped = INTERRUPTION.exec(rest) ?? BROKEN_SEQUENCE.exec(rest);
    if (skipped === null) {
      view.text += bytes.charAt(at);
      view.places.push(at++);
      gap = 0;
      continue;
    }
    gap += skipped[0].length;
    if (gap > LONGEST_INTERRUPTION || !INTERRUPTION.test(rest)) views.push((view = { text: '', places: [] }));
    at += skipped[0].length;
  }
  return views;
}

function listOccurrences(view: View, pattern: string): [number, number][] {
  const found: [number, number][] = [];
  for (let at = view.text.indexOf(pattern); at !== -1; at = view.text.indexOf(pattern, at + 1)) {
    found.push([view.places[at] ?? 0, (view.places[at + pattern.length - 1] ?? 0) + 1]);
  }
  return found;
}

function mergeOverlaps(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || last.end <= range.start) {
      merged.push(range);
    } else {
      last.end = Math.max(last.end, range.end);
      for (const name of range.names) last.names.add(name);
    }
  }
  return merged;
}
