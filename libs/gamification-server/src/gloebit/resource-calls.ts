import { Inject, Injectable, Logger } from '@nestjs/common';
import { InvalidInputError, InvalidQueryError } from 'nestjs-gamification';
import { failed, type GloebitAnswer } from './gloebit-answer.js';
import { GloebitGrants, type Grant } from './gloebit-grants.js';

/** What is looked at of a request, on any HTTP adapter of Nest. */
export interface ResourceRequest {
  readonly originalUrl?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Answers calls in the name of a user, as far as their token goes. */
@Injectable()
export class ResourceCalls {
  private readonly logger = new Logger('Gloebit');

  constructor(@Inject(GloebitGrants) private readonly grants: GloebitGrants) {}

  /**
   * @param scopes of which the token needs one; nothing where it needs none
   * @param unknown the answer where something fails, and nobody knows what has come of it
   */
  async answer(
    request: ResourceRequest,
    scopes: readonly string[] | undefined,
    work: (grant: Grant) => Promise<GloebitAnswer>,
    unknown: GloebitAnswer = failed('internal error'),
  ): Promise<GloebitAnswer> {
    const token = /^Bearer (\S+)$/i.exec(String(request.headers.authorization ?? ''))?.[1];
    try {
      const grant = token === undefined ? undefined : await this.grants.grantOf(token);
      // The words that clients look for ([sdk]).
      if (!grant) return failed('unknown token2');
      // Those for a scope that is missing are not known ([inferred]).
      if (scopes && !scopes.some((scope) => grant.scopes.includes(scope))) return failed('missing domain');
      return await work(grant);
    } catch (error) {
      // Nor are those for a name that none can have, such as one with a line break ([inferred]).
      if (error instanceof InvalidInputError || error instanceof InvalidQueryError)
        return failed('invalid request');
      this.logger.error(error instanceof Error ? error.stack : String(error));
      return unknown;
    }
  }
}

/** The fields of a body, of which there may be none. */
export function fieldsOf(body: unknown): Fields {
  return { ...Object(body) };
}

/** The parts of a path behind the name of a call, decoded; a part may hold slashes. Express has decoded it before. */
export function partsOf({ originalUrl, url }: ResourceRequest, call: string): readonly string[] {
  const [path = ''] = (originalUrl ?? url).split('?');
  const parts = path.split('/').filter((part) => part !== '');
  return parts.slice(parts.findIndex((part) => part.toLowerCase() === call) + 1).map(decodeURIComponent);
}
