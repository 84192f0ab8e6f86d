const headers = { 'Content-Type': 'application/json', 'X-Atlassian-Token': 'no-check' };

const callRest = async (method, address, body) => {
  const response = await fetch(address, { method, credentials: 'same-origin', headers, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  return response.status === 204 ? undefined : response.json();
};

/** The user's tokens through REST, with the session's cookie. Refusals are thrown as an Error with `status`. */
export const tokensAt = (url) => ({
  list: async () => {
    const tokens = [];
    for (let start = 0, last = false; !last;) {
      const answer = await callRest('GET', `${url}?start=${start}&limit=25`);
      tokens.push(...answer.values);
      start = answer.nextPageStart ?? tokens.length;
      last = answer.isLastPage !== false;
    }
    return tokens;
  },
  create: (request) => callRest('PUT', url, request),
  revoke: (id) => callRest('DELETE', `${url}/${encodeURIComponent(id)}`),
});
