import { css, html, nothing, type TemplateResult } from 'lit';
import type { Catalog, Player } from 'nestjs-gamification';
import type { Api, Json } from './api.js';
import { GamificationElement } from './gamification-element.js';
import { fill, type Texts } from './texts.js';

interface Challenges {
  readonly me: Json<Player>;
  readonly catalog: Json<Catalog>;
}

/** `<gamification-challenges>`: what there is to do, and what of it is done. */
export class GamificationChallenges extends GamificationElement<Challenges> {
  static override styles = [
    ...GamificationElement.styles,
    css`
      li {
        padding: 0.2rem 0;
      }
    `,
  ];

  protected heading(texts: Texts): string {
    return texts.challenges;
  }

  protected nothing(texts: Texts): string {
    return texts.noChallenges;
  }

  protected async load(api: Api): Promise<Challenges> {
    const [me, catalog] = await Promise.all([api.me(), api.catalog()]);
    return { me, catalog };
  }

  protected isEmpty({ catalog }: Challenges): boolean {
    return catalog.challenges.length === 0;
  }

  protected view({ me, catalog }: Challenges, texts: Texts): TemplateResult {
    return html`<div class="stack">
      ${catalog.challenges.map((challenge) => this.challenge(challenge, me, catalog, texts))}
    </div>`;
  }

  private challenge(
    { id, name, description, steps, rewards }: Json<Catalog>['challenges'][number],
    { challenges }: Json<Player>,
    { resources }: Json<Catalog>,
    texts: Texts,
  ): TemplateResult {
    const own = challenges.find(({ challengeId }) => challengeId === id);
    const passed = new Set(own?.passedSteps.map(({ challengeStepId }) => challengeStepId));
    const all = steps.reduce((sum, { weight }) => sum + weight, 0);
    const reward = rewards
      .map(({ resource, amount }) => {
        const called = resources.find((each) => each.id === resource)?.name ?? resource;
        return `${this.number(amount)} ${called}`;
      })
      .join(', ');
    return html`
      <div>
        <div class="row">
          <h3>${name}</h3>
          ${own?.completed ? html`<strong>${texts.completed}</strong>` : nothing}
        </div>
        ${description ? html`<p class="muted">${description}</p>` : nothing}
        <progress aria-label=${name} max=${all} value=${own?.progress ?? 0}></progress>
        <ul>
          ${steps.map((step, index) => {
            const done = passed.has(step.id);
            const called = step.name ?? fill(texts.step, { number: index + 1 });
            return html`<li>
              <span aria-hidden="true">${done ? '☑' : '☐'}</span>
              <span class="hidden">${done ? texts.done : texts.open}</span>
              ${called}
            </li>`;
          })}
        </ul>
        ${reward ? html`<p class="muted">${fill(texts.reward, { reward })}</p>` : nothing}
      </div>
    `;
  }
}
