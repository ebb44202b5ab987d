import { css, html, nothing, svg, type TemplateResult } from 'lit';
import type { Catalog, PlayerBadge } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import { fill, type Texts } from './texts.js';

/** The picture of badges that have none: `metaInfo.picture` of the mechanics. */
const MEDAL = html`<svg viewBox="0 0 24 24" width="40" height="40">
  ${svg`<path d="M7 2h4l2 6-3 1zM17 2h-4l-2 6 3 1z" fill="currentColor" opacity=".55" />
    <circle cx="12" cy="15" r="7" fill="var(--accent)" />
    <path d="m12 10.5 1.4 2.9 3.1.4-2.3 2.2.6 3.1-2.8-1.5-2.8 1.5.6-3.1-2.3-2.2 3.1-.4z" fill="var(--on-accent)" />`}
</svg>`;

interface Badges {
  readonly earned: readonly Json<PlayerBadge>[];
  readonly all: Json<Catalog>['badges'];
}

/** `<gamification-badges>`: the badges that a user has, and those that are still to come. */
export class GamificationBadges extends GamificationElement<Badges> {
  static override styles = [
    ...GamificationElement.styles,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
        gap: 0.75rem;
      }
      li {
        border: 1px solid var(--border);
        border-radius: var(--radius);
        padding: 0.75rem;
        text-align: center;
      }
      li.open {
        border-style: dashed;
      }
      li.open .picture {
        filter: grayscale(1);
        opacity: 0.5;
      }
      img {
        width: 2.5rem;
        height: 2.5rem;
        object-fit: contain;
      }
    `,
  ];

  protected heading(texts: Texts): string {
    return texts.badges;
  }

  protected nothing(texts: Texts): string {
    return texts.noBadges;
  }

  protected async load(api: Api): Promise<Badges> {
    const [{ badges: earned }, { badges: all }] = await Promise.all([api.me(), api.catalog()]);
    return { earned, all };
  }

  protected isEmpty({ all }: Badges): boolean {
    return all.length === 0;
  }

  protected view({ earned, all }: Badges, texts: Texts): TemplateResult {
    const own = new Map(earned.map((badge) => [badge.badgeId, badge]));
    const ordered = [...all.filter(({ id }) => own.has(id)), ...all.filter(({ id }) => !own.has(id))];
    return html`<ul>
      ${ordered.map((badge) => this.badge(badge, own.get(badge.id), texts))}
    </ul>`;
  }

  private badge(
    { name, description, metaInfo }: Badges['all'][number],
    own: Json<PlayerBadge> | undefined,
    texts: Texts,
  ): TemplateResult {
    const picture = metaInfo?.picture;
    const count = own?.count ?? 0;
    return html`
      <li class=${own ? 'earned' : 'open'}>
        <div class="picture" aria-hidden="true">${picture ? html`<img src=${picture} alt="" />` : MEDAL}</div>
        <strong>${name}</strong>
        ${description ? html`<p class="muted">${description}</p>` : nothing}
        ${own ? nothing : html`<p class="muted">${texts.notYet}</p>`}
        ${count > 1 ? html`<p>${fill(texts.times, { count: this.number(count) })}</p>` : nothing}
      </li>
    `;
  }
}
