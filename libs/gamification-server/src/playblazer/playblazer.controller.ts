import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Logger,
  Param,
  Post,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { NoFilesInterceptor } from '@nestjs/platform-express';
import { eachOf, type GiftRequest, Gifts } from 'nestjs-gamification';
import { ServerKeys } from '../keys/server-keys.js';
import {
  NO_PROFILE,
  PlayblazerRefusal,
  REQUEST_ID_MISSING,
  refusalOf,
  SECRET_INVALID,
  SECRET_MISSING,
} from './playblazer-answer.js';
import { fromRequestId, timeView, toRequestId, toXml } from './playblazer-format.js';
import { Profiles } from './profiles.js';

/** Requests of one answer at most: more than the library's client asks for, which is a page and one behind it. */
const MAX_LISTED = 2_000;
/** How far in a list an answer can begin. */
const MAX_START = 10_000;

/** Multipart bodies are read before the key is known, and held in memory. */
const MULTIPART = { limits: { fields: 100, parts: 100, fieldSize: 16_384, fieldNameSize: 300 } };

interface ParameterRequest {
  readonly query: unknown;
  readonly body: unknown;
}

interface HeaderResponse {
  header(name: string, value: string): unknown;
}

interface Asked {
  readonly appId: string;
  readonly mode: string;
  readonly userId: string;
}

/** What was passed along, in the query or in a body of either kind, as texts. */
type Parameters = ReadonlyMap<string, string>;

/**
 * The protocol of Playblazer's module Gifts. The HTTP status is always 200: the body says what happened, in JSON or, with
 * `fmt=xml`, in XML.
 */
@Controller('v1/app/:appId')
export class PlayblazerController {
  private readonly logger = new Logger('Playblazer');

  constructor(
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(Gifts) private readonly gifts: Gifts,
    @Inject(Profiles) private readonly profiles: Profiles,
  ) {}

  @Post('gifts/:mode/:userId/request/new')
  @HttpCode(200)
  @UseInterceptors(NoFilesInterceptor(MULTIPART))
  request(
    @Param() asked: Asked,
    @Req() request: ParameterRequest,
    @Res({ passthrough: true }) response: HeaderResponse,
  ): Promise<object | string> {
    return this.answer(asked, request, response, async (parameters) => {
      const userId = await this.profileOf(asked);
      const expiry = parameters.get('expiry');
      if (expiry !== undefined && !/^\d{1,8}$/.test(expiry)) {
        throw failed('expiry is not a number of seconds');
      }
      const id = await this.gifts.request({
        userId,
        attributes: customOf(parameters),
        ...(expiry === undefined ? {} : { expiresIn: Number(expiry) }),
      });
      return { request_id: toRequestId(id) };
    });
  }

  @Get('gifts/:mode/:userId/list')
  list(
    @Param() asked: Asked,
    @Req() request: ParameterRequest,
    @Res({ passthrough: true }) response: HeaderResponse,
  ): Promise<object | string> {
    return this.answer(asked, request, response, async (parameters) => {
      const userId = await this.profileOf(asked);
      const start = wholeNumber(parameters.get('start'), 0);
      // Whoever goes through the list must not get the same requests for ever.
      if (start > MAX_START) throw failed(`start is at most ${MAX_START}`);
      const limit = Math.min(wholeNumber(parameters.get('limit'), MAX_LISTED), MAX_LISTED);
      const sort = parameters.get('sort') === 'desc' ? 'desc' : 'asc';
      const requests: GiftRequest[] = [];
      let place = 0;
      if (limit > 0) {
        for await (const each of eachOf((page) => this.gifts.list({ ...page, userId, sort }), 500)) {
          if (place++ >= start) requests.push(each);
          if (requests.length === limit) break;
        }
      }
      const askers = await this.profiles.views(requests.map(({ from }) => from.userId ?? ''));
      return {
        count: requests.length,
        requests: requests.map(({ id, attributes, expiresAt, from }) => ({
          id: toRequestId(id),
          extra: attributes,
          expiry_time: timeView(expiresAt),
          user: askers.get(from.userId ?? '') ?? {},
        })),
      };
    });
  }

  /** Checked in the documented order: the id was passed, it is found, it has not expired; then hooks run ([doc]). */
  @Post('gifts/:mode/:userId/request/reply')
  @HttpCode(200)
  @UseInterceptors(NoFilesInterceptor(MULTIPART))
  reply(
    @Param() asked: Asked,
    @Req() request: ParameterRequest,
    @Res({ passthrough: true }) response: HeaderResponse,
  ): Promise<object | string> {
    return this.answer(asked, request, response, async (parameters) => {
      const userId = await this.profileOf(asked);
      const requestId = parameters.get('request_id');
      if (!requestId) throw REQUEST_ID_MISSING;
      await this.gifts.reply({
        userId,
        requestId: fromRequestId(requestId),
        // Another one is refused there ([inferred]).
        response: (parameters.get('resp') ?? 'accept') as 'accept',
        attributes: customOf(parameters),
      });
      return {};
    });
  }

  /**
   * Makes a profile, as a login does ([doc]). `friends`, ids of the same network with commas between them, tells who its
   * friends are there; it takes the place of the module that asks the network ([inferred]).
   */
  @Post('profile/:mode/:userId/login')
  @HttpCode(200)
  @UseInterceptors(NoFilesInterceptor(MULTIPART))
  login(
    @Param() asked: Asked,
    @Req() request: ParameterRequest,
    @Res({ passthrough: true }) response: HeaderResponse,
  ): Promise<object | string> {
    return this.answer(asked, request, response, async (parameters) => {
      if (!isMode(asked.mode)) throw NO_PROFILE;
      const friends = (parameters.get('friends') ?? '').split(',').filter((id) => id !== '');
      await this.profiles.login(asked.mode, asked.userId, friends);
      return {};
    });
  }

  private async answer(
    { appId }: Asked,
    request: ParameterRequest,
    response: HeaderResponse,
    work: (parameters: Parameters) => Promise<object>,
  ): Promise<object | string> {
    const parameters = parametersOf(request);
    let body: object;
    try {
      await this.authenticate(appId, parameters);
      needTexts(request);
      body = { status: 'ok', ...(await work(parameters)) };
    } catch (error) {
      const refusal = refusalOf(error, parameters.get('request_id') ?? '');
      if (!refusal) this.logger.error(error instanceof Error ? error.stack : String(error));
      const { message, code, codeText } = refusal ?? {
        message: 'The request failed',
        code: -30001,
        codeText: 'E_GIFT_REQUEST_FAILED',
      };
      body = { status: 'error', error: { message, code, code_str: codeText } };
    }
    if (parameters.get('fmt') !== 'xml') return body;
    response.header('Content-Type', 'application/xml; charset=utf-8');
    // A browser that is led here is to show it as data.
    response.header('X-Content-Type-Options', 'nosniff');
    response.header('Content-Security-Policy', "default-src 'none'; sandbox");
    return toXml(body);
  }

  private async authenticate(appId: string, parameters: Parameters): Promise<void> {
    const secret = parameters.get('secret_key');
    if (!secret) throw SECRET_MISSING;
    if (!(await this.keys.find('playblazer', appId, secret))) throw SECRET_INVALID;
  }

  private async profileOf({ mode, userId }: Asked): Promise<string> {
    const user = await this.profiles.find(mode, userId);
    if (user === undefined) throw NO_PROFILE;
    return user;
  }
}

function parametersOf({ query, body }: ParameterRequest): Parameters {
  const all = { ...Object(query), ...Object(body) };
  return new Map(
    Object.entries(all).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}

/**
 * Parsers of forms make lists and objects of names that come twice or have brackets. What the name was cannot be told from
 * them, so they are refused, not lost ([inferred]).
 */
function needTexts({ query, body }: ParameterRequest): void {
  const all = { ...Object(query), ...Object(body) };
  const wrong = Object.keys(all).find((name) => typeof all[name] !== 'string');
  if (wrong !== undefined) throw failed(`${wrong} is to come once, without brackets in its name`);
}

function failed(message: string): PlayblazerRefusal {
  return new PlayblazerRefusal(message, -30001, 'E_GIFT_REQUEST_FAILED');
}

/**
 * Modes are networks, and a user who is first known by one is `network:id`. `account:` are those who sign in at the server
 * itself, for whom no application speaks.
 */
function isMode(mode: string): boolean {
  return /^[a-z]{1,20}$/.test(mode) && mode !== 'account';
}

/** The attributes, without the word before them. */
function customOf(parameters: Parameters): Record<string, string> {
  const custom = [...parameters].filter(([name]) => name.startsWith('custom:'));
  return Object.fromEntries(custom.map(([name, value]) => [name.slice('custom:'.length), value]));
}

/** What is no number counts as not given ([inferred]). */
function wholeNumber(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}
