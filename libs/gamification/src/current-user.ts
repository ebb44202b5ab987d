import type { ExecutionContext } from '@nestjs/common';
import type { GamificationOptions } from './gamification.options.js';
import { NotConfiguredError } from './unserved.js';

/**
 * Who the user of a request is, as the module's option `user` says.
 *
 * @param wanted what needs to know, for the message
 * @throws NotConfiguredError without that option
 */
export async function currentUser(
  { user }: GamificationOptions,
  context: ExecutionContext,
  wanted: string,
): Promise<string | undefined> {
  if (user === undefined) throw new NotConfiguredError(wanted, '`user`');
  if (typeof user === 'string') return user;
  return user({ context, request: context.switchToHttp().getRequest(), result: undefined });
}
