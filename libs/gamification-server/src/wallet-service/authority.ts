import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { type CryptoKey, decodeJwt, importSPKI, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { ServerKeys } from '../keys/server-keys.js';

/** Authorities whose keys are kept as they are verified with; reading one takes longer than all else of a call. */
const MAX_KEYS = 1_000;
const ALGORITHM = 'ES256';

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
  /** By what is stored, so that a key that was revoked is not found. */
  private readonly parsed = new LRUCache<string, CryptoKey>({ max: MAX_KEYS });

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
      await jwtVerify(token, await this.keyOf(pem), { algorithms: [ALGORITHM] });
      return sub;
    } catch {
      return undefined;
    }
  }

  private async keyOf(pem: string): Promise<CryptoKey> {
    const kept = this.parsed.get(pem);
    if (kept) return kept;
    const key = await importSPKI(pem, ALGORITHM);
    this.parsed.set(pem, key);
    return key;
  }
}

/** The id of the authority that has signed the request. */
export const Authority = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const authority = context.switchToHttp().getRequest<SignedRequest>()[AUTHORITY];
  if (authority === undefined) throw new Error('@Authority() stands only behind AuthorityGuard');
  return authority;
});
