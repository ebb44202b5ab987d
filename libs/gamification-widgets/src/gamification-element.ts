import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { Api, ApiError } from './api.js';
import { styles } from './styles.js';
import { type Texts, textsOf } from './texts.js';

/** The name of the event by which a page tells all widgets that something may have changed, on `window`. */
export const CHANGED = 'gamification-changed';

type State<Data> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'shown'; readonly data: Data };

/**
 * What all widgets share: where they read from, in which language they speak, and that they say so while they load, when
 * there is nothing, and when something goes wrong.
 *
 * - `api`: where the `GamificationController` is mounted, `/gamification` unless told,
 * - `locale`: `en`, `ru`, …; that of the page unless told,
 * - `theme`: `light` or `dark`; that of the system unless told.
 */
export abstract class GamificationElement<Data> extends LitElement {
  static override styles = [styles];
  static override properties = {
    api: {},
    locale: {},
    theme: { reflect: true },
    state: { state: true },
  };

  declare api: string;
  declare locale: string;
  declare theme: string | undefined;
  declare protected state: State<Data>;
  private loading = false;
  private outdated = false;

  constructor() {
    super();
    this.api = '/gamification';
    this.locale = '';
    this.state = { kind: 'loading' };
  }

  /** What it is called. */
  protected abstract heading(texts: Texts): string;

  /** What is said where there is nothing. */
  protected abstract nothing(texts: Texts): string;

  protected abstract load(api: Api): Promise<Data>;

  protected abstract isEmpty(data: Data): boolean;

  protected abstract view(data: Data, texts: Texts): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(CHANGED, this.refresh);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(CHANGED, this.refresh);
  }

  /** Reads anew. What is shown stays until the answer is there. */
  readonly refresh = async (): Promise<void> => {
    this.outdated = true;
    // However often it is asked meanwhile, once more is enough.
    if (this.loading) return;
    this.loading = true;
    while (this.outdated) {
      this.outdated = false;
      const state = await this.load(this.client).then(
        (data): State<Data> => ({ kind: 'shown', data }),
        (error: unknown): State<Data> => ({ kind: 'failed', error }),
      );
      if (!this.outdated) this.state = state;
    }
    this.loading = false;
  };

  protected override willUpdate(changed: PropertyValues): void {
    if (this.reloadsOn().some((property) => changed.has(property))) void this.refresh();
  }

  /** The properties on which it depends what is read. */
  protected reloadsOn(): readonly string[] {
    return ['api'];
  }

  protected get client(): Api {
    return new Api(this.api);
  }

  protected get language(): string {
    return this.locale || document.documentElement.lang || navigator.language;
  }

  protected number(value: number): string {
    return new Intl.NumberFormat(this.language).format(value);
  }

  protected time(text: string): string {
    return new Intl.DateTimeFormat(this.language, { dateStyle: 'short', timeStyle: 'short' }).format(
      new Date(text),
    );
  }

  protected override render(): TemplateResult {
    const texts = textsOf(this.language);
    return html`
      <section aria-labelledby="heading" aria-busy=${this.state.kind === 'loading'} lang=${this.language}>
        <h2 id="heading">${this.heading(texts)}</h2>
        ${this.content(texts)}
      </section>
    `;
  }

  private content(texts: Texts): TemplateResult | typeof nothing {
    const { state } = this;
    switch (state.kind) {
      case 'loading':
        return html`<p class="muted" role="status">${texts.loading}</p>`;
      case 'failed': {
        const signedOut = state.error instanceof ApiError && state.error.status === 401;
        return html`
          <p role="alert">${signedOut ? texts.signIn : texts.failed}</p>
          <p><button @click=${this.refresh}>${texts.again}</button></p>
        `;
      }
      case 'shown':
        return this.isEmpty(state.data)
          ? html`<p class="muted">${this.nothing(texts)}</p>`
          : this.view(state.data, texts);
    }
  }
}
