import { linkedAccountAt } from '../../accounts/linked-account.decorator.js';
import { GLOEBIT } from './gloebit-authorization.js';

/**
 * A handler's parameter: the account that the current user has linked, as an `AccountLink`, or `undefined`.
 *
 * ```ts
 * @Get()
 * page(@LinkedAccount() account: AccountLink | undefined) { … }
 * ```
 *
 * @param provider where it is linked
 */
export function LinkedAccount(provider: string = GLOEBIT): ParameterDecorator {
  return linkedAccountAt(provider);
}
