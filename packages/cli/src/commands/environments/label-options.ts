import type { CommandInput, CommandOption } from '@coffer/contract';
import { readWholeNumber } from '../read-option.ts';

export const labelOptions: readonly CommandOption[] = [
  { name: 'label', value: 'LABEL', summary: 'a label for people' },
  { name: 'position', value: 'N', summary: 'its place in the order, from 0' },
];

export function readLabel(given: CommandInput): { label?: string; position?: number } {
  const label = given.text('label');
  const position = given.text('position');
  return {
    ...(label === undefined ? {} : { label }),
    ...(position === undefined ? {} : { position: readWholeNumber('position', position, 0) }),
  };
}
