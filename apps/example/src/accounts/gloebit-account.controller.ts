import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { GloebitAccountsController } from 'nestjs-gamification';
import { ForCustomers } from '../customers/for-customers.decorator.js';

/**
 * Links a customer's Gloebit account, shows whether it is linked, and unlinks it: the library's own routes, behind the
 * shop's guard. A browser is known by the cookie that it got when its customer registered.
 */
@ApiTags('accounts')
@Controller('accounts/gloebit')
@ForCustomers()
export class GloebitAccountController extends GloebitAccountsController {}
