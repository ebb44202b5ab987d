import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { GamificationError } from 'nestjs-gamification';
import type { ErrorDto } from './error.dto.js';
import { httpStatusOf } from './http-status.js';

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
    if (status === HttpStatus.SERVICE_UNAVAILABLE) {
      // What is wrong with the storage, and where it stands, is for those who run the application.
      this.logger.warn(error.message);
      body.message = 'the shop cannot read or write its books at the moment, try again later';
    }
    super.catch(new HttpException(body, status, { cause: error }), host);
  }
}
