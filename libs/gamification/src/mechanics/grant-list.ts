import { MAX_OPEN } from './rating-cell.js';

/** How often and when something was granted that stays, with what is needed to take a grant back. */
export interface Grants {
  /** How many. */
  n: number;
  /** When the last one was granted that cannot be taken back. */
  f?: number;
  /** When the ones were that can, first granted first. */
  o?: number[];
}

/** Adds a grant. @param open whether it can be taken back */
export function addGrant(grants: Grants | undefined, at: number, open: boolean): Grants {
  const into = grants ?? { n: 0 };
  into.n++;
  if (!open) {
    into.f = at;
    return into;
  }
  into.o ??= [];
  into.o.push(at);
  if (into.o.length > MAX_OPEN) into.f = Math.max(into.f ?? 0, into.o.shift() ?? 0);
  return into;
}

/** Takes the grant of a moment back, where it is known still. @returns the grants, or nothing where none is left */
export function takeGrant(grants: Grants, at: number): Grants | undefined {
  const place = grants.o?.lastIndexOf(at) ?? -1;
  if (place < 0) return grants;
  grants.n--;
  grants.o?.splice(place, 1);
  if (grants.o?.length === 0) delete grants.o;
  return grants.n > 0 ? grants : undefined;
}

/** When the last one was granted. */
export function lastGrant({ f = 0, o }: Grants): number {
  return Math.max(f, o?.at(-1) ?? 0);
}
