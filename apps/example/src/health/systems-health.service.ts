import { Injectable } from '@nestjs/common';
import {
  DeliveryHealthIndicator,
  GamificationOptions,
  RemoteHealthIndicator,
  type RemoteSystem,
} from 'nestjs-gamification';
import type { SystemsResult } from './health.js';

const SYSTEMS: readonly RemoteSystem[] = ['gmfy', 'wallet', 'gloebit', 'playblazer', 'interakt'];

/** How the remote systems are doing that the shop uses. */
@Injectable()
export class SystemsHealth {
  constructor(
    private readonly remote: RemoteHealthIndicator,
    private readonly delivery: DeliveryHealthIndicator,
    private readonly options: GamificationOptions,
  ) {}

  /** Nothing where there is none. @throws StorageUnavailableError */
  async check(): Promise<SystemsResult | undefined> {
    const used = SYSTEMS.filter((system) => this.options[system] !== undefined);
    if (used.length === 0) return undefined;
    const results = await Promise.all([
      ...used.map((system) => this.remote.isHealthy(system)),
      this.delivery.isHealthy(),
    ]);
    return Object.assign({}, ...results);
  }
}
