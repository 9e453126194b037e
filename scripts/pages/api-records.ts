import type { Route } from '@coffer/contract';
import { code, table } from './markdown.ts';
import { describeSchema, nameOfReference, type Schema } from './schema-text.ts';

type Named = Map<string, Schema>;

const addDefinitions = (named: Named, schema: Schema): void => {
  for (const [name, definition] of Object.entries(schema.$defs ?? {})) named.set(name, definition);
};

/** Every schema with a name: bodies as they may be sent, records as they are answered. */
const collect = (routes: readonly Route[], nameOf: (schema: unknown) => string | undefined): Named => {
  const named: Named = new Map();
  for (const { body, success } of routes) {
    if (success.body !== undefined) addDefinitions(named, success.body.toJSONSchema() as Schema);
    if (body === undefined) continue;
    const schema = body.toJSONSchema({ io: 'input' }) as Schema;
    addDefinitions(named, schema);
    const name = nameOf(body);
    if (name !== undefined && schema.$ref === undefined) named.set(name, schema);
    else if (name !== undefined && schema.$ref !== undefined && nameOfReference(schema.$ref) !== name)
      throw new Error(`The schema ${name} calls itself ${nameOfReference(schema.$ref)}`);
  }
  return named;
};

const writeFields = ({ properties, required }: Schema): string | undefined =>
  properties === undefined
    ? undefined
    : table(
        ['field', 'always', 'what'],
        Object.entries(properties).map(([name, schema]) => [
          code(name),
          required?.includes(name) === true ? 'yes' : '',
          [describeSchema(schema), schema.description].filter((part) => part !== undefined).join('; '),
        ]),
      );

/** A table of fields for every named schema that a route takes or answers, by name. */
export const writeRecords = (
  routes: readonly Route[],
  nameOf: (schema: unknown) => string | undefined,
): string[] =>
  [...collect(routes, nameOf)]
    .toSorted(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([name, schema]) => `### ${name}\n\n${writeFields(schema) ?? `${describeSchema(schema)}.`}`);
