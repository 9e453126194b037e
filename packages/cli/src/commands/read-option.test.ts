import { describe, expect, it } from 'vitest';
import { readDays, readInstant, readWholeNumber, showInstant } from './read-option.ts';

const now = Date.parse('2027-03-01T12:00:00Z');

describe('times and numbers on the command line', () => {
  it.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T12:30:00Z', '2027-01-31T12:30:00.000Z'],
    ['2027-01-31T12:30:00+02:00', '2027-01-31T10:30:00.000Z'],
  ])('%s is a time', (text, instant) => {
    expect(readInstant('since', text, { now, spansGo: 'backward' })).toBe(instant);
  });

  it('a span counts from now: forward for what expires, backward for what was', () => {
    expect(readInstant('expires', '2d', { now, spansGo: 'forward' })).toBe('2027-03-03T12:00:00.000Z');
    expect(readInstant('since', '12h', { now, spansGo: 'backward' })).toBe('2027-03-01T00:00:00.000Z');
  });

  it.each(['yesterday', '2027-13-01', '31.1.2027', '', '-1d', '2027-01-31T12:30'])('%j is none', (text) => {
    expect(() => readInstant('since', text, { now, spansGo: 'backward' })).toThrow(/--since/);
  });

  it('days are 90d or 90; numbers are whole and not below the least', () => {
    expect(readDays('expires', '90d')).toBe(90);
    expect(readDays('expires', '7')).toBe(7);
    for (const text of ['0', '1.5', '90h', '']) expect(() => readDays('expires', text)).toThrow(/--expires/);
    expect(readWholeNumber('to', '3', 1)).toBe(3);
    for (const text of ['0', '-1', '1e3', '']) expect(() => readWholeNumber('to', text, 1)).toThrow(/--to/);
  });

  it('tables show times as YYYY-MM-DD hh:mm:ss in UTC', () => {
    expect(showInstant('2027-01-31T12:30:05.123Z')).toBe('2027-01-31 12:30:05');
    expect(showInstant(null)).toBe('-');
  });
});
