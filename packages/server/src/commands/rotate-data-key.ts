import { CofferError, type CommandAction } from '@coffer/contract';
import { operatorOf } from '../domain/guard/operator.ts';
import { itemsOfSkipped, type SkippedVersion } from '../domain/secrets/reseal.ts';
import { openHouse, type OpenHouse } from '../house.ts';
import { resealAll } from '../jobs/reseal.ts';
import { configOf } from './options.ts';

const shown = 20;

/** What does not open and so stays under its older data key: the first of it, and how much it is. */
class SkippedValues {
  readonly #first: SkippedVersion[] = [];
  readonly #keys = new Set<string>();
  #count = 0;

  add(skipped: SkippedVersion): void {
    this.#count += 1;
    if (skipped.key !== undefined) this.#keys.add(skipped.key.message);
    if (this.#first.length < shown) this.#first.push(skipped);
  }

  /** Throws `value_unreadable` where there is any. */
  async refuse({ database }: OpenHouse): Promise<void> {
    if (this.#count === 0) return;
    const errors = await database.read(async (stores) => {
      const items = [];
      for (const organization of await stores.organizations.list()) {
        const own = this.#first.filter(({ organizationId }) => organizationId === organization.id);
        items.push(...(await itemsOfSkipped(stores, organization, own)));
      }
      return items;
    });
    const more = this.#count - errors.length;
    throw new CofferError('value_unreadable', {
      detail: [
        this.#count === 1
          ? 'One value does not open and was left as it was, under an older data key.'
          : `${this.#count} values do not open and were left as they were, under older data keys.`,
        'All others are under the newest one.',
        ...(more > 0 ? [`The first ${errors.length} are listed; there are ${more} more.`] : []),
        ...this.#keys,
      ].join(' '),
      hint: [
        ...(this.#keys.size > 0 ? ['First see “When a key does not open” in docs/operations.md.'] : []),
        'Restore a backup; or write a current value again (coffer secrets set), and destroy each version that does not open (coffer secrets destroy-version). Then run: coffer server rotate-data-key --resume',
      ].join(' '),
      errors,
    });
  }
}

/** A new data key for every organization, and every value that opens sealed again under it, batch by batch. */
export const rotateDataKey: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const house = await openHouse(config, { now: () => Date.now() }, { existing: true });
  try {
    const organizations = await house.database.read(async (stores) => stores.organizations.list());
    if (!input.has('resume')) {
      for (const { id } of organizations) {
        await house.guard.write(operatorOf(house.guard, id), 'data_key.rotate', async (operation) => {
          operation.allowOwn();
          const current = await operation.stores.wrappedKeys.findCurrent(id, 'data');
          const generation = (current?.generation ?? 0) + 1;
          await operation.keyring.addDataKey(operation.stores, id, generation);
          operation.changed();
          operation.record({ details: { generation } });
        });
      }
    }
    const resealed = new Map<string, number>();
    const skipped = new SkippedValues();
    await resealAll(house.guard, {
      onProgress: ({ organizationId, done, total }) => {
        resealed.set(organizationId, done);
        terminal.say(`Sealed ${done} of ${total} values again.`);
      },
      onSkipped: (one) => skipped.add(one),
    });
    await skipped.refuse(house);
    const count = [...resealed.values()].reduce((sum, done) => sum + done, 0);
    if (terminal.json) terminal.printJson({ organizations: organizations.length, resealed: count });
    terminal.say('Done. Every value is under the newest data key.');
    return 0;
  } finally {
    await house.close();
  }
};
