import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiGoneResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { GamificationOptions, Gifts, type NewGift } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { MENU } from '../drinks/menu.js';
import { ErrorDto } from '../errors/error.dto.js';
import { POINTS } from '../wallet/currency.js';
import { AskGiftDto } from './ask-gift.dto.js';
import { AskedGiftDto } from './asked-gift.dto.js';
import { GiftsDto } from './gifts.dto.js';
import { GiftsQueryDto } from './gifts-query.dto.js';
import { ReplyGiftDto } from './reply-gift.dto.js';

const HOUR = 3_600;

/** A point of a friend pays for ten cents of a drink. */
const CENTS_A_POINT = 10;

/**
 * Drinks among friends. Who agrees gives the points that the drink is worth; where Playblazer keeps the gifts, or a wallet
 * service the points, nothing moves, and the drink is a matter for the counter.
 */
@ApiTags('gifts')
@Controller('gifts')
@ForCustomers()
@ApiBadRequestResponse({ type: ErrorDto })
@ApiNotFoundResponse({
  type: ErrorDto,
  description: 'There is no such request, or Playblazer does not know the customer.',
})
export class GiftsController {
  constructor(
    private readonly gifts: Gifts,
    private readonly options: GamificationOptions,
  ) {}

  /** Asks all friends for a drink; they have an hour. */
  @Post()
  @ApiCreatedResponse({ type: AskedGiftDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The customer has asked often enough today.' })
  async ask(@CustomerId() userId: string, @Body() { drink }: AskGiftDto): Promise<AskedGiftDto> {
    const attributes = { drink };
    return {
      id: await this.gifts.request({ userId, expiresIn: HOUR, attributes, gift: this.giftFor(drink) }),
    };
  }

  /** What friends have asked for, up to twenty at a time. */
  @Get()
  @ApiOkResponse({ type: GiftsDto })
  async asked(@CustomerId() userId: string, @Query() { after }: GiftsQueryDto): Promise<GiftsDto> {
    const { items, next } = await this.gifts.list({ userId, after, limit: 20 });
    const gifts = items.map(({ id, attributes, from, expiresAt }) => ({
      id,
      drink: attributes.drink,
      from: from.firstName ?? from.name,
      expiresAt,
    }));
    return { gifts, next };
  }

  /** Agrees to a friend's request, or does not. */
  @Post(':id/reply')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @ApiResponse({ status: 402, type: ErrorDto, description: 'The friend has too few points.' })
  @ApiGoneResponse({ type: ErrorDto, description: 'Its time is over.' })
  async reply(
    @CustomerId() userId: string,
    @Param('id') requestId: string,
    @Body() { response }: ReplyGiftDto,
  ): Promise<void> {
    await this.gifts.reply({ userId, requestId, response });
  }

  private giftFor(drink: string): NewGift | undefined {
    const { playblazer, wallet } = this.options;
    const price = MENU.find(({ id }) => id === drink)?.price;
    if (playblazer || wallet || price === undefined) return undefined;
    return { resource: POINTS, amount: Math.ceil(price / CENTS_A_POINT) };
  }
}
