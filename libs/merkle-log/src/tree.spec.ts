import { hash } from 'node:crypto';
import { CompactTree, emptyRoot, nodeHash, treeRoot } from './tree.js';

const leafHash = (hex: string): string => hash('sha256', Buffer.from(`00${hex}`, 'hex'), 'hex');

/**
 * The leaves and roots with which Certificate Transparency, and every implementation of RFC 6962
 * after it, tests its trees.
 */
const knownLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const knownRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('a tree', () => {
  const leaves = knownLeaves.map(leafHash);

  it('has the roots that are known for RFC 6962', () => {
    expect(knownRoots.map((_, size) => treeRoot(leaves.slice(0, size)))).toEqual(knownRoots);
  });

  it('has the same root however far it had grown before', () => {
    const tree = new CompactTree();
    for (const [size, root] of knownRoots.entries()) {
      expect([tree.size, tree.root()]).toEqual([size, root]);
      expect(new CompactTree(size, tree.edge).root()).toBe(root);
      if (size < leaves.length) tree.append(leaves[size]!);
    }
  });

  it('of one leaf is that leaf, and of none the hash of nothing', () => {
    expect(treeRoot([leaves[3]!])).toBe(leaves[3]);
    expect(emptyRoot).toBe(hash('sha256', '', 'hex'));
    expect(nodeHash(leaves[0]!, leaves[1]!)).not.toBe(nodeHash(leaves[1]!, leaves[0]!));
  });

  it('refuses what is not a hash, and a right edge of another size', () => {
    const [leaf] = leaves as [string];
    for (const wrong of [
      '',
      leaf.slice(1),
      `${leaf}0`,
      leaf.toUpperCase(),
      leaf.replace(/.$/, 'g'),
    ]) {
      expect(() => treeRoot([leaf, wrong])).toThrow(RangeError);
    }
    for (const size of [1, 3, -1, 0.5, Number.NaN, 2 ** 53])
      expect(() => new CompactTree(size)).toThrow(RangeError);
    expect(() => new CompactTree(2, [leaf, leaf])).toThrow(RangeError);
    expect(() => new CompactTree(1, ['0'])).toThrow(RangeError);
  });

  it('counts on beyond 32 bits, and stops at 2^53-1 leaves', () => {
    const [leaf] = leaves as [string];
    const tree = new CompactTree(2 ** 40 + 1, [leaf, leaf]);
    tree.append(leaf);
    expect(tree.edge).toEqual([leaf, nodeHash(leaf, leaf)]);
    const full = new CompactTree(Number.MAX_SAFE_INTEGER, new Array<string>(53).fill(leaf));
    expect(() => full.append(leaf)).toThrow('full');
  });
});
