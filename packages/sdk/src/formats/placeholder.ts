/** What example files say in place of a value, in lower case and without `-`, `_`, `.` and spaces. */
const knownPlaceholders: ReadonlySet<string> = new Set([
  'changeme',
  'changethis',
  'changeit',
  'replaceme',
  'replacethis',
  'fillme',
  'fillmein',
  'fillthisin',
  'todo',
  'tbd',
  'fixme',
  'placeholder',
  'dummy',
  'example',
  'secretgoeshere',
  'keygoeshere',
  'tokengoeshere',
  'valuegoeshere',
  'pasteyourkeyhere',
]);

/** Shapes of placeholders; none is a shape that a provider gives out. */
const placeholderShapes: readonly RegExp[] = [
  /^<[^<>]*>$/,
  /^\[[a-z][a-z _-]*\]$/i,
  /^\{\{.*\}\}$/,
  /^\$\{.*\}$/,
  /^(?:[a-z]{2,10}[-_]){0,3}(?:x{3,}|\*{3,}|\.{3,}|…)$/i,
  /^(?:[a-z]{2,10}[-_ ]){0,3}your[-_ ][a-z0-9_ -]*(?:key|token|secret|password|value|id|here)$/i,
  /^(?:put|insert|enter|add|paste|replace|set|change)[-_ ][a-z0-9_ -]*(?:here|me|this)$/i,
];

/** Whether a value reads like the text of an example file; for a warning, never for a refusal. */
export function looksLikePlaceholder(value: string): boolean {
  const text = value.trim();
  if (text.length > 200) return false;
  return (
    knownPlaceholders.has(text.toLowerCase().replace(/[-_. ]/g, '')) ||
    placeholderShapes.some((shape) => shape.test(text))
  );
}
