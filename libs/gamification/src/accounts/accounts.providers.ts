import type { Provider } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { GamificationOptions } from '../gamification.options.js';
import { Ids } from '../ids.js';
import { unserved } from '../unserved.js';
import { AccountLinks } from './account-links.js';
import { OAuthStates } from './oauth-states.js';

/** The accounts that users have linked. */
export const accountsProviders: Provider[] = [
  {
    provide: AccountLinks,
    useFactory: ({ storage, accounts }: GamificationOptions, database: Database, clock: Clock, ids: Ids) => {
      if (!storage) return unserved(AccountLinks, '`storage`');
      return accounts
        ? new AccountLinks(database, clock, ids, accounts)
        : unserved(AccountLinks, '`accounts`');
    },
    inject: [GamificationOptions, Database, Clock, Ids],
  },
  {
    provide: OAuthStates,
    useFactory: ({ storage }: GamificationOptions, database: Database, clock: Clock) =>
      storage ? new OAuthStates(database, clock) : unserved(OAuthStates, '`storage`'),
    inject: [GamificationOptions, Database, Clock],
  },
];

/** What the module exports of it. */
export const accountsServices = [AccountLinks];
