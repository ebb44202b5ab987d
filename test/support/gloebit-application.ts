import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import type { GamificationModuleOptions } from 'nestjs-gamification';
import { createContext, TestClock } from './application.js';
import { GloebitServer } from './gloebit-server.js';

/** Where the tests' application is sent back to. No browser goes there. */
export const REDIRECT_URI = 'https://app.example/accounts/gloebit/callback';

export const accounts = { encryptionKeys: [{ id: 'k', key: randomBytes(32).toString('base64') }] };

/** The options of an application that uses the server of the tests. */
export function gloebitOptions(
  server: GloebitServer,
  gloebit: NonNullable<GamificationModuleOptions['gloebit']> = {},
): GamificationModuleOptions {
  return {
    accounts,
    gloebit: {
      ...GloebitServer.CLIENT,
      url: server.url,
      redirectUri: REDIRECT_URI,
      timeout: 5_000,
      maxRetries: 0,
      ...gloebit,
    },
  };
}

/** An application without HTTP that uses a server of the tests, and what to close of it. */
export interface GloebitContext {
  readonly app: INestApplicationContext;
  readonly server: GloebitServer;
  readonly clock: TestClock;
  close(): Promise<void>;
}

/** @param gloebit options in place of those of {@link gloebitOptions} */
export async function gloebitContext(
  gloebit: NonNullable<GamificationModuleOptions['gloebit']> = {},
): Promise<GloebitContext> {
  const server = await GloebitServer.start();
  const clock = new TestClock();
  const app = await createContext(gloebitOptions(server, gloebit), clock);
  return {
    app,
    server,
    clock,
    async close() {
      await app.close();
      await server.close();
    },
  };
}

/** The query of a URL, as a framework parses it. */
export function queryOf(url: URL): Record<string, unknown> {
  return Object.fromEntries(url.searchParams);
}

/** The `Cookie` header that a browser sends after it got a `Set-Cookie` header. */
export function cookieOf(setCookie: string | null | undefined): string {
  return (setCookie ?? '').split(';')[0] ?? '';
}
