export { createClient, type Client } from './client.ts';
export type { ClientOptions } from './connection.ts';
export type { CreateOptions, WriteOptions } from './request.ts';
export type { SecretAddress, SecretById, SecretOwner } from './secret-address.ts';
export type {
  SecretChanges,
  SecretCreateOptions,
  SecretDeleteOptions,
  SecretImportOptions,
  SecretListQuery,
  SecretSetOptions,
  SecretValue,
} from './secrets.ts';
export type { WorkloadPreviewOptions } from './workloads.ts';
export {
  CofferError,
  errorTable,
  isErrorCode,
  type ErrorCode,
  type ErrorItem,
} from '@coffer/contract/errors';
