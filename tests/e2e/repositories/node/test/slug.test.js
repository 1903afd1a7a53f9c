'use strict';

const assert = require('node:assert');
const { test } = require('node:test');

const { numbered, slug } = require('../src/slug');

test('spaces become dashes', () => assert.equal(slug('High Tide'), 'high-tide'));
test('a number stands in front', () => assert.equal(numbered(7, 'Tide'), '007-tide'));
