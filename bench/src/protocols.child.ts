/** One server of the benchmark `server`: `node protocols.child.js SERVED STORAGE`. */
import 'reflect-metadata';
import { sign } from 'node:crypto';
import { Body, Controller, type DynamicModule, Header, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { ExtensionStorage, GamificationModule, type MechanicsDefinition, Wallets } from 'nestjs-gamification';
import { GamificationServerModule, keyText, ServerKeys } from 'nestjs-gamification-server';
import { answer, mainThreadTime } from './child.js';
import { HUNDRED_RULES } from './hundred-rules.js';
import { type Access, type Counted, TOKENS, WALLETS } from './server-settings.js';

/** What each wallet has, so that no entry is refused. */
const FUNDS = 1_000_000_000;
const ENTRY = JSON.stringify({
  entry: {
    created_on: 1_700_000_000.123,
    entry_id: '019300000000700080000000',
    authority_id: '0123456789abcdef01234567',
    user_id: 'user-1',
    amount: -1,
    reason: 'order',
  },
});

const counted = { events: 0, entries: 0 };

/** Answers as the protocols do, and does nothing but count. */
@Controller()
class EmptyController {
  @Post('v1/events/batch')
  events(@Body() body: readonly object[]): void {
    counted.events += body.length;
  }

  @Post('api/v1/entry')
  @HttpCode(200)
  @Header('Content-Type', 'application/json; charset=utf-8')
  createEntry(@Body() _body: object): string {
    counted.entries++;
    return ENTRY;
  }
}

@Module({ controllers: [EmptyController] })
class EmptyModule {}

@Module({})
class ServingModule {
  static with(url: string, mechanics?: MechanicsDefinition): DynamicModule {
    return {
      module: ServingModule,
      imports: [
        GamificationModule.forRoot({
          storage: { url },
          isGlobal: true,
          ...(mechanics ? { mechanics } : {}),
        }),
        GamificationServerModule.forRoot({ protocols: { gmfy: true, wallet: true } }),
      ],
    };
  }
}

const [served = '', storage = ''] = process.argv.slice(2);
const isEmpty = served === 'empty';
const root = isEmpty
  ? EmptyModule
  : ServingModule.with(storage, served === 'rules' ? HUNDRED_RULES : undefined);
const application = await NestFactory.create(root, new ExpressAdapter(), { logger: ['error', 'warn'] });
await application.listen(0, '127.0.0.1');

/** A token as the wallet service's client makes it. No two are the same, as a signature has a random part. */
function signedToken(authorityId: string, privateKey: string): string {
  const text = [{ alg: 'ES256', typ: 'JWT' }, { sub: authorityId }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

let start = 0;

answer(
  {
    /** Fills the wallets, and says how to get in. The empty server takes whatever it is given, of the same length. */
    async open(): Promise<Access> {
      const port = Number(new URL(await application.getUrl()).port);
      if (isEmpty) return { port, apiKey: 'k'.repeat(77), tokens: ['t'.repeat(200)] };
      const wallets = application.get(Wallets, { strict: false });
      await Promise.all(
        WALLETS.map((userId) => wallets.createEntry({ userId, amount: FUNDS, reason: 'funds' })),
      );
      const keys = application.get(ServerKeys, { strict: false });
      const gmfy = await keys.create('gmfy');
      const { key, secret } = await keys.create('wallet');
      return {
        port,
        apiKey: keyText(gmfy.key.id, gmfy.secret),
        tokens: Array.from({ length: TOKENS }, () => signedToken(key.id, secret)),
      };
    },
    begin() {
      start = mainThreadTime();
    },
    /** Microseconds. */
    end: () => (mainThreadTime() - start) / 1_000,
    /** What there is, by the tables themselves. */
    async counted(): Promise<Counted> {
      if (isEmpty) return counted;
      const count = async (rows: string) => {
        const found = await application
          .get(ExtensionStorage, { strict: false })
          .read<{ count: number | string }>(`select count(*) as count from ${rows}`);
        return Number(found[0]?.count);
      };
      return {
        events: await count('gamification_events'),
        entries: await count('gamification_entries where amount < 0'),
      };
    },
  },
  () => application.close(),
);
