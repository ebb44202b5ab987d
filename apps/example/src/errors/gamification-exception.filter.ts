import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { GamificationError } from 'nestjs-gamification';
import type { ErrorDto } from './error.dto.js';
import { httpStatusOf } from './http-status.js';

/** What customers are told of what is not their doing. */
const PUBLIC_MESSAGES: ReadonlyMap<HttpStatus, string> = new Map([
  [HttpStatus.SERVICE_UNAVAILABLE, 'the shop cannot do that at the moment, try again later'],
  [HttpStatus.BAD_GATEWAY, 'a system that the shop works with does not do its part'],
]);

/**
 * Answers the library's errors over HTTP, in one place: handlers call the library and let its errors pass.
 * The library itself knows no status codes, because its errors also reach callers that are not behind HTTP.
 */
@Catch(GamificationError)
export class GamificationExceptionFilter extends BaseExceptionFilter<Error> {
  private readonly logger = new Logger(GamificationExceptionFilter.name);

  override catch(error: GamificationError, host: ArgumentsHost): void {
    const status = httpStatusOf(error);
    if (status === undefined) {
      super.catch(error, host);
      return;
    }
    const body: ErrorDto = { code: error.code, message: error.message };
    const told = PUBLIC_MESSAGES.get(status);
    if (told !== undefined) {
      // What is wrong with the storage or another system, and where it stands, is for those who run the application.
      this.logger.warn(error.message);
      body.message = told;
    }
    super.catch(new HttpException(body, status, { cause: error }), host);
  }
}
