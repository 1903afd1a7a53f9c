'use strict';

const assert = require('node:assert');
const { describe, it } = require('node:test');

const { line } = require('../src/line');

describe('a line', () => {
  it('says how often', () => assert.equal(line('ada', 2), 'ada: 2 times'));
  it('says once without an s', () => assert.equal(line('bo', 1), 'bo: 1 time'));
});
