import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ServerKeys } from '../keys/server-keys.js';
import type { GloebitServerOptions } from '../server.options.js';
import { GLOEBIT_OPTIONS } from './gloebit-options.js';
import { type PageResponse, redirect, show, texts } from './page-response.js';
import { isAt } from './redirect-uris.js';

const TITLE = 'Buy gloebits';

/** Where applications send users who can pay no more: the host's own page, if it has one. */
@Controller()
export class GloebitPurchaseController {
  constructor(
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(GLOEBIT_OPTIONS) private readonly options: GloebitServerOptions,
  ) {}

  /** `r` is an alias of the application's key there; here it is the key ([inferred]). */
  @Get('purchase')
  async purchase(
    @Query() query: Readonly<Record<string, unknown>>,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    const { r, 'return-to': returnTo } = texts(query);
    const application = r === undefined ? undefined : await this.keys.application(r);
    if (!application || (returnTo !== undefined && !isAt(returnTo, application.redirectUris))) {
      const message = 'The application that sent you here is not known, or may not send you back there.';
      return show(response, 400, message, TITLE);
    }
    const url = this.options.purchaseUrl?.(returnTo);
    return url === undefined
      ? show(response, 404, 'There are none to buy here.', TITLE)
      : redirect(response, url);
  }
}
