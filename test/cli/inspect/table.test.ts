import { expect } from 'chai';
import { layOut, widthOfTable } from '../../../src/cli/inspect/table';

const rows = [
  ['EXPORT', 'BECAUSE OF', 'REQUIRE'],
  ['streamText', 'source: async iterables, name: stream', 'locked getter → exports'],
  ['count', 'name: stream', 'property → property'],
];

describe('a table', () => {
  it('aligns its columns', () => {
    expect(layOut(rows, 100)).to.deep.equal([
      'EXPORT      BECAUSE OF                             REQUIRE',
      'streamText  source: async iterables, name: stream  locked getter → exports',
      'count       name: stream                           property → property',
    ]);
  });

  it('takes room from the second column first', () => {
    expect(layOut(rows, 60)).to.deep.equal([
      'EXPORT      BECAUSE OF               REQUIRE',
      'streamText  source: async iterable…  locked getter → exports',
      'count       name: stream             property → property',
    ]);
  });

  it('keeps the names for as long as it can', () => {
    const [, line] = layOut(rows, 38);
    expect(line).to.match(/^streamText {2}source: asy… {2}locked gett…$/);
  });

  for (const columns of [40, 60, 80, 120]) {
    it(`keeps within ${columns} columns`, () => {
      for (const line of layOut(rows, columns)) expect(line.length).to.be.at.most(columns);
    });
  }

  it('counts the columns of wide characters', () => {
    expect(
      layOut(
        [
          ['A', 'B', 'C'],
          ['日本', 'b', 'c'],
          ['abcde', 'b', 'c'],
        ],
        80,
      ),
    ).to.deep.equal(['A      B  C', '日本   b  c', 'abcde  b  c']);
  });

  it('cuts a name in the middle: its end says which it is', () => {
    const names = [
      ['EXPORT', 'BECAUSE OF'],
      ['OpenAI.Chat.Completions#stream', 'name: stream'],
      ['OpenAI.Chat.Completions#create', 'name: stream'],
    ];
    const [, ...lines] = layOut(names, 34);
    expect(lines).to.deep.equal(['OpenAI…etions#stream  name: stream', 'OpenAI…etions#create  name: stream']);
  });

  it('knows the width at which nothing is cut', () => {
    const width = widthOfTable(rows);
    expect(layOut(rows, width).join()).not.to.include('…');
    expect(layOut(rows, width - 1).join()).to.include('…');
  });
});
