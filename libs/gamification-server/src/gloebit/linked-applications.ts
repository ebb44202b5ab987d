import { Inject, Injectable } from '@nestjs/common';
import { ExtensionStorage } from 'nestjs-gamification';
import { ServerKeys } from '../keys/server-keys.js';
import { GloebitGrants } from './gloebit-grants.js';

/** An application that a user has allowed something. */
export interface LinkedApplication {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
}

/** What users have allowed applications by way of Gloebit's page, for a page on which they take it back. */
@Injectable()
export class LinkedApplications {
  constructor(
    @Inject(ExtensionStorage) private readonly storage: ExtensionStorage,
    @Inject(GloebitGrants) private readonly grants: GloebitGrants,
    @Inject(ServerKeys) private readonly keys: ServerKeys,
  ) {}

  /** Those of a user, the first allowed first. Ones whose key was revoked can do nothing, and are left out. */
  async list(userId: string): Promise<readonly LinkedApplication[]> {
    const scopes = new Map<string, Set<string>>();
    for (const { clientId, scopes: allowed } of await this.grants.grantsOf(userId)) {
      scopes.set(clientId, new Set([...(scopes.get(clientId) ?? []), ...allowed]));
    }
    const linked: LinkedApplication[] = [];
    for (const [id, allowed] of scopes) {
      const application = await this.keys.application(id);
      if (application) linked.push({ id, name: application.name || id, scopes: [...allowed] });
    }
    return linked;
  }

  /** Takes back all that a user has allowed an application: its tokens, and codes that it has not used yet. */
  async revoke(userId: string, applicationId: string): Promise<void> {
    await this.storage.write(async (run) => {
      for (const table of ['gamification_server_tokens', 'gamification_server_codes'])
        await run(`delete from ${table} where user_id = $1 and client_id = $2`, userId, applicationId);
    });
  }
}
