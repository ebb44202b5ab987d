import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { GamificationOptions } from '../gamification.options.js';
import { mustBeLoggedIn } from './logged-in-user.js';

/** Lets in who the module's option `user` knows; others get HTTP 401. */
@Injectable()
export class LoggedInGuard implements CanActivate {
  constructor(@Inject(GamificationOptions) private readonly options: GamificationOptions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await mustBeLoggedIn(this.options, context, 'LoggedInGuard');
    return true;
  }
}
