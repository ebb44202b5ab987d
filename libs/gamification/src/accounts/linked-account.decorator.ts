import {
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { currentUser } from '../current-user.js';
import { GamificationOptions } from '../gamification.options.js';
import { type AccountLink, AccountLinks } from './account-links.js';

/** A parameter's decorator has no way to services, and a pipe has: so the one passes the request on to the other. */
const Context = createParamDecorator((_: unknown, context: ExecutionContext) => context);

/** A parameter decorator for the account that the current user has linked at a provider, or nothing. */
export function linkedAccountAt(provider: string): ParameterDecorator {
  return Context(undefined, pipeFor(provider));
}

function pipeFor(provider: string): Type<PipeTransform> {
  @Injectable()
  class LinkedAccountPipe implements PipeTransform<ExecutionContext, Promise<AccountLink | undefined>> {
    constructor(
      @Inject(AccountLinks) private readonly links: AccountLinks,
      @Inject(GamificationOptions) private readonly options: GamificationOptions,
    ) {}

    async transform(context: ExecutionContext): Promise<AccountLink | undefined> {
      const userId = await currentUser(this.options, context, 'LinkedAccount');
      return userId === undefined ? undefined : this.links.get(userId, provider);
    }
  }
  return LinkedAccountPipe;
}
