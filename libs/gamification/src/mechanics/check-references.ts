import { isPlainObject } from '../validation.js';
import { Expression, ExpressionError, type ExpressionResult } from './expression.js';
import { type PlacedProblem, problemAt } from './placed-problem.js';

type Kind = 'rating' | 'resource' | 'streak';
type Keys = readonly (string | number)[];

/** What mechanics name has to be there. They may be wrong otherwise: what has another form names nothing. */
export function checkReferences(mechanics: object): readonly PlacedProblem[] {
  return new ReferenceCheck(mechanics).problems();
}

class ReferenceCheck {
  private readonly expressionOf = Expression.compiler();
  private readonly found: PlacedProblem[] = [];
  private readonly ids: Readonly<Record<Kind, ReadonlySet<string>>>;

  constructor(private readonly mechanics: object) {
    const idsOf = (value: unknown) => new Set(isPlainObject(value) ? Object.keys(value) : []);
    const { ratings, resources, streaks }: Readonly<Record<string, unknown>> = { ...mechanics };
    this.ids = { rating: idsOf(ratings), resource: idsOf(resources), streak: idsOf(streaks) };
  }

  problems(): readonly PlacedProblem[] {
    for (const [kind, all] of Object.entries(this.mechanics)) {
      if (!isPlainObject(all)) continue;
      for (const [id, mechanic] of Object.entries(all)) this.visit(mechanic, [kind, id]);
    }
    return this.found;
  }

  private visit(value: unknown, keys: Keys): void {
    if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) this.visit(each, [...keys, index]);
    } else if (isPlainObject(value)) {
      for (const [key, each] of Object.entries(value)) this.visitProperty(key, each, [...keys, key]);
    }
  }

  private visitProperty(key: string, value: unknown, keys: Keys): void {
    // Texts for people and machines, whatever they are called.
    if (key === 'metaInfo' || key === 'messages') return;
    if (typeof value !== 'string') this.visit(value, keys);
    else if (key === 'if' || key === 'when') this.expression(value, 'bool', keys);
    else if (key === 'value') this.expression(value, 'number', keys);
    else if (key === 'rating' || key === 'streak' || key === 'resource') this.need(key, [value], keys);
  }

  private expression(text: string, result: ExpressionResult, keys: Keys): void {
    try {
      const { reads } = this.expressionOf(text, result);
      this.need('rating', reads.ratings, keys);
      this.need('resource', reads.balances, keys);
      this.need('streak', reads.streaks, keys);
    } catch (error) {
      // What is wrong with the text itself is told by the schema.
      if (!(error instanceof ExpressionError)) throw error;
    }
  }

  private need(kind: Kind, ids: Iterable<string>, keys: Keys): void {
    for (const id of ids) {
      if (this.ids[kind].has(id)) continue;
      this.found.push(problemAt(keys, id, `the id of a ${kind} that there is`));
    }
  }
}
