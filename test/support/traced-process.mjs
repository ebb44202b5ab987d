import 'reflect-metadata';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/**
 * An application in a process of its own, because instrumentation changes Node's modules for good. It reads a gift list
 * of Playblazer and GMFY's version, and tells of the spans.
 *
 * node traced-process.mjs GMFY_URL PLAYBLAZER_URL
 */
const [gmfyUrl = '', playblazerUrl = ''] = process.argv.slice(2);
const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const instrumentation = new HttpInstrumentation({ redactedQueryParams: ['secret_key'] });
instrumentation.setTracerProvider(tracerProvider);
instrumentation.enable();

// Behind the instrumentation, as OpenTelemetry wants it.
const { NestFactory } = await import('@nestjs/core');
const { GamificationModule, GmfyService, PlayblazerService } = await import('nestjs-gamification');
const app = await NestFactory.createApplicationContext(
  GamificationModule.forRoot({
    storage: false,
    gmfy: { apiKey: 'gmfy-key', url: gmfyUrl },
    playblazer: { url: playblazerUrl, appId: '1', secretKey: 'playblazer-secret', mode: 'fb' },
  }),
  { logger: ['error'] },
);
await app.get(GmfyService).getApiVersion();
await app.get(PlayblazerService).listGiftRequests({ userId: 'kunalg' });
await app.close();
process.send?.(exporter.getFinishedSpans().map(({ attributes }) => attributes));
process.disconnect();
