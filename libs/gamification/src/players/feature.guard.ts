import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { currentUser } from '../current-user.js';
import { GamificationOptions } from '../gamification.options.js';
import { isIdentifier } from '../validation.js';
import { Players } from './players.js';

/** Where a handler or a controller keeps the features that it requires. */
export const FEATURE = Symbol.for('nestjs-gamification:feature');

/** Asks whether all features of `@RequiresFeature`, on the handler and its controller, are open to the user of a request. */
@Injectable()
export class FeatureGuard implements CanActivate {
  constructor(
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
    @Inject(Players) private readonly players: Players,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required = [context.getHandler(), context.getClass()].flatMap(
      (target) => this.reflector.get<readonly string[] | undefined>(FEATURE, target) ?? [],
    );
    const userId = await currentUser(this.options, context, '@RequiresFeature');
    for (const feature of new Set(required)) {
      // Who cannot be a user of the library has none of its features.
      if (isIdentifier(userId) && (await this.players.hasFeature(userId, feature))) continue;
      throw new ForbiddenException({
        code: 'FEATURE_CLOSED',
        message: `the feature ${feature} is not open to you`,
      });
    }
    return true;
  }
}
