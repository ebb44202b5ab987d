import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Metrics } from './metrics.js';

/** What a response can do on any HTTP adapter of Nest. */
interface HeaderResponse {
  header(name: string, value: string): unknown;
}

@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  read(@Res({ passthrough: true }) response: HeaderResponse): Promise<string> {
    response.header('Content-Type', this.metrics.contentType);
    return this.metrics.text();
  }
}
