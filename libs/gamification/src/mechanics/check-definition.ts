import * as v from 'valibot';
import { isPlainObject } from '../validation.js';
import { checkReferences } from './check-references.js';
import type { MechanicsDefinition } from './definition.js';
import { mechanicsSchema, seasonsSchema } from './definition.schema.js';
import { type PlacedProblem, problemAt } from './placed-problem.js';

/** The mechanics that a value is, and everything that is wrong with it. */
export function checkDefinition(value: unknown): {
  readonly definition: MechanicsDefinition;
  readonly problems: readonly PlacedProblem[];
} {
  if (!isPlainObject(value)) {
    const allowed =
      'an object with ratings, badges, challenges, streaks, features, resources, products, seasons, groups';
    return { definition: {}, problems: [problemAt([], value, allowed)] };
  }
  const result = v.safeParse(mechanicsSchema, value);
  const problems = [
    ...droppedIds(value),
    ...(result.issues ?? []).map(toProblem),
    ...checkReferences(value),
    ...checkSeasons('seasons' in value ? value.seasons : {}),
  ];
  if (!result.success) return { definition: {}, problems };
  const { $schema: _, ...definition } = result.output;
  return { definition, problems };
}

/** Ids that the schema would pass over in silence, because every object has something of that name. */
function droppedIds(value: object): readonly PlacedProblem[] {
  return Object.entries(value).flatMap(([kind, all]) => {
    if (!isPlainObject(all)) return [];
    const ids = Object.getOwnPropertyNames(all).filter((id) =>
      ['constructor', 'prototype', '__proto__'].includes(id),
    );
    return ids.map((id) => problemAt([kind, id], id, 'another id: every object has something of that name'));
  });
}

function toProblem(issue: v.BaseIssue<unknown>): PlacedProblem {
  const keys = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
  const allowed = isUnknown ? 'nothing: there is no such key' : issue.message;
  return problemAt(keys, issue.input, allowed);
}

/** Names by which boards are asked for. */
const BOARDS = ['all', 'day', 'week', 'month', 'season'];

/** Seasons follow each other. */
function checkSeasons(value: unknown): readonly PlacedProblem[] {
  if (!v.is(seasonsSchema, value)) return [];
  const ordered = Object.entries(value ?? {}).sort(([, a], [, b]) => Date.parse(a.from) - Date.parse(b.from));
  return ordered.flatMap(([id, season], index) => {
    const [other, before] = ordered[index - 1] ?? [];
    const problems: PlacedProblem[] = [];
    if (BOARDS.includes(id)) {
      problems.push(problemAt(['seasons', id], season, `another id: \`${id}\` names a board already`));
    }
    if (before && Date.parse(before.until) > Date.parse(season.from)) {
      problems.push(problemAt(['seasons', id, 'from'], season.from, `not before the end of ${other}`));
    }
    return problems;
  });
}
