import { render } from 'preact';
import { realStore } from '../../ui/real-store.ts';
import { StoreContext } from '../../ui/store/use-store.ts';
import { Management } from './management.tsx';

const root = document.getElementById('app');
if (root !== null) {
  render(
    <StoreContext.Provider value={realStore()}>
      <Management />
    </StoreContext.Provider>,
    root,
  );
}
