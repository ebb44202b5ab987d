import { applyDecorators } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';

/**
 * A property that holds free-form data. It stays as it is: class-transformer's own copy of it would fail at a property
 * named `constructor`, leave out one named `toString`, and make `{}` of a `Map`.
 *
 * @param missing what stands in place of `null` or nothing
 */
export function AsItCame(missing?: () => unknown): PropertyDecorator {
  return applyDecorators(
    // What is said to be a truth value is not looked into.
    Type(() => Boolean),
    Transform(({ obj, key }: { obj: Readonly<Record<string, unknown>>; key: string }) =>
      missing === undefined ? obj[key] : (obj[key] ?? missing()),
    ),
  );
}
