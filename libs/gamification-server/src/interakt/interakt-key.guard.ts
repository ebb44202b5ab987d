import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { keyParts } from '../keys/key-text.js';
import { ServerKeys } from '../keys/server-keys.js';
import type { InteraktServerOptions } from '../server.options.js';
import { INTERAKT_OPTIONS } from './interakt-options.js';

const CALLS_PER_MINUTE = 300;

interface KeyedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** HTTP Basic with the key as the user and no password; more calls than are allowed are answered 429 ([doc]). */
@Injectable()
export class InteraktKeyGuard implements CanActivate {
  private readonly limiter: RateLimiterMemory;

  constructor(
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(INTERAKT_OPTIONS) { callsPerMinute = CALLS_PER_MINUTE }: InteraktServerOptions,
  ) {
    this.limiter = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<KeyedRequest>();
    const basic = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(String(headers.authorization ?? ''))?.[1] ?? '';
    const decoded = Buffer.from(basic, 'base64').toString();
    const { id, secret } = keyParts(decoded.endsWith(':') ? decoded.slice(0, -1) : decoded);
    const key = await this.keys.find('interakt', id, secret);
    if (!key) throw new UnauthorizedException({ result: false, message: 'the API key is not valid' });
    await this.limit(key.id);
    return true;
  }

  private async limit(keyId: string): Promise<void> {
    try {
      await this.limiter.consume(keyId);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new HttpException({ result: false, message: 'Rate limit exceeded for this resource' }, 429);
    }
  }
}
