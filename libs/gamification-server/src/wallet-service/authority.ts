import { createPublicKey } from 'node:crypto';
import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { decodeJwt, jwtVerify } from 'jose';
import { ServerKeys } from '../keys/server-keys.js';

/** Where a request has its authority. */
const AUTHORITY = Symbol('authority');

interface SignedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  [AUTHORITY]?: string;
}

/**
 * The header `Authorization` with a bare JWT, signed by an authority: 401 where it is missing, 403 where it is wrong,
 * with the words of the real server ([server]).
 */
@Injectable()
export class AuthorityGuard implements CanActivate {
  constructor(@Inject(ServerKeys) private readonly keys: ServerKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SignedRequest>();
    const { authorization: token } = request.headers;
    if (token === undefined || token === '')
      throw new UnauthorizedException({ error: 'authorization data required' });
    const authority = await this.authorityOf(String(token));
    if (authority === undefined) throw new ForbiddenException({ error: 'forbidden' });
    request[AUTHORITY] = authority;
    return true;
  }

  /** Who has signed a token; nothing where it is not valid, for whatever reason. */
  private async authorityOf(token: string): Promise<string | undefined> {
    try {
      const { sub = '' } = decodeJwt(token);
      const pem = await this.keys.publicKeyOf(sub);
      if (pem === undefined) return undefined;
      await jwtVerify(token, createPublicKey(pem), { algorithms: ['ES256'] });
      return sub;
    } catch {
      return undefined;
    }
  }
}

/** The id of the authority that has signed the request. */
export const Authority = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const authority = context.switchToHttp().getRequest<SignedRequest>()[AUTHORITY];
  if (authority === undefined) throw new Error('@Authority() stands only behind AuthorityGuard');
  return authority;
});
