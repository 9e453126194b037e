export {
  dotenvReasons,
  parseDotenv,
  type Dotenv,
  type DotenvDuplicate,
  type DotenvEntry,
  type DotenvFailure,
  type DotenvReason,
  type DotenvResult,
} from './dotenv.ts';
export { looksLikePlaceholder } from './placeholder.ts';
