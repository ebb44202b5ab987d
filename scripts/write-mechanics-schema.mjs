/**
 * Writes the JSON Schema of mechanics files, which editors complete and check them with, from the schema that the library
 * checks them with. Run it after `npm run build` when that schema changed; a test fails until it was.
 *
 * node scripts/write-mechanics-schema.mjs
 */
import { writeFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { mechanicsSchema } from '../libs/gamification/dist/mechanics/definition.schema.js';
import { jsonSchemaOf } from './mechanics-schema.mjs';

writeFileSync(
  new URL('../libs/gamification/mechanics.schema.json', import.meta.url),
  jsonSchemaOf(toJsonSchema, mechanicsSchema),
);
