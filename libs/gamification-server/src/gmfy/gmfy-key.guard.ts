import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { keyParts } from '../keys/key-text.js';
import { ServerKeys } from '../keys/server-keys.js';

interface KeyedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The header `x-api-key`: 401 without a key that counts, 403 for one that is for reading and writes ([inferred]). */
@Injectable()
export class GmfyKeyGuard implements CanActivate {
  constructor(@Inject(ServerKeys) private readonly keys: ServerKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { method, headers } = context.switchToHttp().getRequest<KeyedRequest>();
    const { id, secret } = keyParts(String(headers['x-api-key'] ?? ''));
    const key = await this.keys.find('gmfy', id, secret);
    if (!key) throw new UnauthorizedException({ message: 'the header x-api-key has no valid key' });
    if (key.permission === 'read' && method !== 'GET') {
      throw new ForbiddenException({ message: 'the key is for reading only' });
    }
    return true;
  }
}
