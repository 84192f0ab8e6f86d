import { Component, type ComponentChildren } from 'preact';

interface StatefulProps<S> {
  readonly start: S;
  /** Once, when it is first shown. */
  readonly begin?: (set: (next: Partial<S>) => void) => void;
  readonly view: (state: S, set: (next: Partial<S>) => void) => ComponentChildren;
}

/** A view of one state. In place of hooks, which would weigh more than the cards that use them. */
export class Stateful<S extends object> extends Component<StatefulProps<S>, S> {
  readonly #set = (next: Partial<S>): void => this.setState(next);

  constructor(props: StatefulProps<S>) {
    super(props);
    this.state = props.start;
  }

  override componentDidMount(): void {
    this.props.begin?.(this.#set);
  }

  override render(): ComponentChildren {
    return this.props.view(this.state, this.#set);
  }
}
