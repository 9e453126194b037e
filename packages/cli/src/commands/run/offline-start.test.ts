import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CofferError } from '@coffer/contract/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptPlace, findKeptDelivery, keepDelivery } from './kept-delivery.ts';
import { findNote, listNotes } from './offline-note.ts';
import { type OfflinePlace, forgetWhereRefused, settleStart, startOffline } from './offline-start.ts';

const hourMs = 3_600_000;
const deliveredAt = Date.UTC(2030, 0, 1);
const away = new CofferError('server_unreachable', { detail: 'Nothing listens there.' });
const say = () => undefined;

const delivery = {
  workloadId: 'wrk_1',
  agent: 'bot',
  environment: 'development',
  deliveredAt,
  hours: 2,
  variables: [{ name: 'KEY', value: 'value', masked: true }],
};

let place: OfflinePlace;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-offline-'));
  place = { folder, client: {}, kept: { apiKey: 'cfr_key_1', server: 'http://127.0.0.1:1', words: ['bot'] } };
  keepDelivery(folder, place.kept, delivery);
});
afterEach(() => rmSync(place.folder, { recursive: true }));

const notes = () => listNotes(place.folder, place.kept).map((id) => findNote(place.folder, place.kept, id));
const noted = {
  agent: 'bot',
  environment: 'development',
  startedAt: '2030-01-01T01:00:00.000Z',
  deliveredBy: 'wrk_1',
};

describe('R-311 the note of an offline start', () => {
  it.each([
    ['is past its age', deliveredAt + 3 * hourMs],
    ['is of a time to come, as the clock went back', deliveredAt - 1],
  ])('outlives the delivery that is dropped because it %s', (_, now) => {
    startOffline(place, away, { now: deliveredAt + hourMs, say });
    expect(() => startOffline(place, away, { now, say })).toThrow(away);
    expect(findKeptDelivery(place.folder, place.kept)).toBeUndefined();
    expect(notes()).toEqual([noted]);
  });

  it('outlives the delivery that is dropped because the key may not start any more', () => {
    startOffline(place, away, { now: deliveredAt + hourMs, say });
    forgetWhereRefused(place, new CofferError('run_forbidden', { detail: 'No.' }), say);
    expect(findKeptDelivery(place.folder, place.kept)).toBeUndefined();
    expect(notes()).toEqual([noted]);
  });

  it('tells who reads the folder nothing', () => {
    startOffline(place, away, { now: deliveredAt + hourMs, say });
    for (const name of readdirSync(place.folder)) {
      const text = readFileSync(join(place.folder, name), 'utf8');
      expect(name + Buffer.from(text, 'base64').toString('latin1')).not.toMatch(/bot|development|wrk_1|2030/);
    }
  });
});

describe('R-311 deliveries kept for other command lines', () => {
  /** The same API key for another agent, another key, and the same key elsewhere. */
  const others = (): KeptPlace[] => [
    { ...place.kept, words: ['other'] },
    { ...place.kept, apiKey: 'cfr_key_2' },
    { ...place.kept, server: 'http://127.0.0.1:2' },
  ];
  const listKept = () =>
    [place.kept, ...others()].map((kept) => findKeptDelivery(place.folder, kept) !== undefined);
  beforeEach(() => {
    for (const other of others()) keepDelivery(place.folder, other, { ...delivery, hours: 4 });
  });

  it('are forgotten with it where they are of the API key and server that refused', () => {
    expect(listKept()).toEqual([true, true, true, true]);
    const sameServer = { ...place, kept: { ...place.kept, server: 'http://127.0.0.1:1/', words: ['third'] } };
    forgetWhereRefused(sameServer, new CofferError('not_authenticated', { detail: 'No.' }), say);
    expect(listKept()).toEqual([false, false, true, true]);
  });

  it('are forgotten with it where policy has an end of offline starts', async () => {
    const { agent, environment, variables } = delivery;
    const workload = { id: 'wrk_2', agent, environment };
    const started = { workload, variables, offline: null };
    await settleStart(place, started, { now: deliveredAt, say });
    expect(listKept()).toEqual([false, false, true, true]);
  });

  it('are swept at a start with the server once they are past their age, whatever key they are of', async () => {
    const { agent, environment, variables } = delivery;
    const workload = { id: 'wrk_2', agent, environment };
    const offline = { hours: 2, except: [] };
    const started = { workload, variables, offline };
    const at = (hours: number) => ({ now: deliveredAt + hours * hourMs, say });
    const further = { ...place, kept: { ...place.kept, words: ['third'] } };
    await settleStart(further, started, at(3));
    expect(listKept()).toEqual([false, true, true, true]);
    await settleStart(further, started, at(5));
    expect(listKept()).toEqual([false, false, false, false]);
    expect(findKeptDelivery(place.folder, further.kept)).toBeDefined();
  });
});
