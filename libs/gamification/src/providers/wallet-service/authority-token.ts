import { SignJWT } from 'jose';
import type { AuthorityConfig } from './authority-config.js';

/**
 * What an authority shows with every call: a JSON Web Token, ES256, that says nothing but who it is, as the Python SDK
 * 1.1.0 makes it. It does not expire, so one is enough, and whoever has it can write as the authority: it is a secret.
 */
export function authorityToken({ authorityId, privateKey }: AuthorityConfig): Promise<string> {
  return new SignJWT({ sub: authorityId }).setProtectedHeader({ alg: 'ES256', typ: 'JWT' }).sign(privateKey);
}
