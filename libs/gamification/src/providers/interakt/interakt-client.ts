import { Logger } from '@nestjs/common';
import { GamificationError } from '../../gamification.errors.js';
import { decode } from '../../http/decode.js';
import type { HttpTransport } from '../../http/http-transport.js';
import { path } from '../../http/path.js';
import { RemoteRefusalError, RemoteUnavailableError } from '../../http/remote.errors.js';
import { InteraktError } from './interakt.errors.js';
import { InteraktAnswer } from './interakt-answers.js';
import type { InteraktMessage } from './interakt-message.js';
import type { Pacer } from './pacer.js';

/** Where messages are posted, with the slash at the end that the API has. */
const PATHS = {
  user: path`v1/public/track/users/`,
  event: path`v1/public/track/events/`,
};

/** Posts messages to Interakt, each once and in its turn. */
export class InteraktClient {
  private readonly logger = new Logger('Interakt');
  // A secret: what is #private no logger shows.
  readonly #authorization: string;

  /** @param debug whether to log what becomes of every message */
  constructor(
    private readonly transport: HttpTransport,
    private readonly pacer: Pacer,
    authorization: string,
    private readonly debug: boolean,
  ) {
    this.#authorization = authorization;
  }

  /**
   * Posts a message.
   *
   * @param ownPauses whether the caller pauses by itself while Interakt fails
   * @throws InteraktError when Interakt does not take it
   * @throws RemoteUnavailableError, InvalidRemoteResponseError
   */
  async post(message: InteraktMessage, ownPauses = false): Promise<InteraktAnswer> {
    const { operation } = message;
    try {
      const answer = await this.pacer.turn({ system: 'interakt', operation }, () =>
        this.send(message, ownPauses),
      );
      this.log(message, 'sent');
      return answer;
    } catch (error) {
      this.log(message, error);
      throw error;
    }
  }

  /** Makes no more calls. */
  close(): void {
    this.pacer.close();
  }

  private async send({ operation, body }: InteraktMessage, ownPauses: boolean): Promise<InteraktAnswer> {
    try {
      const response = await this.transport.send({
        operation,
        method: 'POST',
        path: PATHS[operation],
        headers: { Authorization: this.#authorization },
        body: { json: body },
        // Every try is to have its turn, so the caller repeats it.
        maxRetries: 0,
        ownPauses,
      });
      const answer = decode(InteraktAnswer, response);
      if (!answer.result) throw new InteraktError(response);
      return answer;
    } catch (error) {
      if (error instanceof RemoteUnavailableError && error.reason === 'rate_limited') {
        this.pacer.pauseFor(error.retryAfter ?? 0);
      }
      if (error instanceof RemoteRefusalError && !(error instanceof InteraktError)) {
        throw new InteraktError(error, { cause: error });
      }
      throw error;
    }
  }

  /** Nothing of it is personal: neither who it is about, nor what its traits hold, nor the words of the server. */
  private log({ operation, body }: InteraktMessage, outcome: unknown): void {
    if (!this.debug) return;
    const name = body.event === undefined ? operation : `${operation} ${JSON.stringify(body.event)}`;
    const traits = Object.keys(body.traits).join(', ') || 'none';
    this.logger.debug(
      `${name} (traits: ${traits}): ${outcome === 'sent' ? outcome : `not sent: ${codeOf(outcome)}`}`,
    );
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof GamificationError)) return 'an error';
  if (error instanceof RemoteUnavailableError) return `${error.code} (${error.reason})`;
  return error instanceof InteraktError ? `${error.code} (HTTP ${error.status})` : error.code;
}
