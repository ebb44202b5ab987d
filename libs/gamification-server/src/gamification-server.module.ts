import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Characters } from './gloebit/characters.js';
import { ConsentTickets } from './gloebit/consent-ticket.js';
import { GloebitController } from './gloebit/gloebit.controller.js';
import { GloebitGrants } from './gloebit/gloebit-grants.js';
import { GloebitInventoryController } from './gloebit/gloebit-inventory.controller.js';
import { GloebitOAuthController } from './gloebit/gloebit-oauth.controller.js';
import { GLOEBIT_OPTIONS } from './gloebit/gloebit-options.js';
import { GloebitPurchaseController } from './gloebit/gloebit-purchase.controller.js';
import { InventoryItems } from './gloebit/inventory-items.js';
import { LinkedApplications } from './gloebit/linked-applications.js';
import { Products } from './gloebit/products.js';
import { Purchases } from './gloebit/purchases.js';
import { ResourceCalls } from './gloebit/resource-calls.js';
import { TransactionLog } from './gloebit/transaction-log.js';
import { Transactions } from './gloebit/transactions.js';
import { GmfyController } from './gmfy/gmfy.controller.js';
import { GMFY_OPTIONS } from './gmfy/gmfy-options.js';
import { InteraktController } from './interakt/interakt.controller.js';
import { INTERAKT_OPTIONS } from './interakt/interakt-options.js';
import { PhoneUsers } from './interakt/phone-users.js';
import { ServerKeys } from './keys/server-keys.js';
import { PlayblazerController } from './playblazer/playblazer.controller.js';
import { Profiles } from './playblazer/profiles.js';
import type { GamificationServerOptions, ProtocolOptions } from './server.options.js';
import { WalletController } from './wallet-service/wallet.controller.js';
import { WALLET_OPTIONS } from './wallet-service/wallet-options.js';

/** GMFY's protocol. */
@Module({})
export class GmfyProtocolModule {}

/** A wallet service's protocol. */
@Module({})
export class WalletProtocolModule {}

/** Playblazer's protocol. */
@Module({})
export class PlayblazerProtocolModule {}

/** Interakt's protocol. */
@Module({})
export class InteraktProtocolModule {}

/** Gloebit's protocol. */
@Module({})
export class GloebitProtocolModule {}

/** The keys, which all protocols ask for. */
@Module({ providers: [ServerKeys], exports: [ServerKeys] })
export class ServerKeysModule {}

/**
 * The other side of the wire: serves the protocols of remote systems from the library's domains, in any Nest application on
 * Express that imports `GamificationModule` with `isGlobal` and a `storage`.
 */
@Module({})
export class GamificationServerModule {
  /** @param options which protocols are served, and under which prefixes */
  static forRoot({ protocols }: GamificationServerOptions): DynamicModule {
    const { gmfy, wallet, playblazer, interakt, gloebit } = protocols;
    const served = [
      ...protocol(GmfyProtocolModule, gmfy, GmfyController, (given) => [
        { provide: GMFY_OPTIONS, useValue: given },
      ]),
      ...protocol(WalletProtocolModule, wallet, WalletController, (given) => [
        { provide: WALLET_OPTIONS, useValue: given },
      ]),
      ...protocol(PlayblazerProtocolModule, playblazer, PlayblazerController, () => [Profiles]),
      ...protocol(InteraktProtocolModule, interakt, InteraktController, (given) => [
        { provide: INTERAKT_OPTIONS, useValue: given },
        PhoneUsers,
      ]),
      ...protocol(
        GloebitProtocolModule,
        gloebit,
        [GloebitOAuthController, GloebitController, GloebitInventoryController, GloebitPurchaseController],
        (given) => [
          { provide: GLOEBIT_OPTIONS, useValue: given },
          GloebitGrants,
          ConsentTickets,
          TransactionLog,
          Purchases,
          Transactions,
          Characters,
          Products,
          InventoryItems,
          ResourceCalls,
          LinkedApplications,
        ],
        [LinkedApplications],
      ),
    ];
    return {
      module: GamificationServerModule,
      imports: [
        ServerKeysModule,
        ...served.map(({ module }) => module),
        RouterModule.register(served.map(({ path, module: { module } }) => ({ path, module }))),
      ],
      exports: [ServerKeysModule, ...served.map(({ module }) => module)],
    };
  }
}

/** The module of a protocol, if it is served, and the path before its own. */
function protocol(
  module: Type,
  given: boolean | ProtocolOptions | undefined,
  controllers: Type | Type[],
  providersFor: (options: ProtocolOptions) => Provider[],
  exported: Type[] = [],
): { readonly path: string; readonly module: DynamicModule }[] {
  if (given === undefined || given === false) return [];
  const options: ProtocolOptions = given === true ? {} : given;
  return [
    {
      path: options.prefix ?? '/',
      module: {
        module,
        imports: [ServerKeysModule],
        controllers: [controllers].flat(),
        providers: providersFor(options),
        exports: exported,
      },
    },
  ];
}
