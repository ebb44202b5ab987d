import { Injectable } from '@nestjs/common';
import { EventTracker } from 'nestjs-gamification';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is needed of Express's requests and responses. */
interface RoutedRequest {
  readonly method: string;
  /** The route that it took, known once it was taken. */
  readonly route?: { readonly path?: unknown };
}
interface FinishingResponse {
  readonly statusCode: number;
  once(event: 'finish', listener: () => void): unknown;
}

/** What Prometheus reads: the process, the calls, and what became of events. */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly calls = new Histogram({
    name: 'gamification_http_seconds',
    help: 'How long calls took, by route and status',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [this.registry],
  });

  constructor(tracker: EventTracker) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'gamification_events',
      help: 'Events since the start, by what became of them',
      labelNames: ['state'] as const,
      registers: [this.registry],
      collect() {
        for (const [state, value] of Object.entries(tracker.counters)) this.set({ state }, Number(value));
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Takes the time of every call, refused ones included. */
  readonly middleware = (request: RoutedRequest, response: FinishingResponse, next: () => void): void => {
    const stop = this.calls.startTimer();
    response.once('finish', () => {
      // Paths that there are not would make a series each.
      const route = typeof request.route?.path === 'string' ? request.route.path : 'none';
      stop({ method: request.method, route, status: String(response.statusCode) });
    });
    next();
  };
}
