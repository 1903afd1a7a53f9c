'use strict';

const assert = require('node:assert');
const { test } = require('node:test');

const { bar } = require('../src/bar');

test('a half is five marks', () => assert.equal(bar(0.5), '#####'));
