/** Ctrl-C at a question: nothing was changed, and the command ends with status 130. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

export const interruptedStatus = 130;
