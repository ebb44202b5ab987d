import type { SignIn } from 'nestjs-gamification-server';
import type { Cookies } from './cookies.js';
import type { Sessions } from './sessions.js';

/** The server's own sign-in, for the pages of its protocols. */
export class SessionSignIn implements SignIn {
  private sessions: Sessions | undefined;

  constructor(private readonly cookies: Cookies) {}

  /** The protocols are put together before there is a storage. */
  connect(sessions: Sessions): void {
    this.sessions = sessions;
  }

  async userOf(request: unknown): Promise<{ readonly id: string; readonly name: string } | undefined> {
    const token = this.cookies.of(request, 'session');
    const name = token === undefined ? undefined : await this.sessions?.userOf(token);
    // Anybody can make an account of any name, which must not be the user that an application calls so.
    return name === undefined ? undefined : { id: `account:${name}`, name };
  }

  url(returnTo: string): string {
    return `/sign-in?${new URLSearchParams({ 'return-to': returnTo })}`;
  }
}
