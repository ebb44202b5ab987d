import { isDate } from 'node:util/types';
import type { Problem } from '../../gamification.errors.js';
import { inShort, isPlainObject } from '../../validation.js';

/** A single value of a trait. A `Date` is sent as its ISO 8601 text. */
export type InteraktScalar = string | number | boolean | Date | null;

/** What a trait can be. */
export type InteraktTraitValue = InteraktScalar | readonly InteraktScalar[];

/** The traits of a user or an event, by name. One that is `undefined` is left out. */
export type InteraktTraits = Readonly<Record<string, InteraktTraitValue | undefined>>;

/** A single value on the wire. */
export type WireScalar = string | number | boolean | null;

/** Traits on the wire. */
export type WireTraits = Readonly<Record<string, WireScalar | readonly WireScalar[]>>;

const SCALAR_RULE = 'a text, a finite number, true, false, a valid Date or null';

/**
 * A copy of traits as they are sent.
 *
 * @param given what the caller gave; nothing stands for no traits
 * @param problems gets what is wrong with them
 */
export function wireTraits(given: unknown, problems: Problem[]): WireTraits {
  if (given === undefined || given === null) return {};
  if (!isPlainObject(given)) {
    problems.push({ path: 'traits', got: inShort(given), allowed: 'a plain object' });
    return {};
  }
  const scalar = (path: string, value: unknown, rule: string): WireScalar => {
    const wire = toWire(value);
    if (wire === undefined) problems.push({ path, got: inShort(value), allowed: rule });
    return wire ?? null;
  };
  // Entries become own properties, whatever their name.
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]: [string, unknown]) => {
        const path = `traits.${name}`;
        const wire = Array.isArray(value)
          ? Array.from(value, (element, index) => scalar(`${path}.${index}`, element, SCALAR_RULE))
          : scalar(path, value, `${SCALAR_RULE}, or a list of such`);
        return [name, wire];
      }),
  );
}

/**
 * Traits of an event that is delivered, as they are sent: JSON values, of which an object or a list within another
 * becomes its JSON text, because Interakt has nothing like it.
 */
export function flatTraits(traits: Readonly<Record<string, unknown>>): WireTraits {
  const flat = (value: unknown): WireScalar => {
    const wire = toWire(value);
    return wire === undefined ? JSON.stringify(value) : wire;
  };
  return Object.fromEntries(
    Object.entries(traits).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(flat) : flat(value),
    ]),
  );
}

/** A single value on the wire; nothing where it cannot be one. */
function toWire(value: unknown): WireScalar | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return isDate(value) && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
}
