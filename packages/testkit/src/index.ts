export { hasPostgres, startPostgres, type RunningPostgres } from './postgres.ts';
