import { code } from './markdown.ts';

/** The part of JSON Schema that the contract’s schemas come out as. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const slugPattern = '^[a-z0-9](-?[a-z0-9])*$';

const bounded = (from: number | undefined, to: number | undefined, unit: string): string => {
  const least = from === undefined || from <= Number.MIN_SAFE_INTEGER ? undefined : from;
  const most = to === undefined || to >= Number.MAX_SAFE_INTEGER ? undefined : to;
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return `, at least ${String(least)}${unit}`;
  return least === undefined
    ? `, at most ${String(most)}${unit}`
    : `, ${String(least)} to ${String(most)}${unit}`;
};

const describeText = ({ format, pattern, minLength, maxLength }: Schema): string => {
  if (format === 'date-time') return 'time (RFC 3339, UTC)';
  const what =
    pattern === slugPattern ? 'slug' : pattern === undefined ? 'text' : `text like ${code(pattern)}`;
  return `${what}${bounded(minLength, maxLength, ' characters')}`;
};

const describeObject = ({ properties, additionalProperties, required }: Schema): string => {
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(
      ([name, schema]) =>
        `${code(name)}${required?.includes(name) === true ? '' : '?'}: ${describeSchema(schema)}`,
    );
    return `{ ${fields.join('; ')} }`;
  }
  const values = typeof additionalProperties === 'object' ? describeSchema(additionalProperties) : 'anything';
  return `for each name: ${values}`;
};

const describeType = (schema: Schema, type: string): string => {
  switch (type) {
    case 'string':
      return describeText(schema);
    case 'integer':
      return `whole number${bounded(schema.minimum, schema.maximum, '')}`;
    case 'array':
      return `list of ${describeSchema(schema.items ?? {})}${bounded(schema.minItems, schema.maxItems, ' items')}`;
    case 'object':
      return describeObject(schema);
    default:
      return type;
  }
};

/** A value as people type it: text without its quotes. */
export const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

export const nameOfReference = (reference: string): string => reference.slice('#/$defs/'.length);

/** A schema in one line of Markdown; named schemas are links to their own table. */
export const describeSchema = (schema: Schema): string => {
  if (schema.$ref !== undefined) {
    const name = nameOfReference(schema.$ref);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => code(valueText(value))).join(', ');
  if (schema.const !== undefined) return code(valueText(schema.const));
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeSchema).join(', or ');
  if (schema.type === undefined) return 'any JSON';
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return types.map((type) => describeType(schema, type)).join(', or ');
};
