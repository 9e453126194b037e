import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { createClient, type Client } from '@coffer/sdk';
import { readClientOptions } from './client-options.ts';

/** A client for what this command line may use. */
export const openClient = (given: CommandInput, terminal: CommandTerminal): Client =>
  createClient(readClientOptions(given, terminal));
