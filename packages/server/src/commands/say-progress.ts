import type { CommandTerminal } from '@coffer/contract';

/** Says how far a long step is, at every tenth of it: `Copied 40%.` */
export const sayProgress = (
  terminal: Pick<CommandTerminal, 'say'>,
  step: string,
): ((fraction: number) => void) => {
  let said = -1;
  return (fraction) => {
    const tenth = Math.floor(Math.min(1, fraction) * 10);
    if (tenth <= said) return;
    said = tenth;
    terminal.say(`${step} ${tenth * 10}%.`);
  };
};
