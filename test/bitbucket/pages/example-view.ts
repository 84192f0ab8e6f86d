import type { PageView, TokenView } from './page-view.ts';

const day = 86_400_000;
const created = Date.UTC(2026, 5, 1);

function token(number: number, name: string, rest: Partial<TokenView> = {}): TokenView {
  return {
    id: String(number).padStart(12, '0'),
    name,
    createdDate: created + number * day,
    permissions: ['PROJECT_READ', 'REPO_READ'],
    ...rest,
  };
}

/** Token names that break a page, or an extension, which is not careful. */
export const awkwardTokens: readonly TokenView[] = [
  token(1, 'backup'),
  token(2, 'backup', { permissions: ['PROJECT_ADMIN', 'REPO_ADMIN'] }),
  token(3, 'backup for CI', { expiryDate: created + 90 * day, lastAuthenticated: created + 4 * day }),
  token(4, `</script><img src=x onerror="injected=1"><b>"quoted" & 'bold'</b>`),
  token(5, 'Übersicht — 备份 🔐 نسخة'),
  token(6, `nightly-${'very-long-name-'.repeat(12)}end`, { expiryDate: created + day }),
  token(7, 'Edit'),
  token(8, 'constructor'),
];

/** A view of a logged-in page with the awkward tokens, but for what is given. */
export function exampleView(changes: Partial<PageView>): PageView {
  return {
    contextPath: '',
    baseUrl: 'http://bitbucket.test:7990',
    version: '8.19.2',
    user: { id: 7, name: 'ana', slug: 'ana', displayName: 'Ana <Ops> Lima', emailAddress: 'ana@example.test' },
    nonce: null,
    variant: 'aui-table',
    tokens: awkwardTokens,
    projects: [{ key: 'PAY', name: 'Payments & <Billing>', id: 1 }],
    ...changes,
  };
}
