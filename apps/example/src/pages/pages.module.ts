import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.js';
import { PagesController } from './pages.controller.js';

@Module({ imports: [CustomersModule], controllers: [PagesController] })
export class PagesModule {}
