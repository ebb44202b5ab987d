import { All, Body, Controller, HttpCode, Inject, Req } from '@nestjs/common';
import { Players, Shop } from 'nestjs-gamification';
import { textOf } from '../wire/wire-values.js';
import { Characters } from './characters.js';
import { failed, type GloebitAnswer, PENDING, succeeded } from './gloebit-answer.js';
import type { Grant } from './gloebit-grants.js';
import { fieldsOf, partsOf, ResourceCalls, type ResourceRequest } from './resource-calls.js';
import { transactionOf } from './transaction.js';
import { Transactions } from './transactions.js';

/** The scopes that tell who a user is. */
const IDENTITY = ['id', 'user', 'identity'];

/**
 * Gloebit's calls in the name of a user. The HTTP status is always 200: the body says what happened. Clients send GET or
 * POST to the same address ([client-unity]), so both are taken.
 */
@Controller()
export class GloebitController {
  constructor(
    @Inject(ResourceCalls) private readonly calls: ResourceCalls,
    @Inject(Players) private readonly players: Players,
    @Inject(Shop) private readonly shop: Shop,
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(Characters) private readonly characters: Characters,
  ) {}

  @All('no-op')
  @HttpCode(200)
  noOp(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, undefined, async () => succeeded());
  }

  /** The oldest generation of `user`. */
  @All('id')
  @HttpCode(200)
  id(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, IDENTITY, async ({ userId }) => {
      return succeeded({ id: userId, name: await this.nameOf(userId), params: {} });
    });
  }

  @All('user')
  @HttpCode(200)
  user(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, IDENTITY, async ({ userId }) => {
      const name = await this.nameOf(userId);
      return succeeded({ id: userId, name, 'full-name': name });
    });
  }

  @All('balance')
  @HttpCode(200)
  balance(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, ['balance'], async ({ userId }) => {
      return succeeded({ balance: await this.shop.balance(userId) });
    });
  }

  @All('transact')
  @HttpCode(200)
  transact(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    const transact = async (grant: Grant) => {
      const transaction = transactionOf(body);
      return typeof transaction === 'string'
        ? failed(transaction)
        : this.transactions.transact(grant, transaction);
    };
    // It may have been begun, now or before, and then it is paid later: nobody is told that it has failed.
    return this.calls.answer(request, ['transact'], transact, PENDING);
  }

  @All('get-characters')
  @HttpCode(200)
  allCharacters(@Req() request: ResourceRequest): Promise<GloebitAnswer> {
    return this.calls.answer(request, ['character'], (grant) => this.characters.list(grant));
  }

  @All('create-character')
  @HttpCode(200)
  createCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, ['character'], (grant) =>
      this.characters.create(grant, fieldsOf(body)),
    );
  }

  /** Needs a setting of the application there ([doc]), of which it is not told what it is at first: here it is on ([inferred]). */
  @All('update-character')
  @HttpCode(200)
  updateCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, ['character'], (grant) =>
      this.characters.update(grant, fieldsOf(body)),
    );
  }

  @All(['delete-character', 'delete-character/*rest'])
  @HttpCode(200)
  deleteCharacter(@Req() request: ResourceRequest, @Body() body: unknown): Promise<GloebitAnswer> {
    return this.calls.answer(request, ['character'], (grant) => {
      const id = partsOf(request, 'delete-character')[0] ?? textOf(fieldsOf(body).id) ?? '';
      return this.characters.remove(grant, id);
    });
  }

  private async nameOf(userId: string): Promise<string> {
    const { name } = await this.players.traits(userId);
    return typeof name === 'string' ? name : '';
  }
}
