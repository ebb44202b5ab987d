import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { GamificationHealthIndicator } from 'nestjs-gamification';
import type { Health } from './health.js';
import { SystemsHealth } from './systems-health.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly gamification: GamificationHealthIndicator,
    private readonly systems: SystemsHealth,
  ) {}

  /**
   * Answers 503 when events or entries could not be recorded at the moment.
   *
   * How the remote systems are doing stands beside that, under `systems`, and does not make it 503: a load balancer
   * takes out an instance that answers so, and all instances see the same systems. The shop would be gone, though most
   * of it works without them, and events wait in the log for their delivery. It is for those who watch the shop.
   */
  @Get()
  @HealthCheck()
  async check(): Promise<Health> {
    const own = await this.health.check([() => this.gamification.isHealthy('gamification')]);
    const systems = await this.systems.check();
    return systems ? { ...own, systems } : own;
  }
}
