/** The contract's words that rows are made of; storage knows the contract through the domain only. */
export type {
  CredentialType,
  Exposure,
  Kind,
  Output,
  Right,
  Role,
  Scope,
  WorkloadState,
} from '@coffer/contract';
