import { html } from './html.ts';
import { type ArchiveOf, page } from './page.ts';

/** The list of pull requests: an empty frame, which the script fills from `search.js`. */
export function indexPage(of: ArchiveOf, settings: boolean): string {
  const body = html`<h1>Pull requests</h1>
    <noscript
      ><p class="note">
        The list and its search need JavaScript. Without it, every pull request is a page in the folder “pull-requests”.
      </p></noscript
    >
    <form class="search" role="search" id="search" hidden>
      <div class="field grow">
        <label for="words">Search</label>
        <input
          id="words"
          type="search"
          autocomplete="off"
          spellcheck="false"
          placeholder="Title, number, author, branch, text of comments"
        />
      </div>
      <div class="field">
        <label for="order">Sort</label>
        <select id="order">
          <option value="newest">Newest first</option>
          <option value="oldest">Oldest first</option>
          <option value="updated">Last updated first</option>
          <option value="comments">Most comments first</option>
        </select>
      </div>
      <fieldset class="states">
        <legend class="unseen">State</legend>
        <label><input type="radio" name="state" value="" checked /> All <span data-count=""></span></label>
        <label><input type="radio" name="state" value="OPEN" /> Open <span data-count="OPEN"></span></label>
        <label><input type="radio" name="state" value="MERGED" /> Merged <span data-count="MERGED"></span></label>
        <label><input type="radio" name="state" value="DECLINED" /> Declined <span data-count="DECLINED"></span></label>
      </fieldset>
    </form>
    <p class="sub" id="found" role="status"></p>
    <ol class="list" id="list"></ol>
    <nav class="pages" id="pages" aria-label="Pages" hidden>
      <button type="button" class="button" id="before">Previous</button>
      <span id="page" class="sub"></span>
      <button type="button" class="button" id="after">Next</button>
    </nav>
    <script src="./search.js" defer></script>`;
  return page(of, { title: 'Pull requests', root: '.', at: 'list', settings }, body);
}
