import type { Provider } from '@nestjs/common';
import { AccountLinks } from '../../accounts/account-links.js';
import { OAuthStates } from '../../accounts/oauth-states.js';
import { Clock } from '../../clock.js';
import { GamificationOptionsError } from '../../gamification.errors.js';
import { GamificationOptions } from '../../gamification.options.js';
import { HttpTransports } from '../../http/http-transports.js';
import { Ids } from '../../ids.js';
import { unserved } from '../../unserved.js';
import { gloebitClient } from './client-secrets.js';
import { GloebitService } from './gloebit.service.js';
import { GloebitAuthorization } from './gloebit-authorization.js';
import { GloebitCalls } from './gloebit-calls.js';
import { purchaseBody } from './purchase-body.js';

/** What Gloebit brings: its client. */
export const gloebitProviders: Provider[] = [
  {
    provide: GloebitService,
    useFactory: async (
      options: GamificationOptions,
      transports: HttpTransports,
      links: AccountLinks,
      states: OAuthStates,
      clock: Clock,
      ids: Ids,
    ): Promise<GloebitService> => {
      const { gloebit } = options;
      if (!gloebit) return unserved(GloebitService, '`gloebit`');
      mustKeepAccounts(options);
      const client = await gloebitClient(gloebit);
      const target = { system: 'gloebit', baseUrl: client.baseUrl, secrets: [client.clientSecret] } as const;
      const transport = await transports.open(target, gloebit);
      return new GloebitService({
        authorization: new GloebitAuthorization(gloebit, client, transport, states, clock),
        calls: new GloebitCalls(transport, gloebit.scope),
        links,
        bodyOf: (purchase) => purchaseBody(gloebit.fieldNames, client.clientKey, purchase),
        clock,
        ids,
      });
    },
    inject: [GamificationOptions, HttpTransports, AccountLinks, OAuthStates, Clock, Ids],
  },
];

/** Those of them that applications may inject. */
export const gloebitServices = [GloebitService];

/** @throws GamificationOptionsError when there is nowhere to keep what users allowed */
function mustKeepAccounts({ storage, accounts }: GamificationOptions): void {
  const problems = [
    ...(storage
      ? []
      : [{ path: 'storage', got: 'false', allowed: 'a storage, where gloebit keeps linked accounts' }]),
    ...(accounts
      ? []
      : [
          {
            path: 'accounts',
            got: 'missing',
            allowed: 'encryptionKeys, with which gloebit keeps what opens linked accounts',
          },
        ]),
  ];
  if (problems.length > 0) throw new GamificationOptionsError('options of GamificationModule', problems);
}
