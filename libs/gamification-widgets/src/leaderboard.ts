import { html, nothing, type TemplateResult } from 'lit';
import type { Catalog, Place } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import type { Texts } from './texts.js';

interface Board {
  readonly places: readonly Json<Place>[];
  readonly rating: Json<Catalog>['ratings'][number] | undefined;
}

/**
 * `<gamification-leaderboard>`: who is where, with the periods that the rating has.
 *
 * - `rating`: the rating's id; the first one unless told,
 * - `of`: `around` the user (unless told), `top`, or `friends`,
 * - `period`: which of its periods is shown first.
 */
export class GamificationLeaderboard extends GamificationElement<Board> {
  static override properties = { ...GamificationElement.properties, rating: {}, of: {}, period: {} };

  declare rating: string;
  declare of: string;
  declare period: string;

  constructor() {
    super();
    this.rating = '';
    this.of = 'around';
    this.period = '';
  }

  protected heading(texts: Texts): string {
    return texts.leaderboard;
  }

  protected nothing(texts: Texts): string {
    return texts.noPlaces;
  }

  protected override reloadsOn(): readonly string[] {
    return ['api', 'rating', 'of', 'period'];
  }

  protected async load(api: Api): Promise<Board> {
    const { ratings } = await api.catalog();
    const rating = this.rating ? ratings.find(({ id }) => id === this.rating) : ratings[0];
    const id = this.rating || rating?.id;
    return { rating, places: id ? await api.leaderboard(id, this.of, this.period) : [] };
  }

  protected isEmpty({ places, rating }: Board): boolean {
    return places.length === 0 && (rating?.periods.length ?? 0) < 2;
  }

  protected view({ places, rating }: Board, texts: Texts): TemplateResult {
    const { periods = [], name = '' } = rating ?? {};
    return html`
      ${periods.length > 1 ? this.choice(periods, texts) : nothing}
      ${
        places.length === 0
          ? html`<p class="muted">${texts.noPlaces}</p>`
          : html`<table>
            <caption class="hidden">
              ${name}
            </caption>
            <thead>
              <tr>
                <th scope="col">${texts.place}</th>
                <th scope="col">${texts.player}</th>
                <th scope="col" class="number">${texts.value}</th>
              </tr>
            </thead>
            <tbody>
              ${places.map((place) => this.place(place, texts))}
            </tbody>
          </table>`
      }
    `;
  }

  private choice(periods: readonly string[], texts: Texts): TemplateResult {
    const choose = (event: Event) => {
      this.period = (event.target as HTMLSelectElement).value;
    };
    const chosen = this.period || periods[0];
    return html`<p>
      <label>
        ${texts.period}
        <select @change=${choose}>
          ${periods.map(
            (period) =>
              html`<option value=${period} ?selected=${period === chosen}>
                ${texts.periods[period] ?? period}
              </option>`,
          )}
        </select>
      </label>
    </p>`;
  }

  private place({ position, userId, displayName, value, isOwn }: Json<Place>, texts: Texts): TemplateResult {
    return html`<tr aria-current=${isOwn ? 'true' : nothing}>
      <td>${position}</td>
      <td>${displayName ?? userId}${isOwn ? html` (${texts.you})` : nothing}</td>
      <td class="number">${this.number(value)}</td>
    </tr>`;
  }
}
