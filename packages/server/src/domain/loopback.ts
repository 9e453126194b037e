import { isIPv4 } from 'node:net';

/** Of 127.0.0.0/8; a name that only begins like one, such as 127.example.com, is none of it. */
export const isLoopbackIPv4 = (address: string): boolean => isIPv4(address) && address.startsWith('127.');

/** Whether a caller's address is one of the server's own host, so far as that can be told: loopback. */
export const isOnHost = (address: string): boolean =>
  address === '::1' || isLoopbackIPv4(address.replace(/^::ffff:/i, ''));
