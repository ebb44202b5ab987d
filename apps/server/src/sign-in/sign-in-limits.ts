import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { Limiter } from './limiter.js';

const QUARTER_OF_AN_HOUR = 15 * 60;
/** Tries from one address, whatever the name. */
const MAX_BY_ADDRESS = 50;
/** Wrong passwords for a name from one site, */
const MAX_BY_BOTH = 5;
/** and from everywhere: so many that it takes twenty sites to lock somebody out of all of them. */
const MAX_BY_NAME = 100;
/** Some 30 MB for each of the three. To have a name forgotten takes as many tries, of a thousand addresses. */
const MAX_KEYS = 50_000;

/** Who has an IPv6 address has all that share the first 64 bits with it; who has a site, all with the first 48. */
const BITS = { address: 64, site: 48 };

/**
 * How often sign-in may be tried in a quarter of an hour. A try counts before the password is looked at, so that no more
 * are under way at once than may be wrong. It is counted in this process: of several, each counts for itself.
 */
@Injectable()
export class SignInLimits {
  private readonly byAddress = limiter(MAX_BY_ADDRESS);
  private readonly byBoth = limiter(MAX_BY_BOTH);
  private readonly byName = limiter(MAX_BY_NAME);

  /** Counts a try. @returns whether there may be one */
  begin(address: string): Promise<boolean> {
    return this.byAddress.take(networkOf(address, BITS.address));
  }

  /** Counts a password as wrong until it is known to be right. @returns whether it may be looked at */
  async guess(user: string, address: string): Promise<boolean> {
    return (await this.byBoth.take(bothOf(user, address))) && (await this.byName.take(user));
  }

  /** A password was right, so it does not count. */
  async forgive(user: string, address: string): Promise<void> {
    await this.byBoth.giveBack(bothOf(user, address));
    await this.byName.giveBack(user);
  }
}

function limiter(points: number): Limiter {
  return new Limiter({ points, duration: QUARTER_OF_AN_HOUR, maxKeys: MAX_KEYS });
}

/** Names have no spaces. */
function bothOf(user: string, address: string): string {
  return `${user} ${networkOf(address, BITS.site)}`;
}

/**
 * What tries from an address are counted for. Some proxies name the port, too, which differs with each connection. What
 * is no address, such as a proxy's `unknown`, is counted together.
 */
function networkOf(text: string, bits: number): string {
  const host = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (!ipaddr.isValid(host)) return 'unknown';
  const address = ipaddr.process(host);
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, bits / 16).join(':') : address.toString();
}
