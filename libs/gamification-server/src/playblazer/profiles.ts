import { Inject, Injectable } from '@nestjs/common';
import { Friends, Players } from 'nestjs-gamification';

/** The networks by whose ids Playblazer names users, as its profiles call them ([seed]). */
const FIELDS: readonly (readonly [network: string, field: string])[] = [
  ['facebook', 'fbid'],
  ['twitter', 'twitterid'],
  ['google', 'googleid'],
  ['deviceid', 'deviceid'],
  ['email', 'email'],
];

/** A profile as the protocol shows it. */
export type ProfileView = Readonly<Record<string, string | null>>;

/** Playblazer's profiles: users of the library, with the ids of social networks that `Friends` knows of them. */
@Injectable()
export class Profiles {
  constructor(
    @Inject(Friends) private readonly friends: Friends,
    @Inject(Players) private readonly players: Players,
  ) {}

  /** The user with an id of a mode; nothing where there is no such profile. */
  find(mode: string, id: string): Promise<string | undefined> {
    return this.friends.userOf(networkOf(mode), id);
  }

  /**
   * Makes a profile where there is none yet, with those friends who have one.
   *
   * @param friends ids in the same network
   */
  async login(mode: string, id: string, friends: readonly string[]): Promise<string> {
    const network = networkOf(mode);
    const userId = (await this.friends.userOf(network, id)) ?? `${network}:${id}`;
    await this.friends.import({ userId, network, socialId: id, friends });
    return userId;
  }

  /** How profiles look, by user. */
  async views(userIds: readonly string[]): Promise<ReadonlyMap<string, ProfileView>> {
    const ids = await this.friends.socialIdsOf(userIds);
    const views = new Map<string, ProfileView>();
    for (const userId of userIds) {
      const { firstName, lastName, language, name } = await this.players.traits(userId);
      const fields = FIELDS.map(([network, field]) => [
        field,
        ids.find((each) => each.userId === userId && each.network === network)?.socialId ?? null,
      ]);
      const username = ids.find((each) => each.userId === userId && each.network === 'username')?.socialId;
      views.set(userId, {
        first_name: textOrNull(firstName) ?? textOrNull(name),
        last_name: textOrNull(lastName),
        ...Object.fromEntries(fields),
        ...(username === undefined ? {} : { username }),
        ...(typeof language === 'string' ? { lang: language } : {}),
      });
    }
    return views;
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** `fb` and `facebook` are one; every other mode is a network of its name. */
function networkOf(mode: string): string {
  return mode === 'fb' ? 'facebook' : mode;
}
