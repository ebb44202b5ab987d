import { type InspectOptions, inspect as inspectValue } from 'node:util';

/** What stands in the place of a secret that is shown. */
const SECRET = '[secret]';

/** How the secrets of classes are shown, by the property, beside each class's prototype. */
const secrets = new WeakMap<object, Map<string | symbol, (value: unknown) => unknown>>();

/**
 * A property that is a secret: its object is printed without it, by `JSON.stringify`, `console.log`, and loggers that
 * use them. Reading it is as ever.
 *
 * @param shown what is shown of it; nothing unless told
 */
export function Secret(shown: (value: unknown) => unknown = () => SECRET): PropertyDecorator {
  return (prototype, property) => {
    const known = secrets.get(prototype) ?? new Map();
    secrets.set(prototype, known.set(property, shown));
    // Not part of the class's type, so that what is no instance of it can still be given as its options.
    Object.defineProperties(prototype, {
      toJSON: { value: withoutSecrets, configurable: true },
      [inspectValue.custom]: { value: inspected, configurable: true },
    });
  };
}

/** A URL without its password. @param url must be one that `URL` can parse */
export function withoutPassword(url: unknown): unknown {
  return typeof url === 'string' ? url.replace(/^([^/]*\/\/[^/:@]*):.*@/, `$1:${SECRET}@`) : url;
}

function withoutSecrets(this: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(this).map(([property, value]) => [
      property,
      value === undefined ? undefined : (shownAs(this, property)?.(value) ?? value),
    ]),
  );
}

function inspected(
  this: object,
  depth: number,
  options: InspectOptions,
  inspect: typeof inspectValue,
): string {
  const { name } = this.constructor;
  if (depth < 0) return `[${name}]`;
  const left = typeof options.depth === 'number' ? options.depth - 1 : options.depth;
  return `${name} ${inspect(withoutSecrets.call(this), { ...options, depth: left })}`;
}

function shownAs(instance: object, property: string): ((value: unknown) => unknown) | undefined {
  for (let each: object | null = instance; each; each = Object.getPrototypeOf(each)) {
    const shown = secrets.get(each)?.get(property);
    if (shown) return shown;
  }
  return undefined;
}
