import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { GamificationHealthIndicator } from 'nestjs-gamification';

/** For who runs the server. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly gamification: GamificationHealthIndicator,
  ) {}

  /** Whether the process is alive: no reason to start it anew while this answers. */
  @Get('health')
  alive(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether it can do its work: 503 while the storage does not answer. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.gamification.isHealthy('gamification')]);
  }
}
