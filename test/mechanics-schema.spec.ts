import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { toJsonSchema } from '@valibot/to-json-schema';
import { mechanicsSchema } from '../libs/gamification/src/mechanics/definition.schema.js';
import { jsonSchemaOf } from '../scripts/mechanics-schema.mjs';

it('publishes the schema that mechanics are checked with, for editors', () => {
  const published = readFileSync(
    new URL('../libs/gamification/mechanics.schema.json', import.meta.url),
    'utf8',
  );
  expect(JSON.parse(published)).toEqual(JSON.parse(jsonSchemaOf(toJsonSchema, mechanicsSchema)));
  expect(
    JSON.parse(published).properties.ratings.additionalProperties.properties.rules.items.required,
  ).toEqual(['on', 'value']);
});
