import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { GamificationHealthIndicator } from 'nestjs-gamification';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly gamification: GamificationHealthIndicator,
  ) {}

  /** Answers 503 when events or entries could not be recorded at the moment. */
  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.gamification.isHealthy('gamification')]);
  }
}
