import { CofferError, type CommandAction } from '@coffer/contract';
import { createId } from '../domain/ids.ts';
import { ensurePerson } from '../domain/organizations/create.ts';
import { operatorOf } from '../domain/guard/operator.ts';
import { openHouse } from '../house.ts';
import { defaultUrl, loginCommand } from './login-command.ts';
import { configOf } from './options.ts';

/** whoever holds data directory and root key can make an owner; the trail says so. */
export const recoverOwner: CommandAction = async (input, terminal) => {
  const [email] = input.positionals;
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new CofferError('usage_error', {
      detail: 'Name the person by email.',
      hint: 'coffer server recover-owner EMAIL',
    });
  }
  const config = configOf(input, terminal.environment);
  const house = await openHouse(config, { now: () => Date.now() }, { existing: true });
  try {
    const organizations = await house.database.read(async (stores) => stores.organizations.list());
    const named = input.text('org');
    const organization =
      organizations.find(({ slug, id }) => named === slug || named === id) ??
      (named === undefined && organizations.length === 1 ? organizations[0] : undefined);
    if (organization === undefined) {
      throw new CofferError('organization_not_found', {
        detail: 'It is not clear which organization is meant.',
        hint: `Name it with --org: ${organizations.map(({ slug }) => slug).join(', ')}`,
      });
    }
    const member = await house.guard.write(
      operatorOf(house.guard, organization.id),
      'owner.recover',
      async (operation) => {
        await operation.allow('member.manage');
        const { stores, now, organizationId } = operation;
        const person = await ensurePerson(stores, email, now);
        const known = await stores.members.find(organizationId, person.email);
        const id = known?.id ?? createId('member', now);
        if (known === undefined) {
          await stores.members.insert({
            id,
            organizationId,
            personId: person.id,
            role: 'owner',
            createdAt: now,
            removedAt: null,
          });
        } else await stores.members.updateRole(known.id, 'owner');
        operation.changed();
        operation.record({ details: { email: person.email } });
        return { id, email: person.email };
      },
    );
    if (terminal.json) {
      terminal.printJson({ ...member, role: 'owner', organization: organization.slug });
      return 0;
    }
    terminal.say(`${email} is an owner of ${organization.slug}.`);
    terminal.say(`To get in, on this machine: ${loginCommand(config, { as: email })}`);
    terminal.say(`Where the server listens elsewhere than on ${defaultUrl}, put COFFER_URL=URL before it.`);
    return 0;
  } finally {
    await house.close();
  }
};
