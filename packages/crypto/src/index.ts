export {
  chainEvent,
  macBytes,
  startChain,
  verifyChain,
  type ChainedEvent,
  type ChainEnd,
} from './audit-chain.ts';
export {
  encodeBinding,
  type BindingPurpose,
  type Bindings,
  type CacheBinding,
  type ColumnBinding,
  type DataKeyBinding,
  type PlainKeyBinding,
  type ValueBinding,
} from './binding.ts';
export { equalInConstantTime } from './constant-time.ts';
export {
  createDataKey,
  createEphemeralKey,
  createKeyBytes,
  isExhausted,
  SEALS_PER_DATA_KEY,
  type DataKey,
  type DataKeyName,
} from './data-key.ts';
export { fingerprint } from './fingerprint.ts';
export type { Result } from './result.ts';
export { generateRootKeyText, rootKeyFromText, type RootKey, type RootKeyFailure } from './root-key.ts';
export {
  asSealedBytes,
  open,
  readGeneration,
  seal,
  type OpenFailure,
  type SealedBytes,
} from './sealed-value.ts';
export { SecretBytes } from './secret-bytes.ts';
export {
  createToken,
  findTokenPrefix,
  hashToken,
  isTokenWellFormed,
  tokenPrefixes,
  type TokenPrefix,
} from './token.ts';
export {
  readRootKeyId,
  unwrapDataKey,
  unwrapKey,
  wrapDataKey,
  wrapKey,
  type UnwrapFailure,
  type WrappedKey,
} from './wrapped-key.ts';
