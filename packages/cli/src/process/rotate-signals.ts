/** What a command may be told of a rotation by. */
export const rotateSignals = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGTERM', 'SIGWINCH'] as const;
export type RotateSignal = (typeof rotateSignals)[number];
