import { html, nothing, type TemplateResult } from 'lit';
import type { Catalog, Player, PlayerRating } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import { fill, type Texts } from './texts.js';

interface Profile {
  readonly me: Json<Player>;
  readonly catalog: Json<Catalog>;
}

/** `<gamification-profile>`: what a user has reached in each rating, the level, and how far the next one is. */
export class GamificationProfile extends GamificationElement<Profile> {
  protected heading(texts: Texts): string {
    return texts.profile;
  }

  protected nothing(texts: Texts): string {
    return texts.noRatings;
  }

  protected async load(api: Api): Promise<Profile> {
    const [me, catalog] = await Promise.all([api.me(), api.catalog()]);
    return { me, catalog };
  }

  protected isEmpty({ me }: Profile): boolean {
    return me.ratings.length === 0;
  }

  protected view({ me, catalog }: Profile, texts: Texts): TemplateResult {
    return html`<div class="stack">${me.ratings.map((rating) => this.rating(rating, catalog, texts))}</div>`;
  }

  private rating(
    { ratingId, name, value, level }: Json<PlayerRating>,
    { ratings }: Json<Catalog>,
    texts: Texts,
  ): TemplateResult {
    const { levels = [], lowerIsBetter = false } = ratings.find(({ id }) => id === ratingId) ?? {};
    return html`
      <div>
        <div class="row">
          <h3>${name}</h3>
          <strong>${this.number(value)}</strong>
        </div>
        ${level ? html`<p>${fill(texts.level, { level })}</p>` : nothing}
        ${levels.length > 0 && !lowerIsBetter ? this.progress(name, value, levels, texts) : nothing}
      </div>
    `;
  }

  private progress(
    name: string,
    value: number,
    levels: Json<Catalog>['ratings'][number]['levels'],
    texts: Texts,
  ): TemplateResult {
    const next = levels.find(({ from }) => from > value);
    const from = levels.findLast((level) => level.from <= value)?.from ?? Math.min(0, value);
    if (!next) return html`<p class="muted">${texts.highest}</p>`;
    const left = fill(texts.toNext, { left: this.number(next.from - value), next: next.name });
    return html`
      <progress aria-label=${`${name}: ${left}`} max=${next.from - from} value=${value - from}></progress>
      <p class="muted">${left}</p>
    `;
  }
}
