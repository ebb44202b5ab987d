import { applyDecorators, UseGuards } from '@nestjs/common';
import { FEATURE, FeatureGuard } from './feature.guard.js';

/**
 * Lets only users through to whom a feature of the mechanics is open; others get HTTP 403. Of several, on a handler and on its
 * controller, all have to be. Who the user is, the module's
 * option `user` says, so a guard that logs users in has to run first: it stands on the controller, or below this one.
 *
 * ```ts
 * @RequiresFeature('dark-mode')
 * @Get('theme')
 * theme() { … }
 * ```
 *
 * @param featureId the feature's id
 */
export function RequiresFeature(featureId: string): MethodDecorator & ClassDecorator {
  const require: MethodDecorator & ClassDecorator = (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    const owner = descriptor?.value ?? target;
    const others: readonly string[] = Reflect.getMetadata(FEATURE, owner) ?? [];
    Reflect.defineMetadata(FEATURE, [...others, featureId], owner);
  };
  return applyDecorators(require, UseGuards(FeatureGuard));
}
