import type { MechanicsDefinition } from '../mechanics/definition.js';

interface Described {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  /** Texts that are handed out with it, such as the URL of a picture. */
  readonly metaInfo?: Readonly<Record<string, string>>;
}

/** What there is to earn, without the rules by which it is earned. */
export interface Catalog {
  readonly ratings: readonly (Described & {
    /** Of what its leaderboards are: `all`, `day`, `week`, `month`, `season`. */
    readonly periods: readonly string[];
    readonly lowerIsBetter: boolean;
    /** In the order in which they are reached. */
    readonly levels: readonly { readonly name: string; readonly from: number }[];
  })[];
  readonly badges: readonly (Described & { readonly permanent: boolean })[];
  readonly challenges: readonly (Described & {
    readonly ordered: boolean;
    readonly until?: string;
    readonly steps: readonly { readonly id: string; readonly name?: string; readonly weight: number }[];
    readonly rewards: readonly { readonly resource: string; readonly amount: number }[];
  })[];
  readonly streaks: readonly (Described & { readonly every: 'day' | 'week' })[];
  readonly features: readonly Described[];
  readonly resources: readonly Described[];
  readonly products: readonly (Described & {
    readonly price: number;
    readonly limit?: number;
  })[];
}

/**
 * What the mechanics have to offer, for pages that show users what they can earn.
 *
 * The class is its own injection token: `constructor(private readonly catalog: MechanicsCatalog) {}`.
 */
export class MechanicsCatalog {
  constructor(private readonly definition: MechanicsDefinition) {}

  /** All of it, in the order of the mechanics. */
  get(): Catalog {
    const { ratings, badges, challenges, streaks, features, resources, products } = this.definition;
    return {
      ratings: each(ratings, ({ periods = ['all'], better, levels = [] }) => ({
        periods,
        lowerIsBetter: better === 'lower',
        levels: levels.map(({ name, from }) => ({ name, from })),
      })),
      badges: each(badges, ({ permanent = false }) => ({ permanent })),
      challenges: each(challenges, ({ order, until, steps, reward = [] }) => ({
        ordered: order === 'strict',
        ...(until === undefined ? {} : { until }),
        steps: steps.map(({ id, name, weight = 1 }, index) => ({
          id: id ?? String(index + 1),
          ...(name === undefined ? {} : { name }),
          weight,
        })),
        rewards: [reward].flat().map(({ resource, amount }) => ({ resource, amount })),
      })),
      streaks: each(streaks, ({ every }) => ({ every })),
      features: each(features, () => ({})),
      resources: each(resources, () => ({})),
      products: each(products, ({ price, limit }) => ({ price, ...(limit === undefined ? {} : { limit }) })),
    };
  }
}

function each<Definition extends Omit<Described, 'id'>, View>(
  all: Readonly<Record<string, Definition>> = {},
  view: (definition: Definition) => View,
): readonly (Described & View)[] {
  return Object.entries(all).map(([id, definition]) => {
    const { name, description, metaInfo } = definition;
    return {
      id,
      name,
      ...(description === undefined ? {} : { description }),
      ...(metaInfo === undefined ? {} : { metaInfo }),
      ...view(definition),
    };
  });
}
