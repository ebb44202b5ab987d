import { Injectable } from '@nestjs/common';
import { HttpTransports } from '../http/http-transports.js';
import type { RemoteSystem } from '../http/remote.errors.js';
import { NotConfiguredError } from '../unserved.js';

/** What Terminus expects of an indicator, so that Terminus need not be installed by those who do not use it. */
export type RemoteHealthResult<System extends RemoteSystem> = Record<
  System,
  { readonly status: 'up' | 'down'; readonly message?: string }
>;

/** Tells whether a remote system works, as far as the calls made to it show, for `@nestjs/terminus` or any other. */
@Injectable()
export class RemoteHealthIndicator {
  constructor(private readonly transports: HttpTransports) {}

  /**
   * Down while a system failed so often that it is not called for a while. No call is made to find out.
   *
   * ```ts
   * this.health.check([() => this.remote.isHealthy('gmfy')]);
   * ```
   *
   * @param system the name of the system's option, and the name under which the result appears
   * @throws NotConfiguredError when the options do not name the system
   */
  async isHealthy<const System extends RemoteSystem>(system: System): Promise<RemoteHealthResult<System>> {
    const transports = this.transports.opened.filter((transport) => transport.system === system);
    if (transports.length === 0) throw new NotConfiguredError(`the health of ${system}`, `\`${system}\``);
    const isDown = transports.some(({ isOpen }) => isOpen);
    const message = 'it failed so often that it is not called at the moment';
    // An object with a computed key of a generic type is widened to an index signature by the compiler.
    return {
      [system]: isDown ? { status: 'down', message } : { status: 'up' },
    } as RemoteHealthResult<System>;
  }
}
