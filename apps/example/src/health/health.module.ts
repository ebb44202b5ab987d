import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { SystemsHealth } from './systems-health.service.js';

@Module({ imports: [TerminusModule], controllers: [HealthController], providers: [SystemsHealth] })
export class HealthModule {}
