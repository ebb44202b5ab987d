import { type DynamicModule, Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { PaymentPages } from './payment-pages.controller.js';
import { Phones } from './phones.js';
import { PUBLIC_URL } from './public-url.js';
import { TipsController } from './tips.controller.js';

@Module({})
export class TipsModule {
  /** @param phones where the library sends the codes */
  static with(phones: Phones, publicUrl: string): DynamicModule {
    return {
      module: TipsModule,
      imports: [CustomersModule],
      controllers: [TipsController, PaymentPages],
      providers: [
        { provide: Phones, useValue: phones },
        { provide: PUBLIC_URL, useValue: publicUrl },
      ],
    };
  }
}
