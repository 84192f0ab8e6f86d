import { useState } from 'preact/hooks';
import { Button } from '../../in-page/parts.tsx';
import type { TokensSession } from '../tokens-session.ts';
import { Adding, type Carried } from './adding.tsx';

interface OfferCardProps {
  readonly session: TokensSession;
  readonly carried: Carried;
  readonly close: () => void;
}

/** For a secret that Bitbucket shows right now, and never again. */
export function OfferCard({ session, carried, close }: OfferCardProps) {
  const [taken, setTaken] = useState(false);
  if (taken) return <Adding session={session} carried={carried} propose={[]} leftover={null} close={close} />;
  const name = carried.token === null ? 'it' : `“${carried.token.name}”`;
  return (
    <>
      <div class="line">
        <p class="text">
          <b>New token shown.</b> Add {name} to GitProtect?
        </p>
        <Button look="quiet" act={close}>
          Not now
        </Button>
        <Button look="primary" act={() => setTaken(true)}>
          Add
        </Button>
      </div>
    </>
  );
}
