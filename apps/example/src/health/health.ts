import type { HealthCheckResult } from '@nestjs/terminus';
import type { DeliveryHealthResult, RemoteHealthResult, RemoteSystem } from 'nestjs-gamification';

/** How the remote systems are doing, and the deliveries of events to them. */
export type SystemsResult = Partial<RemoteHealthResult<RemoteSystem>> & DeliveryHealthResult;

/** How the application is doing. */
export interface Health extends HealthCheckResult {
  /** Absent where no remote system is used. */
  readonly systems?: SystemsResult;
}
