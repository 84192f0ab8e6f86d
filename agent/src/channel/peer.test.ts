import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownerIn } from './peer.ts';

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
const row = ({ local, remote, state, uid }: { local: string; remote: string; state: string; uid: number }) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 12345 1 0000000000000000 20 4 30 10 -1`;
const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const find = (local: string, remote: string, state = '01') => ownerIn(row({ local, remote, state, uid: 0 }), 40_000, 7717);
const address = fc.constantFrom('0100007F', '00000000', '0101A8C0', '0000000000000000FFFF00000100007F');
const port = fc.integer({ min: 1, max: 65_535 });
const anyRow = fc.record({ a: address, p: port, b: address, q: port, state: fc.constantFrom('01', '06', '0A'), uid: fc.nat(70_000) });

describe('the owner of the other end', () => {
  test('is found among any other connections, in either table', () => {
    fc.assert(
      fc.property(
        fc.array(anyRow),
        fc.record({
          client: port,
          agent: port,
          uid: fc.nat(70_000),
          loopback: fc.constantFrom('0100007F', '0000000000000000FFFF00000100007F'),
        }),
        (rows, { client, agent, uid, loopback }) => {
          const others = rows
            .filter(({ p, q }) => p !== client || q !== agent)
            .map(({ a, p, b, q, state, uid: other }) => row({ local: `${a}:${hex(p)}`, remote: `${b}:${hex(q)}`, state, uid: other }));
          const own = row({ local: `${loopback}:${hex(client)}`, remote: `${loopback}:${hex(agent)}`, state: '01', uid });
          expect(ownerIn([head, ...others, own, ''].join('\n'), client, agent)).toBe(uid);
          expect(ownerIn([head, ...others, ''].join('\n'), client, agent)).toBeUndefined();
        },
      ),
    );
  });

  test('is not our own end, nor a connection that is over, nor one over the network', () => {
    expect(find(`0100007F:${hex(40_000)}`, `0100007F:${hex(7717)}`)).toBe(0);
    expect(find(`0100007F:${hex(7717)}`, `0100007F:${hex(40_000)}`)).toBeUndefined();
    expect(find(`0100007F:${hex(40_000)}`, `0100007F:${hex(7717)}`, '06')).toBeUndefined();
    expect(find(`0101A8C0:${hex(40_000)}`, `0100007F:${hex(7717)}`)).toBeUndefined();
  });

  test('is undefined for any text that is no table', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(ownerIn(text, 1, 2)).toBeUndefined();
      }),
    );
  });
});
