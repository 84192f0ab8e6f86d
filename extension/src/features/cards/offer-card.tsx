import { Button } from '../../in-page/parts.tsx';
import { Stateful } from '../../in-page/stateful.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { Adding, type Carried } from './adding.tsx';

interface OfferCardProps {
  readonly session: TokensSession;
  readonly carried: Carried;
  readonly close: () => void;
}

/** For a secret that Bitbucket shows right now, and never again. */
export function OfferCard({ session, carried, close }: OfferCardProps) {
  const name = carried.token === null ? 'it' : `“${carried.token.name}”`;
  return (
    <Stateful
      start={{ taken: false }}
      view={({ taken }, set) =>
        taken ? (
          <Adding session={session} carried={carried} renews={null} leftover={null} close={close} />
        ) : (
          <div class="line">
            <p class="text">
              <b>New token shown.</b> Add {name} to GitProtect?
            </p>
            <Button look="quiet" act={close}>
              Not now
            </Button>
            <Button look="primary" act={() => set({ taken: true })}>
              Add
            </Button>
          </div>
        )
      }
    />
  );
}
