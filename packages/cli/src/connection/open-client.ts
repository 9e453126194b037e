import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { createClient, type Client } from '@coffer/sdk';
import { readClientOptions } from './client-options.ts';

/** A client for what this command line may use. */
export const openClient = async (given: CommandInput, terminal: CommandTerminal): Promise<Client> =>
  createClient(await readClientOptions(given, terminal));
