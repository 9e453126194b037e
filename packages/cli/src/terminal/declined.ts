/** A question was answered with no; `message` says what was left as it is. The command ends with status 1. */
export class Declined extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Declined';
  }
}

export const declinedStatus = 1;
