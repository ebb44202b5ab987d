import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
  UnsupportedMediaTypeException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { currentUser } from '../current-user.js';
import { GamificationOptions } from '../gamification.options.js';
import { GamificationExceptionFilter } from './gamification-exception.filter.js';

/** Where a request has its user. */
const USER = Symbol('gamification user');

interface AskingRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  [USER]?: string;
}

/** Lets in who the module's option `user` knows, and remembers who it is. */
@Injectable()
export class AskingUserGuard implements CanActivate {
  constructor(@Inject(GamificationOptions) private readonly options: GamificationOptions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AskingRequest>();
    // What a form of another site can send in the user's name is never JSON.
    if (request.method === 'POST' && !/^application\/json\b/.test(String(request.headers['content-type']))) {
      throw new UnsupportedMediaTypeException({
        code: 'JSON_EXPECTED',
        message: 'the body is to be application/json',
      });
    }
    const userId = await currentUser(this.options, context, 'GamificationController');
    if (!userId) throw new UnauthorizedException({ code: 'NOT_LOGGED_IN', message: 'nobody is logged in' });
    request[USER] = userId;
    return true;
  }
}

/**
 * A handler for the user who asks. Stands on methods, so that it comes behind the guards of the class, which log users in.
 */
export function ForAskingUser(): MethodDecorator {
  return applyDecorators(UseGuards(AskingUserGuard), UseFilters(GamificationExceptionFilter));
}

/** The id of the user who asks. */
export const AskingUser = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const userId = context.switchToHttp().getRequest<AskingRequest>()[USER];
  if (userId === undefined) throw new Error('@AskingUser() stands only in a handler with @ForAskingUser()');
  return userId;
});
