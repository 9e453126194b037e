import type { CommandAction } from '@coffer/contract';
import { operatorOf } from '../domain/guard/operator.ts';
import { openHouse } from '../house.ts';
import { resealAll } from '../jobs/reseal.ts';
import { configOf } from './options.ts';

/** A new data key for every organization, and every value sealed again under it, batch by batch. */
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
    let resealed = 0;
    await resealAll(house.guard, {
      onProgress: ({ done, total }) => {
        resealed = done;
        terminal.say(`Sealed ${done} of ${total} values again.`);
      },
    });
    if (terminal.json) terminal.printJson({ organizations: organizations.length, resealed });
    terminal.say('Done. Every value is under the newest data key.');
    return 0;
  } finally {
    await house.close();
  }
};
