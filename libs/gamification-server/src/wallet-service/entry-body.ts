import { BadRequestException } from '@nestjs/common';
import Joi from 'joi';
import { isShallow } from '../wire/wire-values.js';

/** An entry as the protocol has it. */
export interface EntryBody {
  readonly user_id: string;
  readonly amount: number;
  readonly reason: string;
  readonly item?: { readonly name: string; readonly data?: object };
}

/** The rules of the real server, in its own library's words ([server]). */
const SCHEMA = Joi.object<EntryBody>({
  user_id: Joi.string().required(),
  amount: Joi.number().integer().required(),
  reason: Joi.string().required(),
  item: Joi.object({ name: Joi.string().required(), data: Joi.object() }),
});

/**
 * Reads the body of a new entry.
 *
 * @throws BadRequestException with the body of the real server: what was given, and the first thing that is wrong with it
 */
export function entryBody(body: unknown): EntryBody {
  if (!isShallow(body)) throw new BadRequestException({ error: 'the body has too many levels' });
  const given = withoutNulls(body) ?? {};
  const { value, error } = SCHEMA.validate(given);
  if (error) throw new BadRequestException({ error: { _original: error._original, details: error.details } });
  return value;
}

/** As the real server does before it looks: nulls are absent, and lists are objects ([observed]). */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === null ? undefined : value;
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNulls(each)]));
}
