export { compileRedactor, type NamedValue, type Redactor, type RedactorOptions } from './redactor.ts';
export type { RedactionStream } from './stream.ts';
