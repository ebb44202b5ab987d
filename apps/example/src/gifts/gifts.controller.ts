import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiGoneResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Gifts } from 'nestjs-gamification';
import { CustomerId } from '../customers/customer-id.decorator.js';
import { ForCustomers } from '../customers/for-customers.decorator.js';
import { ErrorDto } from '../errors/error.dto.js';
import { AskGiftDto } from './ask-gift.dto.js';
import { AskedGiftDto } from './asked-gift.dto.js';
import { GiftsDto } from './gifts.dto.js';
import { GiftsQueryDto } from './gifts-query.dto.js';
import { ReplyGiftDto } from './reply-gift.dto.js';

const HOUR = 3_600;

/** Drinks among friends. Only who asks and who agrees is kept; the drink is handed over at the counter. */
@ApiTags('gifts')
@Controller('gifts')
@ForCustomers()
@ApiBadRequestResponse({ type: ErrorDto })
@ApiNotFoundResponse({
  type: ErrorDto,
  description: 'Playblazer does not know the customer, or the request.',
})
export class GiftsController {
  constructor(private readonly gifts: Gifts) {}

  /** Asks all friends for a drink; they have an hour. */
  @Post()
  @ApiCreatedResponse({ type: AskedGiftDto })
  @ApiConflictResponse({ type: ErrorDto, description: 'The customer has asked often enough today.' })
  async ask(@CustomerId() userId: string, @Body() { drink }: AskGiftDto): Promise<AskedGiftDto> {
    return { id: await this.gifts.request({ userId, expiresIn: HOUR, attributes: { drink } }) };
  }

  /** What friends have asked for, up to twenty at a time. */
  @Get()
  @ApiOkResponse({ type: GiftsDto })
  async asked(@CustomerId() userId: string, @Query() { after }: GiftsQueryDto): Promise<GiftsDto> {
    const { items, next } = await this.gifts.list({ userId, after, limit: 20 });
    const gifts = items.map(({ id, attributes, from, expiresAt }) => ({
      id,
      drink: attributes.drink,
      from: from.firstName,
      expiresAt,
    }));
    return { gifts, next };
  }

  /** Agrees to a friend's request, or does not. */
  @Post(':id/reply')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse()
  @ApiGoneResponse({ type: ErrorDto, description: 'Its time is over.' })
  async reply(
    @CustomerId() userId: string,
    @Param('id') requestId: string,
    @Body() { response }: ReplyGiftDto,
  ): Promise<void> {
    await this.gifts.reply({ userId, requestId, response });
  }
}
