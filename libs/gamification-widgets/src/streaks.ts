import { css, html, nothing, type TemplateResult } from 'lit';
import type { Catalog, PlayerStreak } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import { fill, type Texts } from './texts.js';

/** Days or weeks that are shown. */
const SHOWN = 35;
const DAY = 86_400_000;

interface Streaks {
  readonly own: readonly Json<PlayerStreak>[];
  readonly all: Json<Catalog>['streaks'];
}

/** `<gamification-streaks>`: days or weeks in a row, with a calendar of the last ones. */
export class GamificationStreaks extends GamificationElement<Streaks> {
  static override styles = [
    ...GamificationElement.styles,
    css`
      .calendar {
        display: grid;
        grid-template-columns: repeat(7, 1fr);
        gap: 4px;
        max-width: 16rem;
        margin-top: 0.5rem;
      }
      .calendar span {
        aspect-ratio: 1;
        border: 1px solid var(--border);
        border-radius: 4px;
      }
      .calendar .active {
        background: var(--accent);
        border-color: var(--accent);
      }
    `,
  ];

  protected heading(texts: Texts): string {
    return texts.streaks;
  }

  protected nothing(texts: Texts): string {
    return texts.noStreaks;
  }

  protected async load(api: Api): Promise<Streaks> {
    const [{ streaks: own }, { streaks: all }] = await Promise.all([api.me(), api.catalog()]);
    return { own, all };
  }

  protected isEmpty({ own }: Streaks): boolean {
    return own.length === 0;
  }

  protected view({ own, all }: Streaks, texts: Texts): TemplateResult {
    return html`<div class="stack">
      ${own.map((streak) => this.streak(streak, all.find(({ id }) => id === streak.streakId)?.every ?? 'day', texts))}
    </div>`;
  }

  private streak(
    { name, length, longest, freezes, recent }: Json<PlayerStreak>,
    every: 'day' | 'week',
    texts: Texts,
  ): TemplateResult {
    const active = new Set(recent);
    return html`
      <div>
        <div class="row">
          <h3>${name}</h3>
          <strong>${fill(texts.streak[every], { length: this.number(length) })}</strong>
        </div>
        <p class="muted">
          ${fill(texts.longest, { longest: this.number(longest) })}
          ${freezes > 0 ? html` · ${fill(texts.freezes, { freezes: this.number(freezes) })}` : nothing}
        </p>
        <div class="calendar" role="img" aria-label=${fill(texts.activeOn[every], { count: active.size })}>
          ${lastDates(every).map(
            (date) => html`<span class=${active.has(date) ? 'active' : ''} title=${date}></span>`,
          )}
        </div>
      </div>
    `;
  }
}

/** The dates of the last days, or of the last Mondays, in order, as the user's clock has them. */
function lastDates(every: 'day' | 'week'): readonly string[] {
  const now = new Date();
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  const last = every === 'day' ? today : today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
  const step = every === 'day' ? DAY : 7 * DAY;
  return Array.from({ length: SHOWN }, (_, index) =>
    new Date(last - (SHOWN - 1 - index) * step).toISOString().slice(0, 'yyyy-mm-dd'.length),
  );
}
