import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const QUARTER_OF_AN_HOUR = 15 * 60;
/** Tries from one address, whatever the name. */
const MAX_BY_ADDRESS = 50;
/** Wrong passwords for a name from one address, */
const MAX_BY_BOTH = 5;
/** and from all addresses: so many that nobody alone can lock another out. */
const MAX_BY_NAME = 100;

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
    return isWithin(this.byAddress, networkOf(address));
  }

  /** Counts a password as wrong until it is known to be right. @returns whether it may be looked at */
  async guess(user: string, address: string): Promise<boolean> {
    return (await isWithin(this.byBoth, bothOf(user, address))) && (await isWithin(this.byName, user));
  }

  /** A password was right, so it does not count. */
  async forgive(user: string, address: string): Promise<void> {
    await this.byBoth.reward(bothOf(user, address));
    await this.byName.reward(user);
  }
}

function limiter(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: QUARTER_OF_AN_HOUR });
}

/** Names have no spaces. */
function bothOf(user: string, address: string): string {
  return `${user} ${networkOf(address)}`;
}

/** Who has an IPv6 address has all of its network's. */
function networkOf(text: string): string {
  if (!ipaddr.isValid(text)) return text;
  const address = ipaddr.process(text);
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).join(':') : address.toString();
}

async function isWithin(limits: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limits.consume(key);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
}
