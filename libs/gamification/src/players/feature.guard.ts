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
import { Players } from './players.js';

/** Where a handler or a controller keeps the feature that it requires. */
export const FEATURE = Symbol.for('nestjs-gamification:feature');

/** Asks whether the feature of `@RequiresFeature` is open to the user of a request. */
@Injectable()
export class FeatureGuard implements CanActivate {
  constructor(
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
    @Inject(Players) private readonly players: Players,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const feature = this.reflector.getAllAndOverride<string>(FEATURE, [
      context.getHandler(),
      context.getClass(),
    ]);
    const userId = await currentUser(this.options, context, '@RequiresFeature');
    if (userId && (await this.players.hasFeature(userId, feature))) return true;
    throw new ForbiddenException({
      code: 'FEATURE_CLOSED',
      message: `the feature ${feature} is not open to you`,
    });
  }
}
