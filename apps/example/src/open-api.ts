import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CUSTOMER_HEADER } from './customers/customer-header.js';

/** Serves the description of the API at `/docs`, where each call can be tried. */
export function openApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Coffee shop')
    .setDescription(
      'An example of nestjs-gamification: customers earn points with orders and spend them in the shop.',
    )
    .setVersion('0.1.0')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: CUSTOMER_HEADER,
        description: 'The id of a registered customer.',
      },
      CUSTOMER_HEADER,
    )
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config));
}
