import { GamificationError } from './gamification.errors.js';

/** Something was injected that the options of the module do not provide. */
export class NotConfiguredError extends GamificationError {
  readonly code = 'NOT_CONFIGURED';

  /**
   * @param wanted the class that was injected
   * @param remedy which option would provide it
   * @param consumer the class it was injected into, where that is known
   */
  constructor(
    readonly wanted: string,
    readonly remedy: string,
    readonly consumer?: string,
  ) {
    const where = consumer === undefined ? 'is used' : `is injected into ${consumer}`;
    super(`${wanted} ${where}, but nothing serves it: set the option ${remedy} of GamificationModule`);
  }
}

const UNSERVED = Symbol('unserved');

interface Unserved {
  readonly [UNSERVED]: { readonly wanted: string; readonly remedy: string };
}

/** A class that can be injected. Abstract ones count. */
type Token<T> = abstract new (...args: never[]) => T;

/**
 * What others look for on every provider to see whether it is there: Nest its lifecycle hooks, `await` a `then`. No
 * class that can be unserved has them.
 */
const LOOKED_FOR = /^(then|toJSON|(on|before)[A-Z].*)$/;

/**
 * Stands in for what the options do not provide. The application does not start when somebody injects it
 * (see {@link refuseUnserved}); who gets at it in another way, such as `moduleRef.get`, is told by the first call.
 *
 * @param remedy which option would provide it, as the rest of "set the option …"
 */
export function unserved<T extends object>(token: Token<T>, remedy: string): T {
  const wanted = token.name;
  // Called, not only looked at: modules that search all providers for decorated methods look at each of them.
  const refuse = (): never => {
    throw new NotConfiguredError(wanted, remedy);
  };
  const get = (_: object, property: string | symbol): unknown => {
    if (property === UNSERVED) return { wanted, remedy };
    if (property === 'constructor') return token;
    if (typeof property === 'symbol' || LOOKED_FOR.test(property)) return undefined;
    return isGetter(token.prototype, property) ? refuse() : refuse;
  };
  // Whatever is called on it is answered above, so it can pass for a `T`.
  return new Proxy(Object.create(token.prototype), { get }) as T;
}

/** Whether a property is computed when it is read. Nobody reads one only to see whether it is a method. */
function isGetter(prototype: object | null, property: string): boolean {
  for (let each = prototype; each; each = Object.getPrototypeOf(each)) {
    const descriptor = Object.getOwnPropertyDescriptor(each, property);
    if (descriptor) return descriptor.get !== undefined;
  }
  return false;
}

/** What a consumer was given, as Nest's container knows it. */
export interface Consumer {
  readonly name: string;
  readonly dependencies: readonly unknown[];
}

/** @throws NotConfiguredError naming the first consumer that was given something {@link unserved} */
export function refuseUnserved(consumers: Iterable<Consumer>): void {
  for (const { name, dependencies } of consumers) {
    for (const dependency of dependencies) {
      if (!isUnserved(dependency)) continue;
      const { wanted, remedy } = dependency[UNSERVED];
      throw new NotConfiguredError(wanted, remedy, name);
    }
  }
}

function isUnserved(value: unknown): value is Unserved {
  return typeof value === 'object' && value !== null && (value as Partial<Unserved>)[UNSERVED] !== undefined;
}
