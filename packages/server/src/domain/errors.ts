/** What storage, keys and providers throw; they know the contract through the domain only. */
export { CofferError } from '@coffer/contract';
