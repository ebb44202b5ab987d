import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Clock, GamificationModule, type GamificationModuleOptions } from 'nestjs-gamification';
import { GamificationServerModule, type GamificationServerOptions } from 'nestjs-gamification-server';

/** All protocols. */
export const ALL_PROTOCOLS: GamificationServerOptions['protocols'] = {
  gmfy: true,
  wallet: true,
  playblazer: true,
  interakt: true,
  gloebit: {
    signIn: {
      async userOf(request) {
        const { headers } = request as { headers: Record<string, string | undefined> };
        return headers['x-user'] === undefined ? undefined : { id: headers['x-user'] };
      },
      url: (returnTo) => `/sign-in?to=${encodeURIComponent(returnTo)}`,
    },
  },
};

/** An application that serves protocols, on a port of its own. */
export async function serveProtocols(
  options: GamificationModuleOptions = {},
  {
    protocols = ALL_PROTOCOLS,
    clock,
  }: { protocols?: GamificationServerOptions['protocols']; clock?: Clock } = {},
): Promise<{ readonly app: INestApplication; readonly url: string }> {
  const builder = Test.createTestingModule({
    imports: [
      GamificationModule.forRoot({ ...options, isGlobal: true }),
      GamificationServerModule.forRoot({ protocols }),
    ],
  });
  if (clock) builder.overrideProvider(Clock).useValue(clock);
  const module = await builder.compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
