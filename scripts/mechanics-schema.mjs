/**
 * The text of the JSON Schema of mechanics files. Checks that JSON Schema has no word for are left out: the library makes
 * them at the start.
 *
 * @param {typeof import('@valibot/to-json-schema').toJsonSchema} toJsonSchema
 * @param {import('valibot').GenericSchema} schema
 */
export function jsonSchemaOf(toJsonSchema, schema) {
  const json = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'input' });
  return `${JSON.stringify({ $id: 'nestjs-gamification/mechanics.schema.json', title: 'Mechanics of nestjs-gamification', ...json }, null, 2)}\n`;
}
